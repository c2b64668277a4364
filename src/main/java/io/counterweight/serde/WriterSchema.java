package io.counterweight.serde;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.counterweight.event.RejectedRecord.Reason;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;
import org.apache.avro.SchemaNormalization;

/**
 * A schema that somebody else wrote records with. Neither the schema nor the records can make their
 * reading endless or larger than they are: recursive schemas, very deep ones and very large ones
 * are refused, and so are lists whose entries take no bytes. Not thread-safe.
 */
final class WriterSchema {
  static final int MOST_LEVELS = 64;
  static final int MOST_TYPES = 2_000;

  private static final int LONGEST_QUOTE = 300;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(4 * MOST_LEVELS).build())
          .build();

  private final Schema schema;
  private final Transcoder transcoder;

  private WriterSchema(Schema schema, Transcoder transcoder) {
    this.schema = schema;
    this.transcoder = transcoder;
  }

  /**
   * Reads a schema.
   *
   * @param text that may be hostile
   * @param reader what its records are to become
   * @throws DecodeException {@code UNKNOWN_SCHEMA}, if it is no schema, beyond the limits, or its
   *     records cannot become records of the reader's schema by Avro's rules
   */
  static WriterSchema of(String text, Schema reader) throws DecodeException {
    Schema schema = parse(text);
    if (schema.getType() != Schema.Type.RECORD) {
      throw refused("is " + schema.getType() + ", expected a record");
    }
    new Limits().check(schema, 0);
    if (SchemaNormalization.parsingFingerprint64(schema)
        == SchemaNormalization.parsingFingerprint64(reader)) {
      return new WriterSchema(schema, null);
    }
    SchemaPairCompatibility fit =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, schema);
    if (fit.getType() != SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
      throw refused(
          "does not fit "
              + reader.getFullName()
              + ": "
              + quote(String.valueOf(fit.getResult().getIncompatibilities())));
    }
    return new WriterSchema(schema, new Transcoder(schema, reader));
  }

  private static Schema parse(String text) throws DecodeException {
    // Avro's parser calls itself for every level, and visits all types for every named one.
    int objects = 0;
    try (JsonParser json = JSON.createParser(text)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        objects += token == JsonToken.START_OBJECT ? 1 : 0;
      }
    } catch (IOException e) {
      throw refused("is no JSON, or deeper than " + 4 * MOST_LEVELS + " levels");
    }
    if (objects > MOST_TYPES) {
      throw refused("has more than " + MOST_TYPES + " types and fields");
    }
    try {
      return new Schema.Parser().parse(text);
    } catch (RuntimeException e) {
      // Avro's parser does not say what it throws at texts that are JSON and no schema.
      throw refused("cannot be parsed: " + quote(String.valueOf(e.getMessage())));
    }
  }

  private static DecodeException refused(String problem) {
    return new DecodeException(Reason.UNKNOWN_SCHEMA, "The schema of the record " + problem);
  }

  private static String quote(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
  }

  /** Whether records have the reader's layout already. */
  boolean isReaders() {
    return transcoder == null;
  }

  /**
   * The body in the reader's layout; not where it has it already.
   *
   * @param bytes a body from {@code from} to the end; not changed
   * @throws DecodeException if they do not follow this schema
   */
  byte[] transcode(byte[] bytes, int from) throws DecodeException {
    BodyReader body = new BodyReader();
    body.reset(bytes, from, bytes.length);
    // Avro's decoder allocates what the bytes claim.
    BodyWalk.over(schema, body);
    body.expectEnd();
    return transcoder.transcode(bytes, from, bytes.length);
  }

  /** Counts types as often as they are used, which is what a record may cost. */
  private static final class Limits {
    private final Deque<Schema> open = new ArrayDeque<>();
    private int types;

    /** The smallest number of bytes of a value. */
    int check(Schema schema, int level) throws DecodeException {
      if (level > MOST_LEVELS) {
        throw refused("is deeper than " + MOST_LEVELS + " levels");
      }
      if (++types > MOST_TYPES) {
        throw refused("has more than " + MOST_TYPES + " types, each counted wherever it is used");
      }
      return switch (schema.getType()) {
        case RECORD -> record(schema, level);
        case ARRAY -> {
          if (check(schema.getElementType(), level + 1) == 0) {
            throw refused("has an array whose entries take no bytes");
          }
          yield 1;
        }
        case MAP -> {
          check(schema.getValueType(), level + 1);
          yield 1;
        }
        case UNION -> {
          int smallest = Integer.MAX_VALUE / 2;
          for (Schema branch : schema.getTypes()) {
            smallest = Math.min(smallest, check(branch, level + 1));
          }
          yield 1 + smallest;
        }
        case FIXED -> Math.min(schema.getFixedSize(), Integer.MAX_VALUE / 2);
        case NULL -> 0;
        case FLOAT -> Float.BYTES;
        case DOUBLE -> Double.BYTES;
        case STRING, BYTES, INT, LONG, BOOLEAN, ENUM -> 1;
      };
    }

    private int record(Schema schema, int level) throws DecodeException {
      // By identity: equals and hashCode would visit all of a schema, whatever its size.
      if (open.stream().anyMatch(other -> other == schema)) {
        throw refused("is recursive in " + quote(schema.getFullName()));
      }
      open.push(schema);
      long bytes = 0;
      for (Schema.Field field : schema.getFields()) {
        bytes += check(field.schema(), level + 1);
      }
      open.pop();
      return (int) Math.min(bytes, Integer.MAX_VALUE / 2);
    }
  }
}
