package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a savepoint keeps of a {@link RecordSerializer}: the record's name and the schema it was
 * written with. So state can be read for as long as Avro can resolve that schema with the current
 * one.
 *
 * <p>Public, with a public constructor without arguments, because Flink makes it by its name.
 */
public final class RecordSerializerSnapshot<T> implements TypeSerializerSnapshot<T> {
  /** Version 1: name, length of the schema's JSON in bytes, the JSON in UTF-8. */
  private static final int VERSION = 1;

  /** Far beyond any schema; a larger length is a corrupt one. */
  private static final int LONGEST_SCHEMA = 1 << 20;

  private RecordType<T> type;
  private Schema schema;

  /** For Flink, which then calls {@link #readSnapshot}. */
  public RecordSerializerSnapshot() {}

  RecordSerializerSnapshot(RecordType<T> type, Schema schema) {
    this.type = type;
    this.schema = schema;
  }

  @Override
  public int getCurrentVersion() {
    return VERSION;
  }

  @Override
  public void writeSnapshot(DataOutputView out) throws IOException {
    out.writeUTF(type.name());
    byte[] json = schema.toString().getBytes(UTF_8);
    out.writeInt(json.length);
    out.write(json);
  }

  @Override
  @SuppressWarnings("unchecked") // Flink asks for the type whose serializer wrote this.
  public void readSnapshot(int version, DataInputView in, ClassLoader classLoader)
      throws IOException {
    if (version != VERSION) {
      throw new IOException(
          "Expected version " + VERSION + " of a record serializer's snapshot, found " + version);
    }
    String name = in.readUTF();
    int length = in.readInt();
    if (length < 0 || length > LONGEST_SCHEMA) {
      throw new IOException(
          "Expected a schema of at most " + LONGEST_SCHEMA + " bytes, found a length of " + length);
    }
    byte[] json = new byte[length];
    in.readFully(json);
    try {
      type = (RecordType<T>) RecordType.named(name);
      schema = new Schema.Parser().parse(new String(json, UTF_8));
    } catch (IllegalArgumentException | AvroRuntimeException e) {
      throw new IOException("The snapshot of a record serializer cannot be understood", e);
    }
  }

  @Override
  public TypeSerializer<T> restoreSerializer() {
    return new RecordSerializer<>(type, schema);
  }

  @Override
  public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
      TypeSerializerSnapshot<T> older) {
    if (!(older instanceof RecordSerializerSnapshot<T> that) || that.type != type) {
      return TypeSerializerSchemaCompatibility.incompatible();
    }
    if (SchemaNormalization.parsingFingerprint64(schema)
        == SchemaNormalization.parsingFingerprint64(that.schema)) {
      return TypeSerializerSchemaCompatibility.compatibleAsIs();
    }
    boolean readable =
        SchemaCompatibility.checkReaderWriterCompatibility(schema, that.schema).getType()
            == SchemaCompatibilityType.COMPATIBLE;
    return readable
        ? TypeSerializerSchemaCompatibility.compatibleAfterMigration()
        : TypeSerializerSchemaCompatibility.incompatible();
  }
}
