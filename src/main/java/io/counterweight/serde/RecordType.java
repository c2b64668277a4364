package io.counterweight.serde;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.SampleWeight;
import io.counterweight.registry.SchemaRegistry;
import java.io.IOException;
import java.io.Serializable;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * The records that the engine reads and writes, and all that is done with their bytes. A closed set
 * of constants, shared and thread-safe; what they hand out is not.
 *
 * @param <T> the domain record
 */
public final class RecordType<T> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final JsonFactory JSON = new JsonFactory();

  static {
    // Before the generated classes that the constants below touch, in operators too.
    AvroTrust.establish();
  }

  public static final RecordType<Event> EVENT =
      new RecordType<>("labeled-event", Event.class, new EventBody());
  public static final RecordType<SampleWeight> SAMPLE_WEIGHT =
      new RecordType<>("sample-weight", SampleWeight.class, new SampleWeightBody());
  public static final RecordType<Prediction> PREDICTION =
      new RecordType<>("prediction", Prediction.class, new PredictionBody());
  public static final RecordType<DriftEvent> DRIFT_EVENT =
      new RecordType<>("drift-event", DriftEvent.class, new DriftEventBody());
  public static final RecordType<ModelSnapshot> MODEL_SNAPSHOT =
      new RecordType<>("model-snapshot", ModelSnapshot.class, new ModelSnapshotBody());
  public static final RecordType<RejectedRecord> REJECTED_RECORD =
      new RecordType<>("rejected-record", RejectedRecord.class, new RejectedRecordBody());

  /** Between a source and the split of its rejects; on no topic, so without history. */
  static final RecordType<Decoded> DECODED =
      new RecordType<>("decoded", Decoded.class, new DecodedBody());

  private static final Map<String, RecordType<?>> BY_NAME =
      Stream.of(
              EVENT,
              SAMPLE_WEIGHT,
              PREDICTION,
              DRIFT_EVENT,
              MODEL_SNAPSHOT,
              REJECTED_RECORD,
              DECODED)
          .collect(Collectors.toUnmodifiableMap(RecordType::name, Function.identity()));

  private final String name;
  private final transient Class<T> recordClass;
  private final transient RecordBody<T> body;
  private final transient List<Schema> history;

  private RecordType(String name, Class<T> recordClass, RecordBody<T> body) {
    this.name = name;
    this.recordClass = recordClass;
    this.body = body;
    this.history = SchemaHistory.of(name);
  }

  /**
   * @throws IllegalArgumentException if there is no such record
   */
  static RecordType<?> named(String name) {
    RecordType<?> type = BY_NAME.get(name);
    if (type == null) {
      throw new IllegalArgumentException(
          "Expected one of the records " + BY_NAME.keySet() + ", found " + name);
    }
    return type;
  }

  /** Name of the schema's file in {@code schemas/}, without its ending; also what state says. */
  public String name() {
    return name;
  }

  Class<T> recordClass() {
    return recordClass;
  }

  RecordBody<T> body() {
    return body;
  }

  /**
   * A new codec for the record's topic (Avro, single-object encoding). It checks that bytes are a
   * record of this type, and no configured limit; for the engine's input see {@link
   * EventFormat#newCodec}.
   */
  public RecordCodec<T> newCodec() {
    return new AvroCodec<>(body, history);
  }

  /**
   * A new codec in the framing of Confluent's serializers.
   *
   * @param topic whose subject is {@code TOPIC-value}
   */
  public ConfluentCodec<T> newCodec(SchemaRegistry registry, String topic) {
    return newCodec(registry, topic, SchemaHistory.current(name));
  }

  ConfluentCodec<T> newCodec(SchemaRegistry registry, String topic, Schema reader) {
    return new ConfluentCodec<>(
        body, reader, registry, topic, SchemaHistory.current(name).toString());
  }

  /** A new codec that reads both framings and writes the one of {@link #newCodec()}. */
  public RecordCodec<T> newCodecOfBoth(SchemaRegistry registry, String topic) {
    return new EitherCodec<>(newCodec(), newCodec(registry, topic));
  }

  /** For streams and state inside Flink. */
  public TypeInformation<T> typeInfo() {
    return new RecordTypeInfo<>(this);
  }

  /**
   * Bytes of the record's Kafka key: its model key; of a reject the original key, which may be
   * null.
   */
  public byte[] key(T record) {
    return body.key(record);
  }

  /**
   * One line of JSON for people: fields in the schema's order, absent and non-finite values as
   * null, times in milliseconds since the epoch, bytes in Base64.
   */
  public String toJson(T record) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      body.writeJson(record, json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed", e);
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return name;
  }

  private Object readResolve() {
    return named(name);
  }
}
