package io.counterweight.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.event.ModelSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPartsTest {
  private static ModelSnapshot model(String key, int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return new ModelSnapshot(key, 3, 5, "spec", bytes, Map.of("predicted", 9.0));
  }

  private static List<ModelSnapshot> cut(ModelSnapshot model) {
    List<ModelSnapshot> parts = new ArrayList<>();
    new ModelParts.Cut().flatMap(model, new ListCollector<>(parts));
    return parts;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 262_143, 262_144, 262_145, 1_000_000})
  void piecesOfTwoKeysMakeTheirModelsAgain(int size) {
    ModelSnapshot one = model("one", size);
    ModelSnapshot two = model("two", 600_000);
    List<ModelSnapshot> ofOne = cut(one);
    List<ModelSnapshot> ofTwo = cut(two);
    ModelParts parts = new ModelParts();
    List<ModelSnapshot> wholes = new ArrayList<>();

    for (int i = 0; i < Math.max(ofOne.size(), ofTwo.size()); i++) {
      for (List<ModelSnapshot> of : List.of(ofOne, ofTwo)) {
        if (i < of.size()) {
          assertThat(of.get(i).learner().length).isLessThanOrEqualTo(262_144);
          ModelSnapshot whole = parts.take(of.get(i));
          if (whole != null) {
            wholes.add(whole);
          }
        }
      }
    }

    assertThat(wholes).hasSize(2);
    for (ModelSnapshot whole : wholes) {
      ModelSnapshot expected = whole.modelKey().equals("one") ? one : two;
      assertThat(whole.learner()).isEqualTo(expected.learner());
      assertThat(whole.modelVersion()).isEqualTo(3);
      assertThat(whole.trainedUntil()).isEqualTo(5);
    }
  }
}
