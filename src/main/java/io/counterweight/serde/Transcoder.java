package io.counterweight.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Turns a body written with one schema into the body of another by Avro's rules of resolution, so
 * that the hand-written loops know only the current schema. Slow, and only on the way of records of
 * other schemas. Not thread-safe.
 */
final class Transcoder {
  private final GenericDatumReader<Object> reader;
  private final GenericDatumWriter<Object> writer;
  private BinaryDecoder decoder;
  private BinaryEncoder encoder;

  Transcoder(Schema from, Schema to) {
    reader = new GenericDatumReader<>(from, to);
    writer = new GenericDatumWriter<>(to);
  }

  /**
   * @param bytes not changed
   * @return the whole of {@code bytes[from, to)} in the other schema
   * @throws DecodeException if the bytes do not follow the first schema, or have no value in the
   *     second
   */
  byte[] transcode(byte[] bytes, int from, int to) throws DecodeException {
    Object datum;
    try {
      decoder = DecoderFactory.get().binaryDecoder(bytes, from, to - from, decoder);
      datum = reader.read(null, decoder);
      if (!decoder.isEnd()) {
        throw DecodeException.malformed("Expected the record to end, found more bytes behind it");
      }
    } catch (IOException
        | AvroRuntimeException
        | IndexOutOfBoundsException
        | UnsupportedOperationException e) {
      // What Avro's decoder throws at bytes that do not follow their schema.
      throw DecodeException.malformed("Expected a record of its writer's schema: " + e);
    }
    return write(datum);
  }

  private byte[] write(Object datum) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    try {
      encoder = EncoderFactory.get().directBinaryEncoder(out, encoder);
      writer.write(datum, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException("Writing to memory failed", e);
    }
    return out.toByteArray();
  }
}
