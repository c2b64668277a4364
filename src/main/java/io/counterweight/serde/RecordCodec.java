package io.counterweight.serde;

/**
 * A record's bytes on its topic. Instances keep buffers between calls: use one a thread.
 *
 * @param <T> the domain record
 */
public interface RecordCodec<T> {

  /** The record as a new array. */
  byte[] encode(T record);

  /**
   * The record that {@code bytes} hold, from the first byte to the last.
   *
   * @param bytes not changed, and not kept by the result
   * @throws DecodeException if they hold anything else; no other exception depends on the bytes
   */
  T decode(byte[] bytes) throws DecodeException;
}
