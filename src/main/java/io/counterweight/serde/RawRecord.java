package io.counterweight.serde;

import java.util.Objects;

/**
 * A record as it lies on its topic.
 *
 * @param topic the topic
 * @param partition from 0
 * @param offset within the partition
 * @param timestamp the broker's, milliseconds since the epoch; -1 where there is none
 * @param key bytes, or null
 * @param value bytes, or null for a tombstone
 */
public record RawRecord(
    String topic, int partition, long offset, long timestamp, byte[] key, byte[] value) {
  public RawRecord {
    Objects.requireNonNull(topic, "topic");
  }
}
