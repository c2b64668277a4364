package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.support.TestRegistry;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EventDecoderTest {
  private static final TestRegistry REGISTRY = TestRegistry.start();

  @AfterAll
  static void close() {
    REGISTRY.close();
  }

  private static final byte[] KEY = {1, 2};

  @ParameterizedTest
  @EnumSource
  void aGoodRecordIsAccepted(EventFormat format) {
    EventLimits limits = EventLimits.of(2, 2, true);
    Event event = new Event("e", "k", 7, new float[] {1, Float.NaN}, 1, null, Map.of());
    EventDecoder decoder = new EventDecoder(format, limits, REGISTRY.client(), "events");
    decoder.selfTest();

    Decoded decoded =
        decoder.decode(raw(format.newCodec(limits, REGISTRY.client(), "events").encode(event)));

    RecordSamples.assertSame(decoded, new Decoded.Accepted(event), "%s", format);
  }

  @Test
  void aBadRecordBecomesARejectWithItsOriginAndBytes() {
    byte[] value = "{\"eventId\":1}".getBytes(UTF_8);

    RejectedRecord reject = reject(EventFormat.JSON, value);

    RecordSamples.assertSame(
        reject,
        new RejectedRecord(
            "events",
            3,
            99,
            KEY,
            value,
            Reason.MALFORMED,
            "eventId: expected a string, found an integer",
            1234),
        "reject");
  }

  @Test
  void aTombstoneIsRejectedWithAnEmptyValue() {
    RejectedRecord reject = reject(EventFormat.AVRO, null);

    assertThat(reject.value()).isEmpty();
    assertThat(reject.message()).contains("tombstone");
  }

  @Test
  void aHugeRecordIsRejectedWithItsBeginningSoThatTheRejectCanBeSent() {
    byte[] value = new byte[2 << 20];
    value[0] = 42;

    RejectedRecord reject = reject(EventFormat.AVRO, value);

    assertThat(reject.value()).hasSize(EventDecoder.MAX_KEPT_BYTES).startsWith(42);
    assertThat(reject.message())
        .isEqualTo(
            "Expected at most 1048576 bytes, found 2097152; kept are the first 524288 of 2097152"
                + " bytes");
  }

  @Test
  void theSelfTestFailsWhereTheLimitsRefuseEveryEvent() {
    EventDecoder decoder =
        new EventDecoder(EventFormat.AVRO, new EventLimits(10, 256, 30, 2, false));

    assertThatThrownBy(decoder::selfTest)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("maxRecordBytes=10");
  }

  private static RejectedRecord reject(EventFormat format, byte[] value) {
    EventDecoder decoder = new EventDecoder(format, EventLimits.of(2, 2, false));
    return ((Decoded.Rejected) decoder.decode(raw(value))).reject();
  }

  private static RawRecord raw(byte[] value) {
    return new RawRecord("events", 3, 99, 1234, KEY, value);
  }
}
