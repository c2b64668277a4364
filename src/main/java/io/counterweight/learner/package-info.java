/**
 * The online learner of one key: predict, then learn; lanes side by side; trusted labels kept and
 * used.
 *
 * <p>May import {@code java..} and the core packages below it ({@code event}, {@code model}, {@code
 * optim}, {@code meta}, {@code compute}). Knows nothing of Flink, Kafka or Avro.
 */
package io.counterweight.learner;
