package io.counterweight.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private static final String KEY = "k";
  private final Evaluation evaluation = new Evaluation(2);

  private void predict(int index, int truth, float p1, float laneP1) {
    evaluation.predicted(
        new Truth(index, truth, truth), Results.prediction("e" + index, KEY, p1, laneP1));
  }

  private void weigh(int index, int truth, int observed, float weight) {
    evaluation.weighted(
        new Truth(index, truth, observed),
        Results.weight("e" + index, KEY, observed, weight, weight < 0.5f));
  }

  @Test
  void eachLaneAndTheMixtureAreJudgedByTheTruth() {
    predict(0, 1, 0.9f, 0.2f);
    predict(1, 0, 0.3f, 0.7f);

    assertThat(evaluation.quality()).containsOnlyKeys("uniform", Evaluation.MIXTURE);
    assertThat(evaluation.quality().get("uniform").accuracy()).isZero();
    assertThat(evaluation.quality().get(Evaluation.MIXTURE).accuracy()).isEqualTo(1);
    assertThat(evaluation.predictions()).isEqualTo(2);
  }

  @Test
  void lowWeightsOfWrongLabelsAreCountedByObservedLabel() {
    weigh(0, 0, 0, 1.25f);
    weigh(1, 0, 0, 0.75f);
    weigh(2, 1, 0, 0.25f); // wrong and light
    weigh(3, 1, 0, 1f); // wrong and between the right ones
    weigh(4, 1, 1, 0.4f); // right and suspect
    weigh(5, 1, 1, 2f);

    WeightQuality quality = evaluation.weightQuality();

    assertThat(quality.wrongLabels()).isEqualTo(2);
    assertThat(quality.rightLabels()).isEqualTo(4);
    assertThat(quality.meanWeightOfWrong()).isEqualTo(0.625);
    assertThat(quality.meanWeightOfRight()).isEqualTo((1.25 + 0.75 + 0.4f + 2) / 4);
    assertThat(quality.suspects()).isEqualTo(2);
    assertThat(quality.wrongSuspects()).isEqualTo(1);
    assertThat(quality.wrongLabelAuc()).isEqualTo(Map.of(0, 0.75, 1, Double.NaN));
    assertThat(evaluation.weights()).isEqualTo(6);
  }

  @Test
  void withoutWrongLabelsThereIsNothingToFind() {
    weigh(3, 1, 1, 1);

    assertThat(evaluation.weightQuality().wrongLabelAuc()).isEmpty();
    assertThat(evaluation.weightQuality().meanWeightOfWrong()).isNaN();
  }

  @Test
  void aResultThatComesTwiceCountsOnce() {
    predict(0, 1, 0.9f, 0.2f);
    predict(0, 1, 0.9f, 0.2f);
    weigh(0, 1, 1, 1);
    weigh(0, 1, 1, 1);

    assertThat(evaluation.predictions()).isEqualTo(1);
    assertThat(evaluation.weights()).isEqualTo(1);
    assertThat(evaluation.weightQuality().rightLabels()).isEqualTo(1);
  }
}
