package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.SampleWeight;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Random records with every optional field sometimes absent, and text from all of Unicode. */
final class RecordSamples {
  static final List<RecordType<?>> TYPES =
      List.of(
          RecordType.EVENT,
          RecordType.SAMPLE_WEIGHT,
          RecordType.PREDICTION,
          RecordType.DRIFT_EVENT,
          RecordType.MODEL_SNAPSHOT,
          RecordType.REJECTED_RECORD);

  private final Random random;

  RecordSamples(long seed) {
    random = new Random(seed);
  }

  /** Equal in every field, arrays by content, NaN to NaN, without tolerance. */
  static <T> void assertSame(T actual, T expected, String description, Object... arguments) {
    assertThat(actual)
        .as(description, arguments)
        .usingRecursiveComparison()
        .withEqualsForType(Float::equals, Float.class)
        .withEqualsForType(Double::equals, Double.class)
        .isEqualTo(expected);
  }

  <T> T next(RecordType<T> type) {
    Object record =
        switch (type.name()) {
          case "labeled-event" -> event();
          case "sample-weight" -> sampleWeight();
          case "prediction" -> prediction();
          case "drift-event" -> driftEvent();
          case "model-snapshot" -> modelSnapshot();
          case "rejected-record" -> rejectedRecord();
          case "decoded" ->
              random.nextBoolean()
                  ? new Decoded.Accepted(event())
                  : new Decoded.Rejected(rejectedRecord());
          default -> throw new AssertionError("No samples of " + type);
        };
    return type.recordClass().cast(record);
  }

  Event event() {
    float[] features = floats(random.nextInt(40));
    for (int i = 0; i < features.length; i++) {
      features[i] = random.nextInt(8) == 0 ? Float.NaN : features[i];
    }
    return new Event(
        identifier(),
        identifier(),
        time(),
        features,
        random.nextInt(4) - 1,
        maybe(this::identifier),
        map(this::text));
  }

  SampleWeight sampleWeight() {
    return new SampleWeight(
        identifier(),
        identifier(),
        time(),
        random.nextInt(3),
        random.nextFloat(),
        random.nextFloat(),
        maybe(random::nextFloat),
        maybe(random::nextFloat),
        random.nextBoolean(),
        random.nextLong(),
        text(),
        maybe(random::nextFloat));
  }

  Prediction prediction() {
    int classes = random.nextInt(4);
    return new Prediction(
        identifier(),
        identifier(),
        time(),
        floats(classes),
        random.nextInt(1 + classes),
        maybe(() -> random.ints(random.nextInt(3), -5, 1000).toArray()),
        maybe(random::nextFloat),
        maybe(() -> DriftState.values()[random.nextInt(4)]),
        maybe(() -> DriftKind.values()[random.nextInt(5)]),
        random.nextFloat(),
        random.nextFloat(),
        map(random::nextFloat),
        map(() -> floats(classes)),
        map(random::nextFloat),
        random.nextLong(),
        random.nextBoolean() ? time() : Long.MIN_VALUE,
        random.nextInt(),
        random.nextInt(40),
        floats(classes),
        floats(random.nextInt(3)),
        map(random::nextFloat));
  }

  DriftEvent driftEvent() {
    return new DriftEvent(
        identifier(),
        time(),
        time(),
        DriftState.values()[random.nextInt(4)],
        DriftKind.values()[random.nextInt(5)],
        text(),
        text(),
        random.nextGaussian(),
        Double.POSITIVE_INFINITY,
        random.nextLong(),
        random.nextBoolean() ? List.of() : List.of(text(), text()));
  }

  ModelSnapshot modelSnapshot() {
    return new ModelSnapshot(
        identifier(), random.nextLong(), time(), text(), bytes(), map(random::nextGaussian));
  }

  RejectedRecord rejectedRecord() {
    RejectedRecord.Reason[] reasons = RejectedRecord.Reason.values();
    return new RejectedRecord(
        text(),
        random.nextInt(100),
        random.nextLong(),
        maybe(this::bytes),
        bytes(),
        reasons[random.nextInt(reasons.length)],
        text(),
        time());
  }

  private <V> V maybe(Supplier<V> value) {
    return random.nextBoolean() ? value.get() : null;
  }

  private <V> Map<String, V> map(Supplier<V> values) {
    Map<String, V> map = new LinkedHashMap<>();
    for (int left = random.nextInt(4); left > 0; left--) {
      map.put(text(), values.get());
    }
    return map;
  }

  private long time() {
    return (long) (random.nextDouble() * EventLimits.MAX_EVENT_TIME);
  }

  private float[] floats(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(60)];
    random.nextBytes(bytes);
    return bytes;
  }

  private String identifier() {
    return "i" + text();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    int[] ranges = {0x80, 0x800, 0xD800, Character.MAX_CODE_POINT + 1};
    for (int left = random.nextInt(12); left > 0; left--) {
      int codePoint = random.nextInt(ranges[random.nextInt(ranges.length)]);
      boolean halfACharacter = codePoint >= 0xD800 && codePoint <= 0xDFFF;
      text.appendCodePoint(halfACharacter ? '?' : codePoint);
    }
    return text.toString();
  }
}
