package io.counterweight.config;

import io.counterweight.serde.EventFormat;

/**
 * How the input topics are read.
 *
 * @param format of all input topics
 * @param startingOffsets where a job without a checkpoint begins
 * @param maxRecordBytes longer records are rejected
 * @param maxIdLength events with longer ids or model keys, in characters, are rejected
 */
public record InputSettings(
    EventFormat format, StartingOffsets startingOffsets, int maxRecordBytes, int maxIdLength) {

  /** First offsets of a job that starts without a checkpoint. */
  public enum StartingOffsets {
    EARLIEST,
    LATEST,
    /** Those of the consumer group; {@link #EARLIEST} for partitions where it has none. */
    COMMITTED
  }

  public InputSettings {
    Options.INPUT_FORMAT.check(format);
    Options.STARTING_OFFSETS.check(startingOffsets);
    Options.MAX_RECORD_BYTES.check((long) maxRecordBytes);
    Options.MAX_ID_LENGTH.check(maxIdLength);
  }
}
