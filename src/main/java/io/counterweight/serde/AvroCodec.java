package io.counterweight.serde;

import io.counterweight.event.RejectedRecord.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Avro's single-object encoding: the marker {@code C3 01}, the schema's 64-bit fingerprint in
 * little-endian order, the body. Random bytes fail at the marker, another topic's records and
 * unknown versions at the fingerprint. Not thread-safe.
 */
final class AvroCodec<T> implements RecordCodec<T> {
  private static final int MARKER = 0xC301;
  private static final int HEADER_BYTES = 2 + Long.BYTES;

  private final RecordBody<T> body;
  private final long fingerprint;
  private final byte[] header;
  private final Map<Long, Transcoder> earlier = new HashMap<>();

  private final BodyWriter writer = new BodyWriter();
  private final BodyReader reader = new BodyReader();

  /**
   * @param history schemas of earlier releases that can still be read
   */
  AvroCodec(RecordBody<T> body, List<Schema> history) {
    this.body = body;
    this.fingerprint = SchemaNormalization.parsingFingerprint64(body.schema());
    this.header =
        ByteBuffer.allocate(HEADER_BYTES)
            .putShort((short) MARKER)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(fingerprint)
            .array();
    for (Schema schema : history) {
      earlier.put(
          SchemaNormalization.parsingFingerprint64(schema), new Transcoder(schema, body.schema()));
    }
  }

  @Override
  public byte[] encode(T record) {
    writer.reset();
    writer.writeRaw(header);
    body.write(record, writer);
    return writer.toByteArray();
  }

  @Override
  public T decode(byte[] bytes) throws DecodeException {
    if (bytes.length < HEADER_BYTES) {
      throw DecodeException.malformed(
          "Expected at least the "
              + HEADER_BYTES
              + " bytes of an Avro single-object header, found "
              + bytes.length);
    }
    ByteBuffer head = ByteBuffer.wrap(bytes);
    int marker = head.getShort() & 0xffff;
    if (marker != MARKER) {
      throw DecodeException.malformed(
          String.format(
              "Expected the marker C3 01 of Avro's single-object encoding, found %02X %02X",
              marker >>> 8, marker & 0xff));
    }
    long found = head.order(ByteOrder.LITTLE_ENDIAN).getLong();
    if (found == fingerprint) {
      return decodeBody(bytes, HEADER_BYTES);
    }
    Transcoder transcoder = earlier.get(found);
    if (transcoder == null) {
      throw new DecodeException(
          Reason.UNKNOWN_SCHEMA,
          String.format(
              "Expected the fingerprint %016x of %s or of %d earlier versions, found %016x",
              fingerprint, body.schema().getFullName(), earlier.size(), found));
    }
    return decodeBody(transcoder.transcode(bytes, HEADER_BYTES, bytes.length), 0);
  }

  private T decodeBody(byte[] bytes, int from) throws DecodeException {
    reader.reset(bytes, from, bytes.length);
    try {
      T record = body.read(reader);
      reader.expectEnd();
      return record;
    } finally {
      reader.release();
    }
  }
}
