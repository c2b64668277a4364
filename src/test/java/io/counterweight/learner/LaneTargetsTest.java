package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.compute.LabelTargets;
import io.counterweight.learner.LaneSettings.Balance;
import io.counterweight.learner.LaneSettings.Policy;
import io.counterweight.support.Steps;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LaneTargetsTest {
  private static final List<PendingEvent> EVENTS =
      List.of(event("a", 0, 0.9f, 0.6f), event("b", 1, 0.3f, 0.8f), event("c", 0, 0.5f, 0.2f));

  private final LaneTargets targets = new LaneTargets(2, id -> 0);
  private final BeliefState belief = belief();

  @Test
  void theControlTakesLabelsAsTheyAreAtTheirShares() {
    float[] weights = new float[3];
    LabelTargets of =
        targets.of(lane(Policy.UNIFORM, Balance.LOGIT, true, false), belief, EVENTS, null, weights);

    assertThat(of.masses()).containsExactly(1, 0, 1, 0, 1, 0);
    assertThat(weights).containsOnly(1);
    assertThat(of.logPriors()[1]).isCloseTo((float) Math.log(0.2), within(1e-6f));
  }

  @Test
  void thePosteriorIsASoftTargetOrTheWeightOfTheLabelAtTheTrueShares() {
    float[] weights = new float[3];
    LabelTargets soft =
        targets.of(
            lane(Policy.POSTERIOR, Balance.LOGIT, true, false), belief, EVENTS, null, weights);
    LabelTargets hard =
        targets.of(
            lane(Policy.POSTERIOR, Balance.LOGIT, false, false), belief, EVENTS, null, weights);

    assertThat(soft.masses())
        .containsExactly(new float[] {0.9f, 0.7f, 0.5f, 0.1f, 0.3f, 0.5f}, within(1e-6f));
    assertThat(hard.masses())
        .containsExactly(new float[] {0.9f, 0, 0.5f, 0, 0.3f, 0}, within(1e-6f));
    assertThat(weights).containsExactly(new float[] {0.9f, 0.3f, 0.5f}, within(1e-6f));
    assertThat(soft.logPriors()[1]).isCloseTo((float) Math.log(0.05), within(1e-6f));
  }

  @Test
  void errorsByConceptHaveABeliefOfTheirOwn() {
    float[] weights = new float[3];
    targets.of(lane(Policy.POSTERIOR, Balance.LOGIT, false, true), belief, EVENTS, null, weights);

    assertThat(weights).containsExactly(new float[] {0.6f, 0.8f, 0.2f}, within(1e-6f));
  }

  @Test
  void balanceByWeightGivesEachClassTheSameMassInTheLongRun() {
    float[] weights = new float[3];
    LabelTargets of =
        targets.of(
            lane(Policy.UNIFORM, Balance.WEIGHT, true, false), belief, EVENTS, null, weights);

    assertThat(of.masses())
        .containsExactly(new float[] {0.625f, 0, 0.625f, 0, 2.5f, 0}, within(1e-6f));
    assertThat(of.logPriors()).containsOnly(0);
  }

  @Test
  void theOracleLeavesWrongLabelsOutAndTrustedOnlyAllOfThem() {
    float[] weights = new float[3];
    assertThat(
            targets
                .of(lane(Policy.ORACLE, Balance.NONE, true, false), belief, EVENTS, null, weights)
                .masses())
        .containsExactly(1, 0, 1, 0, 0, 0);
    assertThat(
            targets
                .of(lane(Policy.TRUSTED, Balance.NONE, true, false), belief, EVENTS, null, weights)
                .masses())
        .containsOnly(0);
  }

  @Test
  void alignmentIsCutAtZeroAndHasMeanOne() {
    float[] weights = new float[3];
    targets.of(
        lane(Policy.ALIGNMENT, Balance.NONE, true, false),
        belief,
        EVENTS,
        new float[] {-5, 2, 4},
        weights);

    assertThat(weights).containsExactly(new float[] {0, 1, 2}, within(1e-6f));
  }

  @Test
  void underSamplingKeepsThreeOfTheFrequentClassForEachRareOne() {
    List<PendingEvent> many = new ArrayList<>();
    for (int n = 0; n < 20_000; n++) {
      many.add(event("event-" + n, n % 5 == 0 ? 1 : 0, 1, 1));
    }
    float[] weights = new float[many.size()];
    LabelTargets of =
        targets.of(
            lane(Policy.UNDERSAMPLED, Balance.LOGIT, true, false), belief, many, null, weights);
    double[] kept = new double[2];
    for (int n = 0; n < weights.length; n++) {
      kept[many.get(n).label()] += weights[n];
    }

    assertThat(kept[1]).isEqualTo(4000);
    assertThat(kept[0] / kept[1]).isCloseTo(3, within(0.15));
    assertThat(Math.exp(of.logPriors()[1])).isCloseTo(0.25, within(1e-6));
  }

  private static BeliefState belief() {
    BeliefState belief = new BeliefState(2, 1, 4);
    belief.observedShares[0] = 0.8;
    belief.observedShares[1] = 0.2;
    belief.trueShares[0] = 0.95;
    belief.trueShares[1] = 0.05;
    return belief;
  }

  private static LaneSettings lane(
      Policy policy, Balance balance, boolean soft, boolean conceptErrors) {
    return new LaneSettings(
        "lane", policy, balance, soft, conceptErrors, 0.05f, 0, 1, Steps.uniform().settings());
  }

  private static PendingEvent event(String id, int label, float right, float rightByConcept) {
    float[] belief = new float[2];
    belief[label] = right;
    belief[1 - label] = 1 - right;
    float[] byConcept = new float[2];
    byConcept[label] = rightByConcept;
    byConcept[1 - label] = 1 - rightByConcept;
    return new PendingEvent(id, 0, label, 1, new float[1], 0.1f, belief, byConcept);
  }
}
