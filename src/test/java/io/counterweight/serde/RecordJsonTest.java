package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class RecordJsonTest {

  @Test
  void aPredictionReadsAsOneLine() {
    Prediction prediction =
        new Prediction(
            "e-1",
            "shop",
            1_700_000_000_000L,
            new float[] {0.25f, 0.75f},
            1,
            new int[] {1},
            0.9f,
            DriftState.WARNING,
            DriftKind.CONCEPT,
            Float.NaN,
            -0.5f,
            Map.of("amount", 1.5f),
            Map.of("uniform", new float[] {0.5f, 0.5f}),
            Map.of("uniform", 1f),
            17,
            Long.MIN_VALUE,
            2,
            0,
            new float[] {0.5f, 0.5f},
            new float[] {Float.NaN, 0.9f},
            Map.of("amount*hour", 0.5f));

    assertThat(RecordType.PREDICTION.toJson(prediction))
        .isEqualTo(
            "{\"eventId\":\"e-1\",\"modelKey\":\"shop\",\"eventTime\":1700000000000,"
                + "\"probabilities\":[0.25,0.75],\"predictedClass\":1,\"predictionSet\":[1],"
                + "\"setLevel\":0.9,\"driftState\":\"WARNING\",\"driftKind\":\"CONCEPT\","
                + "\"uncertainty\":null,\"baseValue\":-0.5,\"contributions\":{\"amount\":1.5},"
                + "\"laneProbabilities\":{\"uniform\":[0.5,0.5]},\"laneWeights\":{\"uniform\":1.0},"
                + "\"modelVersion\":17,\"trainedUntil\":null,\"missingFeatures\":2,"
                + "\"clippedFeatures\":0,\"classShares\":[0.5,0.5],\"setCoverage\":[null,0.9],\"interactions\":{\"amount*hour\":0.5}}");
  }

  @Test
  void aRejectCarriesItsBytesInBase64() {
    RejectedRecord reject =
        new RejectedRecord(
            "events",
            3,
            12,
            null,
            new byte[] {1, 2, 3},
            RejectedRecord.Reason.LATE,
            "too \"late\"",
            5);

    assertThat(RecordType.REJECTED_RECORD.toJson(reject))
        .isEqualTo(
            "{\"topic\":\"events\",\"partition\":3,\"offset\":12,\"key\":null,\"value\":\"AQID\","
                + "\"reason\":\"LATE\",\"message\":\"too \\\"late\\\"\",\"rejectedTime\":5}");
  }

  @Test
  void everyRecordHasTheFieldsOfItsSchemaInTheSameOrder() throws Exception {
    RecordSamples samples = new RecordSamples(5);

    for (RecordType<?> type : RecordSamples.TYPES) {
      for (int i = 0; i < 50; i++) {
        List<String> names = new ArrayList<>();
        new ObjectMapper().readTree(json(type, samples)).fieldNames().forEachRemaining(names::add);

        assertThat(names)
            .isEqualTo(type.body().schema().getFields().stream().map(Schema.Field::name).toList());
      }
    }
  }

  private static <T> String json(RecordType<T> type, RecordSamples samples) {
    return type.toJson(samples.next(type));
  }
}
