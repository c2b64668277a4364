package io.counterweight.serde;

import io.counterweight.registry.SchemaRegistry;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.avro.Schema;

/**
 * The framing of Confluent's serializers: a byte 0, the schema's registry id as 4 bytes in
 * big-endian order, Avro's body. Records of any registered schema are read that Avro's rules can
 * turn into the record's own. Not thread-safe.
 *
 * <p>Reading asks the registry once for each id, writing once. {@link
 * io.counterweight.registry.RegistryException} is thrown where it does not answer: that says
 * nothing about the bytes, and no record may become a reject by it.
 *
 * @param <T> the domain record
 */
public final class ConfluentCodec<T> implements RecordCodec<T> {
  static final int HEADER_BYTES = 1 + Integer.BYTES;
  static final byte MAGIC = 0;

  private final RecordBody<T> body;
  private final SchemaRegistry registry;
  private final String subject;
  private final String published;
  private final WriterSchemas writers;

  private final BodyWriter out = new BodyWriter();
  private final BodyReader in = new BodyReader();
  private byte[] header;

  /**
   * A codec.
   *
   * @param reader the body's schema, perhaps with more defaults; strings in it stay bytes, so that
   *     malformed ones are seen
   * @param topic whose subject is {@code TOPIC-value}
   * @param published the schema as it is registered
   */
  ConfluentCodec(
      RecordBody<T> body, Schema reader, SchemaRegistry registry, String topic, String published) {
    this.body = body;
    this.registry = Objects.requireNonNull(registry, "registry");
    this.subject = topic + "-value";
    this.published = published;
    this.writers = new WriterSchemas(registry, reader, System::nanoTime);
  }

  /** Registers the schema, or looks it up; otherwise the first {@link #encode} does it. */
  public void register() {
    header =
        ByteBuffer.allocate(HEADER_BYTES)
            .put(MAGIC)
            .putInt(registry.idOf(subject, published))
            .array();
  }

  @Override
  public byte[] encode(T record) {
    if (header == null) {
      register();
    }
    out.reset();
    out.writeRaw(header);
    body.write(record, out);
    return out.toByteArray();
  }

  @Override
  public T decode(byte[] bytes) throws DecodeException {
    if (bytes.length < HEADER_BYTES) {
      throw DecodeException.malformed(
          "Expected at least the "
              + HEADER_BYTES
              + " bytes of a magic byte and a schema id, found "
              + bytes.length);
    }
    if (bytes[0] != MAGIC) {
      throw DecodeException.malformed(
          String.format("Expected the magic byte 00 before a schema id, found %02X", bytes[0]));
    }
    WriterSchema writer = writers.of(ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt());
    return writer.isReaders()
        ? decodeBody(bytes, HEADER_BYTES)
        : decodeBody(writer.transcode(bytes, HEADER_BYTES), 0);
  }

  private T decodeBody(byte[] bytes, int from) throws DecodeException {
    in.reset(bytes, from, bytes.length);
    try {
      T record = body.read(in);
      in.expectEnd();
      return record;
    } finally {
      in.release();
    }
  }
}
