package io.counterweight.event;

/**
 * A record that could not be used, with all that is needed to find, mend and send it again.
 *
 * @param topic where it was read
 * @param partition the partition
 * @param offset the offset
 * @param key the record's key bytes, or null
 * @param value the record's original value bytes; empty for a tombstone
 * @param reason stable code for counting and routing
 * @param message what was expected, what was found
 * @param rejectedTime the record's broker time stamp, milliseconds since the epoch
 */
public record RejectedRecord(
    String topic,
    int partition,
    long offset,
    byte[] key,
    byte[] value,
    Reason reason,
    String message,
    long rejectedTime) {

  /** Why a record was rejected. */
  public enum Reason {
    /** The bytes are not in the configured format. */
    MALFORMED,
    /**
     * The schema that the payload names, by fingerprint or registry id, is unknown, or its records
     * cannot become this one.
     */
    UNKNOWN_SCHEMA,
    /** The number of features is not the model's. */
    FEATURE_COUNT,
    /** A feature is infinite. */
    NON_FINITE,
    /** The label is not a class of the model, or a trusted event has none. */
    LABEL,
    /** A name, key or identifier is empty or too long. */
    IDENTIFIER,
    /** With {@code ordering: event-time}, the event came after the watermark had passed it. */
    LATE,
    /** Its model key is new and the subtask has as many as {@code state.max-keys} allows. */
    KEY_LIMIT,
    /** The scorer has no model of its key. */
    NO_MODEL
  }
}
