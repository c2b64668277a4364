package io.counterweight.console;

/**
 * Where a snapshot lies on the models topic.
 *
 * @param partition of the topic
 * @param offset in it
 * @param version of the model
 * @param bytes of the learner
 */
record ModelPlace(int partition, long offset, long version, int bytes) {}
