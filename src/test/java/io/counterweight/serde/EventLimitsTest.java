package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.support.TestRegistry;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EventLimitsTest {
  private static final TestRegistry REGISTRY = TestRegistry.start();

  @AfterAll
  static void close() {
    REGISTRY.close();
  }

  private static final EventLimits LIMITS = new EventLimits(400, 8, 2, 3, false);
  private static final long NOON = 1_700_000_000_000L;

  @ParameterizedTest
  @EnumSource
  void whatKeepsTheLimitsPasses(EventFormat format) throws DecodeException {
    RecordCodec<Event> codec = format.newCodec(LIMITS, REGISTRY.client(), "events");
    Event event =
        new Event("12345678", "k", 0, new float[] {Float.NaN, 1}, 2, "12345678", Map.of());

    RecordSamples.assertSame(codec.decode(codec.encode(event)), event, "%s", format);
  }

  @ParameterizedTest
  @EnumSource
  void everyBrokenLimitHasItsReason(EventFormat format) {
    float[] two = {1, 2};

    assertRefused(
        format, new Event("", "k", NOON, two, 0, null, null), Reason.IDENTIFIER, "eventId");
    assertRefused(
        format,
        new Event("123456789", "k", NOON, two, 0, null, null),
        Reason.IDENTIFIER,
        "found 9");
    assertRefused(
        format, new Event("e", "", NOON, two, 0, null, null), Reason.IDENTIFIER, "modelKey");
    assertRefused(
        format, new Event("e", "k", NOON, two, 0, "", null), Reason.IDENTIFIER, "labelSource");
    assertRefused(
        format, new Event("e", "k", -1, two, 0, null, null), Reason.MALFORMED, "found -1");
    assertRefused(
        format,
        new Event("e", "k", EventLimits.MAX_EVENT_TIME + 1, two, 0, null, null),
        Reason.MALFORMED,
        "eventTime");
    assertRefused(
        format,
        new Event("e", "k", NOON, new float[3], 0, null, null),
        Reason.FEATURE_COUNT,
        "expected 2, found 3");
    assertRefused(format, new Event("e", "k", NOON, two, 3, null, null), Reason.LABEL, "found 3");
    assertRefused(
        format,
        new Event("e", "k", NOON, two, 0, null, Map.of("a", "x".repeat(400))),
        Reason.MALFORMED,
        "at most 400 bytes");
  }

  @ParameterizedTest
  @EnumSource
  void trustedEventsNeedALabel(EventFormat format) throws DecodeException {
    Event unlabelled = new Event("e", "k", NOON, new float[2], Event.NO_LABEL, null, null);
    RecordCodec<Event> ordinary = format.newCodec(LIMITS, REGISTRY.client(), "events");
    RecordCodec<Event> trusted =
        format.newCodec(EventLimits.of(2, 2, true), REGISTRY.client(), "events");

    assertThat(ordinary.decode(ordinary.encode(unlabelled)).isLabelled()).isFalse();
    assertThat(
            catchThrowableOfType(
                    DecodeException.class, () -> trusted.decode(trusted.encode(unlabelled)))
                .reason())
        .isEqualTo(Reason.LABEL);
  }

  @Test
  void infiniteFeaturesAndNegativeLabelsInAvroHaveTheirReason() {
    RecordCodec<Event> codec = EventFormat.AVRO.newCodec(LIMITS);
    byte[] infinite = codec.encode(new Event("e", "k", NOON, new float[] {1, 2}, 0, null, null));
    infinite[infinite.length - 6] = (byte) 0x80;
    infinite[infinite.length - 5] = 0x7F;
    byte[] negative = codec.encode(new Event("e", "k", NOON, new float[2], 0, null, null));
    negative[negative.length - 3] = 1;

    assertThat(catchThrowableOfType(DecodeException.class, () -> codec.decode(infinite)).reason())
        .isEqualTo(Reason.NON_FINITE);
    assertThat(catchThrowableOfType(DecodeException.class, () -> codec.decode(negative)).reason())
        .isEqualTo(Reason.LABEL);
  }

  @Test
  void limitsThatMakeNoSenseAreRefusedWithTheirName() {
    assertThatThrownBy(() -> new EventLimits(0, 1, 1, 2, false))
        .hasMessageContaining("maxRecordBytes is 0");
    assertThatThrownBy(() -> new EventLimits(1, 0, 1, 2, false))
        .hasMessageContaining("maxIdLength is 0");
    assertThatThrownBy(() -> new EventLimits(1, 1, -2, 2, false))
        .hasMessageContaining("features is -2");
    assertThat(new EventLimits(1, 1, EventLimits.NONE, 2, true).features()).isZero();
    assertThatThrownBy(() -> new EventLimits(1, 1, 1, 1, false))
        .hasMessageContaining("classes is 1");
  }

  private static void assertRefused(
      EventFormat format, Event event, Reason reason, String message) {
    RecordCodec<Event> codec = format.newCodec(LIMITS, REGISTRY.client(), "events");
    byte[] bytes = codec.encode(event);

    DecodeException refusal =
        catchThrowableOfType(DecodeException.class, () -> codec.decode(bytes));

    assertThat(refusal).as("%s of %s", format, event).hasMessageContaining(message);
    assertThat(refusal.reason()).isEqualTo(reason);
  }
}
