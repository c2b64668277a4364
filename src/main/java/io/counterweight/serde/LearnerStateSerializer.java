package io.counterweight.serde;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.learner.LearnerState;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A key's learner in Flink state: a length, then the versioned bytes of {@link LearnerStateCodec}.
 * The bytes carry their own version, so a savepoint of an older build is read value by value,
 * without a migration pass.
 */
public final class LearnerStateSerializer extends TypeSerializer<LearnerState> {
  private static final long serialVersionUID = 1L;

  /** One learner takes at most this many bytes; a larger claim is a damaged file. */
  static final int LARGEST_STATE = 1 << 30;

  /**
   * Memory is taken in steps, so that a false claim runs out of bytes before it runs out of heap.
   */
  private static final int FIRST_STEP = 1 << 20;

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public TypeSerializer<LearnerState> duplicate() {
    return this;
  }

  @Override
  public LearnerState createInstance() {
    return null;
  }

  @Override
  public LearnerState copy(LearnerState from) {
    return LearnerStateCodec.decode(LearnerStateCodec.encode(from));
  }

  @Override
  public LearnerState copy(LearnerState from, LearnerState reuse) {
    return copy(from);
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(LearnerState state, DataOutputView target) throws IOException {
    byte[] bytes = LearnerStateCodec.encode(state);
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  @Override
  public LearnerState deserialize(DataInputView source) throws IOException {
    try {
      return LearnerStateCodec.decode(readBytes(source));
    } catch (StateFormatException e) {
      throw new IOException("A learner's state cannot be read: " + e.getMessage(), e);
    }
  }

  private static byte[] readBytes(DataInputView source) throws IOException {
    int length = source.readInt();
    if (length < 0 || length > LARGEST_STATE) {
      throw new IOException(
          "A learner's state claims " + length + " bytes, expected 0 to " + LARGEST_STATE);
    }
    byte[] bytes = new byte[Math.min(length, FIRST_STEP)];
    source.readFully(bytes);
    while (bytes.length < length) {
      int read = bytes.length;
      bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * read));
      source.readFully(bytes, read, bytes.length - read);
    }
    return bytes;
  }

  @Override
  public LearnerState deserialize(LearnerState reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    byte[] bytes = readBytes(source);
    target.writeInt(bytes.length);
    target.write(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LearnerStateSerializer;
  }

  @Override
  public int hashCode() {
    return LearnerStateSerializer.class.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<LearnerState> snapshotConfiguration() {
    Snapshot snapshot = new Snapshot();
    snapshot.codecVersion = LearnerStateCodec.VERSION;
    return snapshot;
  }

  /** Version 1: the newest codec version that the writer could write. */
  public static final class Snapshot implements TypeSerializerSnapshot<LearnerState> {
    private int codecVersion;

    @Override
    public int getCurrentVersion() {
      return 1;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
      out.writeInt(codecVersion);
    }

    @Override
    public void readSnapshot(int version, DataInputView in, ClassLoader classLoader)
        throws IOException {
      if (version != 1) {
        throw new IOException(
            "Snapshot of the learner's serializer has version " + version + ", expected 1");
      }
      codecVersion = in.readInt();
    }

    @Override
    public TypeSerializer<LearnerState> restoreSerializer() {
      return new LearnerStateSerializer();
    }

    @Override
    public TypeSerializerSchemaCompatibility<LearnerState> resolveSchemaCompatibility(
        TypeSerializerSnapshot<LearnerState> oldSnapshot) {
      boolean readable =
          oldSnapshot instanceof Snapshot old && old.codecVersion <= LearnerStateCodec.VERSION;
      return readable
          ? TypeSerializerSchemaCompatibility.compatibleAsIs()
          : TypeSerializerSchemaCompatibility.incompatible();
    }
  }
}
