package io.counterweight.compute;

import io.counterweight.meta.WeightInputs;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.optim.Adam;
import java.io.Serializable;

/**
 * Settings of one lane's training step (SPEC 4.3).
 *
 * @param steering whether a MetaWeightNet steers the weights; otherwise they are uniform
 * @param adam the lower level's optimiser
 * @param averaging share of the running average of the parameters that stays at a step, in [0, 1);
 *     0: the newest parameters predict
 * @param groupLasso λ of the concept-wise group lasso, at least 0
 * @param anchor μ, coefficient of the trusted batch's loss in the lower level, at least 0
 * @param weightNetHidden hidden units of the MetaWeightNet, at least 1
 * @param weightInputs what it sees
 * @param weightAdam the upper level's optimiser
 * @param weightNormalisation from V to w
 * @param lookAhead metric D of the virtual step
 * @param metricCap upper bound of an entry of Adam's metric, positive
 * @param hypergradientClip upper bound of the hypergradient's norm, positive
 * @param alignmentWinsor how many times its root mean square an alignment s may be, positive
 */
public record StepSettings(
    boolean steering,
    Adam adam,
    float averaging,
    float groupLasso,
    float anchor,
    int weightNetHidden,
    WeightInputs weightInputs,
    Adam weightAdam,
    WeightNormalisation weightNormalisation,
    LookAhead lookAhead,
    float metricCap,
    float hypergradientClip,
    float alignmentWinsor)
    implements Serializable {

  /** Metric D of the look-ahead step p̂ = p − α D g. */
  public enum LookAhead {
    /** The identity. */
    SGD,
    /** Adam's diagonal, so that the look-ahead resembles the real step. */
    ADAM
  }

  public StepSettings {
    require(averaging >= 0 && averaging < 1, "averaging", averaging, "in [0, 1)");
    require(groupLasso >= 0, "groupLasso", groupLasso, "at least 0");
    require(anchor >= 0, "anchor", anchor, "at least 0");
    require(
        weightNetHidden >= 1 && weightNetHidden <= 4096,
        "weightNetHidden",
        weightNetHidden,
        "1 to 4096");
    require(metricCap > 0, "metricCap", metricCap, "positive");
    require(hypergradientClip > 0, "hypergradientClip", hypergradientClip, "positive");
    require(alignmentWinsor > 0, "alignmentWinsor", alignmentWinsor, "positive");
  }

  private static void require(boolean condition, String name, float value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + rule);
    }
  }
}
