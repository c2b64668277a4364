package io.counterweight.serde;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import io.counterweight.registry.SchemaRegistry;
import java.util.Arrays;
import java.util.Map;

/**
 * Makes an event or a reject of every record; drops none, throws at none. Not thread-safe.
 *
 * <p>Only {@link DecodeException} becomes a reject. Any other exception is a fault of this program,
 * and must fail the job: caught here, it would send every record to the rejects of a job that looks
 * well.
 */
public final class EventDecoder {

  /**
   * Longest key and value kept in a reject, in bytes. A reject must fit into a Kafka message
   * together with its other fields, or the sink of rejects would fail the job for ever.
   */
  static final int MAX_KEPT_BYTES = 512 << 10;

  private static final byte[] NO_BYTES = {};

  private final EventFormat format;
  private final EventLimits limits;
  private final RecordCodec<Event> codec;

  /** A decoder of a format that needs no registry. */
  public EventDecoder(EventFormat format, EventLimits limits) {
    this(format, limits, null, "events");
  }

  /**
   * A decoder of any format.
   *
   * @param registry null where the format needs none
   * @param topic whose records these are
   */
  public EventDecoder(
      EventFormat format, EventLimits limits, SchemaRegistry registry, String topic) {
    this.format = format;
    this.limits = limits;
    this.codec = format.newCodec(limits, registry, topic);
  }

  /**
   * Decodes what the same codec encodes, so that a broken installation fails at the start.
   *
   * @throws IllegalStateException if it cannot
   */
  public void selfTest() {
    float[] features = new float[limits.features() == EventLimits.ANY ? 3 : limits.features()];
    Arrays.fill(features, 0.5f);
    if (features.length > 0) {
      features[0] = Float.NaN;
    }
    Event sample = new Event("s", "s", 1_700_000_000_000L, features, 1, "s", Map.of("é", "s"));
    // To encode would be to register a schema under a subject that belongs to others.
    RecordCodec<Event> tested =
        format == EventFormat.CONFLUENT ? EventFormat.AVRO.newCodec(limits) : codec;
    Event decoded;
    try {
      decoded = tested.decode(tested.encode(sample));
    } catch (DecodeException e) {
      throw new IllegalStateException(
          "The " + format + " codec refuses its own sample event under " + limits, e);
    }
    if (!Arrays.equals(sample.features(), decoded.features())
        || !sample.attributes().equals(decoded.attributes())
        || sample.label() != decoded.label()) {
      throw new IllegalStateException(
          "The "
              + format
              + " codec does not read what it writes: expected "
              + sample
              + ", found "
              + decoded);
    }
  }

  /**
   * @param record its arrays are not changed; a reject keeps them
   */
  public Decoded decode(RawRecord record) {
    if (record.value() == null) {
      return reject(
          record,
          DecodeException.malformed("Expected a value, found a tombstone; events are not deleted"));
    }
    try {
      return new Decoded.Accepted(codec.decode(record.value()));
    } catch (DecodeException e) {
      return reject(record, e);
    }
  }

  private static Decoded reject(RawRecord record, DecodeException cause) {
    byte[] value = record.value() == null ? NO_BYTES : record.value();
    String message = cause.getMessage();
    if (value.length > MAX_KEPT_BYTES) {
      message += "; kept are the first " + MAX_KEPT_BYTES + " of " + value.length + " bytes";
    }
    return new Decoded.Rejected(
        new RejectedRecord(
            record.topic(),
            record.partition(),
            record.offset(),
            record.key() == null ? null : beginning(record.key(), MAX_KEPT_BYTES / 8),
            beginning(value, MAX_KEPT_BYTES),
            cause.reason(),
            message,
            record.timestamp()));
  }

  private static byte[] beginning(byte[] bytes, int longest) {
    return bytes.length <= longest ? bytes : Arrays.copyOf(bytes, longest);
  }
}
