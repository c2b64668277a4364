package io.counterweight.support;

import io.counterweight.compute.StepSettings;
import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.meta.WeightInputs;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.optim.Adam;

/**
 * Step settings that differ from a plain one in what a test is about. The plain one: learning rates
 * of 0.01, no caps, no anchor, and an epsilon that keeps the rounding of a vanishing gradient from
 * becoming a whole step of Adam.
 */
public record Steps(StepSettings settings) {
  public static final Adam ADAM = new Adam(0.01f, 0.9f, 0.999f, 1e-3f, 0);

  /** The weight net steers by the loss, look-ahead by plain gradient, mean normalisation. */
  public static Steps steering() {
    return of(true);
  }

  /** The control. */
  public static Steps uniform() {
    return of(false);
  }

  private static Steps of(boolean steering) {
    return new Steps(
        new StepSettings(
            steering,
            ADAM,
            0,
            0,
            0,
            7,
            WeightInputs.parse("loss"),
            ADAM,
            WeightNormalisation.MEAN,
            LookAhead.SGD,
            Float.POSITIVE_INFINITY,
            Float.POSITIVE_INFINITY,
            Float.POSITIVE_INFINITY));
  }

  public Steps weights(String inputs, WeightNormalisation normalisation) {
    StepSettings s = settings;
    return copy(
        s.adam(),
        s.groupLasso(),
        s.anchor(),
        WeightInputs.parse(inputs),
        normalisation,
        s.lookAhead(),
        s.metricCap(),
        s.hypergradientClip(),
        s.alignmentWinsor());
  }

  public Steps lookAhead(LookAhead lookAhead) {
    StepSettings s = settings;
    return copy(
        s.adam(),
        s.groupLasso(),
        s.anchor(),
        s.weightInputs(),
        s.weightNormalisation(),
        lookAhead,
        s.metricCap(),
        s.hypergradientClip(),
        s.alignmentWinsor());
  }

  /** Optimiser, group lasso and anchor of the lower level. */
  public Steps lower(Adam adam, float groupLasso, float anchor) {
    StepSettings s = settings;
    return copy(
        adam,
        groupLasso,
        anchor,
        s.weightInputs(),
        s.weightNormalisation(),
        s.lookAhead(),
        s.metricCap(),
        s.hypergradientClip(),
        s.alignmentWinsor());
  }

  /** With an average of the parameters, which predicts. */
  public Steps averaging(float averaging) {
    StepSettings s = settings;
    return new Steps(
        new StepSettings(
            s.steering(),
            s.adam(),
            averaging,
            s.groupLasso(),
            s.anchor(),
            s.weightNetHidden(),
            s.weightInputs(),
            s.weightAdam(),
            s.weightNormalisation(),
            s.lookAhead(),
            s.metricCap(),
            s.hypergradientClip(),
            s.alignmentWinsor()));
  }

  public Steps caps(float metricCap, float hypergradientClip, float alignmentWinsor) {
    StepSettings s = settings;
    return copy(
        s.adam(),
        s.groupLasso(),
        s.anchor(),
        s.weightInputs(),
        s.weightNormalisation(),
        s.lookAhead(),
        metricCap,
        hypergradientClip,
        alignmentWinsor);
  }

  private Steps copy(
      Adam adam,
      float groupLasso,
      float anchor,
      WeightInputs inputs,
      WeightNormalisation normalisation,
      LookAhead lookAhead,
      float metricCap,
      float hypergradientClip,
      float alignmentWinsor) {
    return new Steps(
        new StepSettings(
            settings.steering(),
            adam,
            settings.averaging(),
            groupLasso,
            anchor,
            settings.weightNetHidden(),
            inputs,
            settings.weightAdam(),
            normalisation,
            lookAhead,
            metricCap,
            hypergradientClip,
            alignmentWinsor));
  }
}
