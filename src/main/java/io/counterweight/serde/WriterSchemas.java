package io.counterweight.serde;

import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.registry.FoundSchema;
import io.counterweight.registry.SchemaRegistry;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;

/**
 * Writers' schemas by their registry id, each fetched once. The ones used last are kept. That there
 * is no schema of an id is believed for a while only: it may be registered later. Not thread-safe.
 */
final class WriterSchemas {
  static final int KEPT = 1_000;
  static final Duration BELIEVED = Duration.ofMinutes(1);

  private final SchemaRegistry registry;
  private final Schema reader;
  private final LongSupplier nanoTime;
  private final Map<Integer, Verdict> byId =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Verdict> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * What is known about an id.
   *
   * @param schema null where its records cannot be read
   * @param problem why not
   * @param until when this is believed, in nanoseconds; null for ever
   */
  private record Verdict(WriterSchema schema, String problem, Long until) {}

  /**
   * No schemas yet.
   *
   * @param reader what the records are to become
   * @param nanoTime as {@link System#nanoTime}
   */
  WriterSchemas(SchemaRegistry registry, Schema reader, LongSupplier nanoTime) {
    this.registry = registry;
    this.reader = reader;
    this.nanoTime = nanoTime;
  }

  /**
   * The schema of an id.
   *
   * @throws DecodeException {@code UNKNOWN_SCHEMA}, if there is none that can be read
   */
  WriterSchema of(int id) throws DecodeException {
    Verdict verdict = byId.get(id);
    if (verdict == null || isOver(verdict)) {
      verdict = judge(id);
      byId.put(id, verdict);
    }
    if (verdict.schema() == null) {
      throw new DecodeException(Reason.UNKNOWN_SCHEMA, verdict.problem());
    }
    return verdict.schema();
  }

  private boolean isOver(Verdict verdict) {
    return verdict.until() != null && nanoTime.getAsLong() - verdict.until() >= 0;
  }

  private Verdict judge(int id) {
    FoundSchema found = registry.find(id);
    if (found instanceof FoundSchema.Avro avro) {
      try {
        return new Verdict(WriterSchema.of(avro.text(), reader), null, null);
      } catch (DecodeException e) {
        return new Verdict(null, "Schema id " + id + ": " + e.getMessage(), null);
      }
    }
    if (found instanceof FoundSchema.Unusable unusable) {
      return new Verdict(null, "Expected an Avro schema: " + unusable.problem(), null);
    }
    String problem = ((FoundSchema.Unknown) found).problem();
    return new Verdict(
        null,
        "Expected the id of a registered schema: " + problem,
        nanoTime.getAsLong() + BELIEVED.toNanos());
  }
}
