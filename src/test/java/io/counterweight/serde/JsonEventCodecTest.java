package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonEventCodecTest {
  private static final long SEED = 77;
  private final RecordCodec<Event> codec = new JsonEventCodec();

  @Test
  void readsEveryField() throws DecodeException {
    Event event =
        decode(
            "{\"attributes\":{\"country\":\"SE\",\"b\":\"\"},\"eventId\":\"é-1\",\"modelKey\":\"shop\","
                + "\"eventTime\":1700000000000,\"features\":[1.5,null,-3,2e2],\"label\":1,"
                + "\"labelSource\":\"bank\"} \n");

    assertThat(event.eventId()).isEqualTo("é-1");
    assertThat(event.modelKey()).isEqualTo("shop");
    assertThat(event.eventTime()).isEqualTo(1_700_000_000_000L);
    assertThat(event.features()).containsExactly(1.5f, Float.NaN, -3f, 200f);
    assertThat(event.label()).isEqualTo(1);
    assertThat(event.labelSource()).isEqualTo("bank");
    assertThat(event.attributes()).hasSize(2).containsEntry("country", "SE").containsEntry("b", "");
  }

  @Test
  void optionalFieldsMayBeAbsentOrNull() throws DecodeException {
    String required = "{\"eventId\":\"e\",\"eventTime\":5,\"features\":[]";

    Event absent = decode(required + "}");
    Event nulls = decode(required + ",\"label\":null,\"labelSource\":null,\"attributes\":null}");

    assertThat(absent.modelKey()).isEqualTo("default");
    assertThat(absent.isLabelled()).isFalse();
    RecordSamples.assertSame(nulls, absent, "null is the same as absent");
  }

  @Test
  void readsWhatItWrites() throws DecodeException {
    RecordSamples samples = new RecordSamples(SEED);

    for (int i = 0; i < 1000; i++) {
      Event event = samples.event();

      RecordSamples.assertSame(
          codec.decode(codec.encode(event)), event, "seed %d, record %d", SEED, i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "``                                                  | MALFORMED  | record: expected an object, found nothing",
        "[]                                                  | MALFORMED  | record: expected an object, found an array",
        "null                                                | MALFORMED  | record: expected an object, found null",
        "{\"eventTime\":1,\"features\":[]}                   | MALFORMED  | Expected the field eventId, found none",
        "{\"eventId\":\"e\",\"features\":[]}                 | MALFORMED  | Expected the field eventTime, found none",
        "{\"eventId\":\"e\",\"eventTime\":1}                 | MALFORMED  | Expected the field features, found none",
        "{\"eventId\":null}                                  | MALFORMED  | eventId: expected a string, found null",
        "{\"eventId\":7}                                     | MALFORMED  | eventId: expected a string, found an integer",
        "{\"modelKey\":null}                                 | MALFORMED  | modelKey: expected a string, found null",
        "{\"eventTime\":\"2020-01-01\"}                      | MALFORMED  | eventTime: expected an integer, found a string",
        "{\"eventTime\":1.5}                                 | MALFORMED  | eventTime: expected an integer, found a decimal number",
        "{\"eventTime\":99999999999999999999}                | MALFORMED  | out of range of",
        "{\"features\":{}}                                   | MALFORMED  | features: expected an array, found an object",
        "{\"features\":[1,true]}                             | MALFORMED  | features[1]: expected a number or null, found a boolean",
        "{\"features\":[\"NaN\"]}                            | MALFORMED  | features[0]: expected a number or null, found a string",
        "{\"features\":[[1]]}                                | MALFORMED  | features[0]: expected a number or null, found an array",
        "{\"features\":[NaN]}                                | MALFORMED  | Non-standard token 'NaN'",
        "{\"features\":[-Infinity]}                          | MALFORMED  | Non-standard token '-Infinity'",
        "{\"features\":[1e39]}                               | NON_FINITE | features[0]: expected a number within the range of float32",
        "{\"features\":[1e99999]}                            | NON_FINITE | features[0]: expected a number within the range of float32",
        "{\"features\":[1,]}                                 | MALFORMED  | mistake at byte 15",
        "{\"label\":-1}                                      | LABEL      | label: expected a class index from 0, or null, found -1",
        "{\"label\":3000000000}                              | LABEL      | label: expected a class index from 0, or null, found 3000000000",
        "{\"label\":\"1\"}                                   | MALFORMED  | label: expected an integer, found a string",
        "{\"label\":true}                                    | MALFORMED  | label: expected an integer, found a boolean",
        "{\"labelSource\":1}                                 | MALFORMED  | labelSource: expected a string, found an integer",
        "{\"attributes\":[]}                                 | MALFORMED  | attributes: expected an object, found an array",
        "{\"attributes\":{\"a\":1}}                          | MALFORMED  | attributes.a: expected a string, found an integer",
        "{\"attributes\":{\"a\":\"1\",\"a\":\"2\"}}          | MALFORMED  | Duplicate field 'a'",
        "{\"label\":1,\"label\":0}                           | MALFORMED  | Duplicate field 'label'",
        "{\"weight\":1}                                      | MALFORMED  | found the field weight",
        "{\"eventId\":\"\\ud800\"}                           | MALFORMED  | eventId: expected text, found half of a surrogate pair",
        "{\"eventId\":\"e\"                                  | MALFORMED  | Unexpected end-of-input",
        "{'eventId':1}                                       | MALFORMED  | Unexpected character",
      })
  void everyMistakeIsRefusedInWords(String json, Reason reason, String message) {
    DecodeException refusal = catchThrowableOfType(DecodeException.class, () -> decode(json));

    assertThat(refusal).hasMessageContaining(message);
    assertThat(refusal.reason()).isEqualTo(reason);
  }

  @Test
  void nothingMayFollowTheObject() {
    String event = "{\"eventId\":\"e\",\"eventTime\":5,\"features\":[]}";

    for (String behind : new String[] {"{}", "1", "x", "]", "\u0000"}) {
      assertThat(catchThrowableOfType(DecodeException.class, () -> decode(event + behind)))
          .as("behind the object: %s", behind)
          .isNotNull();
    }
  }

  @Test
  void randomAndMutatedBytesAreRefusedOrDecodeByLuck() {
    Random random = new Random(SEED);
    RecordSamples samples = new RecordSamples(SEED);
    byte[] alphabet = "{}[]\",:01eE+-.nulltrefas\\u \n".getBytes(UTF_8);

    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(100)];
      random.nextBytes(bytes);
      decodeOrRefuse(bytes);
      byte[] mutated = codec.encode(samples.event());
      for (int change = 1 + random.nextInt(3); change > 0; change--) {
        mutated[random.nextInt(mutated.length)] = alphabet[random.nextInt(alphabet.length)];
      }
      decodeOrRefuse(mutated);
    }
  }

  /** Any other exception fails the test. */
  private void decodeOrRefuse(byte[] bytes) {
    try {
      codec.encode(codec.decode(bytes));
    } catch (DecodeException e) {
      if (e.getMessage().isEmpty()) {
        throw new AssertionError("A refusal says why");
      }
    }
  }

  @Test
  void collidingNamesOfAttributesCannotFailTheJob() throws DecodeException {
    StringBuilder json =
        new StringBuilder("{\"eventId\":\"e\",\"eventTime\":5,\"features\":[],\"attributes\":{");
    for (int i = 0; i < 4096; i++) {
      // "Aa" and "BB" have the same hash code, and so has every combination of them.
      json.append(i == 0 ? "\"" : ",\"");
      for (int bit = 0; bit < 12; bit++) {
        json.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      json.append("\":\"\"");
    }

    assertThat(decode(json.append("}}").toString()).attributes()).hasSize(4096);
  }

  private Event decode(String json) throws DecodeException {
    return codec.decode(json.getBytes(UTF_8));
  }
}
