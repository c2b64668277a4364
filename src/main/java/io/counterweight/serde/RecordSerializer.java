package io.counterweight.serde;

import java.io.IOException;
import java.util.Arrays;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A record between operators and in state: its length in 4 bytes, then the body that the topic's
 * codec writes too. Records are immutable and their arrays never change, so a copy is the same
 * instance.
 *
 * <p>State of an earlier release is read, and if Flink asks for it written, with that release's
 * schema. Not thread-safe; {@link #duplicate} as Flink does.
 */
final class RecordSerializer<T> extends TypeSerializer<T> {
  private static final long serialVersionUID = 1L;

  /** A corrupt length must meet the end of its bytes before it is believed. */
  private static final int LARGEST_STEP = 1 << 20;

  private final RecordType<T> type;
  private final Schema schema;

  private final transient Transcoder fromEarlier;
  private final transient Transcoder toEarlier;
  private final transient BodyWriter writer = new BodyWriter();
  private final transient BodyReader reader = new BodyReader();
  private transient byte[] buffer = new byte[512];

  RecordSerializer(RecordType<T> type) {
    this(type, type.body().schema());
  }

  /**
   * @param schema of the bytes, the current one or an earlier one
   */
  RecordSerializer(RecordType<T> type, Schema schema) {
    Schema current = type.body().schema();
    boolean isCurrent = fingerprint(schema) == fingerprint(current);
    this.type = type;
    this.schema = schema;
    this.fromEarlier = isCurrent ? null : new Transcoder(schema, current);
    this.toEarlier = isCurrent ? null : new Transcoder(current, schema);
  }

  private static long fingerprint(Schema schema) {
    return SchemaNormalization.parsingFingerprint64(schema);
  }

  @Override
  public void serialize(T record, DataOutputView target) throws IOException {
    writer.reset();
    type.body().write(record, writer);
    if (toEarlier == null) {
      target.writeInt(writer.size());
      target.write(writer.array(), 0, writer.size());
      return;
    }
    byte[] bytes;
    try {
      bytes = toEarlier.transcode(writer.array(), 0, writer.size());
    } catch (DecodeException e) {
      throw new IOException("Cannot write a " + type + " with the schema of the restored state", e);
    }
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  @Override
  public T deserialize(DataInputView source) throws IOException {
    int length = readBody(source);
    try {
      if (fromEarlier == null) {
        return read(buffer, length);
      }
      byte[] bytes = fromEarlier.transcode(buffer, 0, length);
      return read(bytes, bytes.length);
    } catch (DecodeException e) {
      throw new IOException("Expected the bytes of a " + type + ": " + e.getMessage(), e);
    }
  }

  private T read(byte[] bytes, int length) throws DecodeException {
    reader.reset(bytes, 0, length);
    T record = type.body().read(reader);
    reader.expectEnd();
    return record;
  }

  /** Fills the buffer from index 0 and answers with the number of bytes. */
  private int readBody(DataInputView source) throws IOException {
    int length = source.readInt();
    if (length < 0) {
      throw new IOException("Expected the length of a " + type + ", found " + length);
    }
    for (int filled = 0; filled < length; ) {
      int step = Math.min(length - filled, Math.max(buffer.length - filled, LARGEST_STEP));
      if (buffer.length - filled < step) {
        int doubled = (int) Math.min(length, 2L * buffer.length);
        buffer = Arrays.copyOf(buffer, Math.max(doubled, filled + step));
      }
      source.readFully(buffer, filled, step);
      filled += step;
    }
    return length;
  }

  @Override
  public T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    int length = readBody(source);
    target.writeInt(length);
    target.write(buffer, 0, length);
  }

  @Override
  public T copy(T from) {
    return from;
  }

  @Override
  public T copy(T from, T reuse) {
    return from;
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  /** Nothing is ever reused. */
  @Override
  public T createInstance() {
    return null;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public TypeSerializer<T> duplicate() {
    return new RecordSerializer<>(type, schema);
  }

  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    return new RecordSerializerSnapshot<>(type, schema);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordSerializer<?> that
        && type == that.type
        && fingerprint(schema) == fingerprint(that.schema);
  }

  @Override
  public int hashCode() {
    return 31 * type.name().hashCode() + Long.hashCode(fingerprint(schema));
  }

  private Object readResolve() {
    return duplicate();
  }
}
