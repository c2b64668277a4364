package io.counterweight.config;

/**
 * How the input topics are read.
 *
 * @param format of both input topics
 * @param startingOffsets where a job without a checkpoint begins
 * @param maxRecordBytes longer records are rejected
 * @param maxIdLength events with longer ids or model keys, in characters, are rejected
 */
public record InputSettings(
    Format format, StartingOffsets startingOffsets, int maxRecordBytes, int maxIdLength) {

  /** Encoding of a record. */
  public enum Format {
    /** Avro with a schema marker in front. */
    AVRO,
    /** One JSON object a record, for trials by hand. */
    JSON
  }

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
