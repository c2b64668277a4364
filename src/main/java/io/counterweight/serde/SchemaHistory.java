package io.counterweight.serde;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * The schemas that earlier releases wrote with, as resources {@code schemas/history/NAME-1.avsc},
 * {@code NAME-2.avsc} and so on without a gap. Whoever changes a schema copies the old file there.
 */
final class SchemaHistory {
  private SchemaHistory() {}

  /**
   * @param name of the schema file without its ending, for example {@code labeled-event}
   * @return oldest first; empty where the schema never changed
   */
  static List<Schema> of(String name) {
    List<Schema> schemas = new ArrayList<>();
    for (int version = 1; ; version++) {
      Schema schema = find("/schemas/history/" + name + "-" + version + ".avsc");
      if (schema == null) {
        return List.copyOf(schemas);
      }
      schemas.add(schema);
    }
  }

  /**
   * This release's schema as its file has it, which is what others register: the generated classes
   * add how strings are read in Java.
   *
   * @param name as above
   */
  static Schema current(String name) {
    return find("/schemas/" + name + ".avsc");
  }

  private static Schema find(String resource) {
    try (InputStream in = SchemaHistory.class.getResourceAsStream(resource)) {
      return in == null ? null : new Schema.Parser().parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the schema " + resource, e);
    }
  }
}
