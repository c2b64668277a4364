package io.counterweight.serde;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** A domain record as Flink sees it: one opaque value with a serializer of its own. */
final class RecordTypeInfo<T> extends TypeInformation<T> {
  private static final long serialVersionUID = 1L;

  private final RecordType<T> type;

  RecordTypeInfo(RecordType<T> type) {
    this.type = type;
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return new RecordSerializer<>(type);
  }

  @Override
  public Class<T> getTypeClass() {
    return type.recordClass();
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof RecordTypeInfo;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordTypeInfo<?> that && type == that.type;
  }

  @Override
  public int hashCode() {
    return type.name().hashCode();
  }

  @Override
  public String toString() {
    return "Record<" + type.name() + ">";
  }
}
