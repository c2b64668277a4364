package io.counterweight.serde;

/**
 * Reads both framings, by their first byte: a compacted topic keeps its old records when {@code
 * sinks.format} changes. Writes Avro's single-object encoding.
 */
final class EitherCodec<T> implements RecordCodec<T> {
  private final RecordCodec<T> single;
  private final RecordCodec<T> confluent;

  EitherCodec(RecordCodec<T> single, RecordCodec<T> confluent) {
    this.single = single;
    this.confluent = confluent;
  }

  @Override
  public byte[] encode(T record) {
    return single.encode(record);
  }

  @Override
  public T decode(byte[] bytes) throws DecodeException {
    boolean isConfluent = bytes.length > 0 && bytes[0] == ConfluentCodec.MAGIC;
    return (isConfluent ? confluent : single).decode(bytes);
  }
}
