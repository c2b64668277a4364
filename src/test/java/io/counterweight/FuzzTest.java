package io.counterweight;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.codec.StateFormatException;
import io.counterweight.config.ConfigException;
import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.learner.LearnerState;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.EventFormat;
import io.counterweight.serde.EventLimits;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import io.counterweight.support.Framing;
import io.counterweight.support.Mutations;
import io.counterweight.support.TestRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Inputs from outside, mutated from a corpus by fixed seeds: what reads them throws what it
 * declares and nothing else, and accepts nothing beyond its limits. What was once found to break a
 * reader belongs into the corpus ({@code src/test/resources/fuzz}).
 */
@Timeout(120)
class FuzzTest {
  private static final int FEATURES = 3;
  private static final EventLimits LIMITS = new EventLimits(2_000, 40, FEATURES, 3, false);

  /** Without two of our fields, with others that every kind of type is in. */
  private static final Schema OTHER =
      Framing.with(
          Framing.without(Framing.eventSchema(), "labelSource", "label"),
          "{\"name\":\"other\",\"type\":{\"type\":\"array\",\"items\":[\"string\",\"boolean\",{\"type\":\"map\","
              + "\"values\":\"double\"},{\"type\":\"fixed\",\"name\":\"F\",\"size\":3},"
              + "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\"]},\"null\",\"float\"]}}");

  /** Reads an input; whether it was accepted. */
  private interface Reader {
    boolean reads(byte[] input) throws Exception;
  }

  /** At least one input of a hundred must be accepted, or only the front of the reader is tried. */
  private static void fuzz(String target, int inputs, Reader reader) throws IOException {
    Mutations mutations = new Mutations(corpus(target));
    int accepted = 0;
    for (int n = 0; n < inputs; n++) {
      byte[] input = mutations.input(n);
      try {
        accepted += reader.reads(input) ? 1 : 0;
      } catch (Exception | StackOverflowError | OutOfMemoryError | AssertionError e) {
        throw new AssertionError(
            target + ", input " + n + ": " + Base64.getEncoder().encodeToString(input), e);
      }
    }
    assertThat(accepted).as("accepted inputs of " + target).isBetween(inputs / 100, inputs - 1);
  }

  private static List<byte[]> corpus(String target) throws IOException {
    List<byte[]> corpus = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/fuzz", target))) {
      for (Path file : files.sorted().toList()) {
        corpus.add(Files.readAllBytes(file));
      }
    }
    return corpus;
  }

  @ParameterizedTest
  @EnumSource
  void events(EventFormat format) throws IOException {
    try (TestRegistry registry = TestRegistry.start()) {
      registry.add("ours", Framing.eventSchema());
      registry.add("other", OTHER);
      RecordCodec<Event> codec = format.newCodec(LIMITS, registry.client(), "events");
      fuzz(
          "event-" + format.name().toLowerCase(Locale.ROOT),
          100_000,
          input -> readsEvent(codec, input, FEATURES));
    }
  }

  /** Schemas of others: no exception but the declared one, and no endless reading. */
  @Test
  void writersSchemas() throws IOException {
    Event event = new Event("e", "k", 7, new float[FEATURES], 1, "s", Map.of("a", "b"));
    byte[] record = Framing.write(1, Framing.record(Framing.without(Framing.eventSchema()), event));
    try (TestRegistry registry = TestRegistry.start()) {
      RecordCodec<Event> codec =
          EventFormat.CONFLUENT.newCodec(LIMITS, registry.client(), "events");
      fuzz(
          "schema",
          10_000,
          input -> {
            int id = registry.add(new String(input, StandardCharsets.UTF_8));
            ByteBuffer.wrap(record).putInt(1, id);
            try {
              return codec.decode(record) != null;
            } catch (DecodeException e) {
              assertThat(e.getMessage()).isNotBlank();
              return e.reason() == Reason.MALFORMED; // the schema fits, the record is of another
            }
          });
    }
  }

  @Test
  void labelsWithoutFeatures() throws IOException {
    RecordCodec<Event> codec =
        EventFormat.JSON.newCodec(new EventLimits(2_000, 40, EventLimits.NONE, 3, true));
    fuzz("label-json", 100_000, input -> readsEvent(codec, input, 0));
  }

  private static boolean readsEvent(RecordCodec<Event> codec, byte[] input, int features)
      throws DecodeException {
    Event event;
    try {
      event = codec.decode(input);
    } catch (DecodeException e) {
      assertThat(e.getMessage()).isNotBlank();
      assertThat(e.reason()).isNotNull();
      return false;
    }
    boolean fits =
        input.length <= 2_000
            && isIdentifier(event.eventId())
            && isIdentifier(event.modelKey())
            && (event.labelSource() == null || isIdentifier(event.labelSource()))
            && event.features().length == features
            && event.label() >= (features == 0 ? 0 : Event.NO_LABEL)
            && event.label() < 3
            && event.eventTime() >= 0
            && event.eventTime() <= EventLimits.MAX_EVENT_TIME;
    for (float value : event.features()) {
      fits &= !Float.isInfinite(value);
    }
    if (!fits) {
      throw new AssertionError("Accepted beyond the limits: " + event);
    }
    // What was accepted can be written, as the rejects of late events are.
    Event again = codec.decode(codec.encode(event));
    if (!again.eventId().equals(event.eventId()) || again.label() != event.label()) {
      throw new AssertionError("Written and read again it is another: " + event);
    }
    return true;
  }

  private static boolean isIdentifier(String text) {
    return !text.isEmpty() && text.length() <= 40;
  }

  @Test
  void publishedModels() throws IOException {
    RecordCodec<ModelSnapshot> codec = RecordType.MODEL_SNAPSHOT.newCodec();
    fuzz(
        "model-avro",
        100_000,
        input -> {
          try {
            ModelSnapshot snapshot = codec.decode(input);
            return snapshot.learner().length <= input.length;
          } catch (DecodeException e) {
            return false;
          }
        });
  }

  @Test
  void learners() throws IOException {
    fuzz(
        "learner",
        20_000,
        input -> {
          LearnerState state;
          try {
            state = LearnerStateCodec.decode(input);
          } catch (StateFormatException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
          }
          byte[] once = LearnerStateCodec.encode(state);
          assertThat(LearnerStateCodec.encode(LearnerStateCodec.decode(once))).isEqualTo(once);
          return true;
        });
  }

  @Test
  void configurations() throws IOException {
    fuzz(
        "config",
        4_000,
        input -> {
          try {
            EngineConfig config = EngineConfig.parse(new String(input, StandardCharsets.UTF_8));
            assertThat(config.learner().miniBatch()).isBetween(1, 65_536);
            assertThat(config.learner().spec().features()).isPositive();
            assertThat(config.job().parallelism()).isBetween(1, config.job().maxParallelism());
            assertThat(config.toString()).isNotBlank();
            return true;
          } catch (ConfigException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
          }
        });
  }
}
