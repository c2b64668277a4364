package io.counterweight.compute;

import io.counterweight.meta.MetaWeightNet;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.Initializer;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.AdamState;

/** All that one lane learns: flat arrays only, so that what is live is what is persisted. */
public final class TrainingState {
  /** In the layout of {@link ParameterLayout#parameters}. */
  public final float[] parameters;

  public final AdamState adam;

  /**
   * Running average of the parameters, which predicts; empty where the newest ones predict (Polyak
   * and Juditsky 1992).
   */
  public final float[] averaged;

  /** In the layout of {@link ParameterLayout#statistics}. */
  public final float[] statistics;

  /**
   * Running mean of each concept, {@code [concepts]}: the typical event that explanations compare
   * with.
   */
  public final float[] conceptMeans;

  /** Θ in the layout of {@link MetaWeightNet}; empty where nothing steers. */
  public final float[] weightNet;

  public final AdamState weightAdam;

  /** Takes ownership of the arrays. */
  public TrainingState(
      float[] parameters,
      AdamState adam,
      float[] averaged,
      float[] statistics,
      float[] conceptMeans,
      float[] weightNet,
      AdamState weightAdam) {
    this.parameters = parameters;
    this.adam = adam;
    this.averaged = averaged;
    this.statistics = statistics;
    this.conceptMeans = conceptMeans;
    this.weightNet = weightNet;
    this.weightAdam = weightAdam;
  }

  /**
   * The same lane with an average, which begins at the parameters if there was none, or without.
   */
  public TrainingState withAveraging(boolean averages) {
    if (averages == averaged.length > 0) {
      return this;
    }
    return new TrainingState(
        parameters,
        adam,
        averages ? parameters.clone() : new float[0],
        statistics,
        conceptMeans,
        weightNet,
        weightAdam);
  }

  /** A deep copy; the arrays must be current, see {@link BatmCompute#sync}. */
  public TrainingState copy() {
    return new TrainingState(
        parameters.clone(),
        adam.copy(),
        averaged.clone(),
        statistics.clone(),
        conceptMeans.clone(),
        weightNet.clone(),
        weightAdam.copy());
  }

  /** The parameters that predict and explain. */
  public float[] predicting() {
    return averaged.length > 0 ? averaged : parameters;
  }

  /** A lane before its first event. */
  public static TrainingState fresh(BatmSpec spec, StepSettings settings, SeededRandom random) {
    return fresh(spec, ParameterLayout.parameters(spec), settings, random);
  }

  /**
   * The same for who draws many.
   *
   * @param layout of the parameters of that model
   */
  public static TrainingState fresh(
      BatmSpec spec, ParameterLayout layout, StepSettings settings, SeededRandom random) {
    float[] parameters = Initializer.parameters(spec, layout, random);
    float[] weightNet =
        settings.steering()
            ? MetaWeightNet.of(spec, settings.weightNetHidden(), settings.weightInputs())
                .initialise(random)
            : new float[0];
    return new TrainingState(
        parameters,
        new AdamState(parameters.length),
        settings.averaging() > 0 ? parameters.clone() : new float[0],
        Initializer.statistics(spec),
        new float[spec.conceptCount()],
        weightNet,
        new AdamState(weightNet.length));
  }
}
