package io.counterweight.learner;

import io.counterweight.compute.Batch;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.model.BatmSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Predicts one event with every lane, mixes their logits and has the mixture explained. */
final class Forecast {
  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final LaneComputes computes;
  private final Reasons reasons;
  private final int lanes;

  private final float[] laneLogits;
  private final float[] laneConcepts;

  /** Of the present lanes, then of a challenger's. */
  private final double[][] logits;

  private final double[][] concepts;
  private final double[] losses;
  private final double[] mixed;
  private final double[] atPriors;

  Forecast(LearnerSettings settings, LaneComputes computes) {
    this.settings = settings;
    this.computes = computes;
    spec = settings.spec();
    reasons = new Reasons(settings);
    lanes = settings.lanes().size();
    laneLogits = new float[spec.outputs()];
    laneConcepts = new float[spec.conceptCount()];
    logits = new double[2 * lanes][spec.outputs()];
    concepts = new double[2 * lanes][spec.conceptCount()];
    losses = new double[2 * lanes];
    mixed = new double[spec.outputs()];
    atPriors = new double[spec.outputs()];
  }

  /**
   * Runs every model on one event; what follows speaks of that event.
   *
   * @param inputs standardised, {@code [features]}; not kept
   */
  void run(LearnerState state, float[] inputs) {
    Batch batch = new Batch(1, inputs, null);
    List<TrainingState> models = state.models();
    double[] weights = state.modelShares();
    Arrays.fill(mixed, 0);
    for (int m = 0; m < models.size(); m++) {
      LaneSettings lane = settings.lanes().get(m % lanes);
      computes.of(lane).predict(models.get(m), batch, laneLogits, laneConcepts);
      boolean atShares = lane.balance() == LaneSettings.Balance.NONE;
      for (int q = 0; q < laneLogits.length; q++) {
        logits[m][q] = laneLogits[q] - (atShares ? Math.log(state.belief.observedShares[q]) : 0);
        mixed[q] += weights[m] * logits[m][q];
      }
      for (int c = 0; c < laneConcepts.length; c++) {
        concepts[m][c] = laneConcepts[c];
      }
    }
  }

  /** Negative log-probabilities as if all classes were equally frequent. */
  static double[] scores(double[] logits) {
    double normaliser = logSumExp(logits);
    double[] scores = new double[logits.length];
    for (int k = 0; k < scores.length; k++) {
      scores[k] = normaliser - logits[k];
    }
    return scores;
  }

  private float[] coverage(LearnerState state) {
    float[] coverage = new float[state.sets.length];
    for (int k = 0; k < coverage.length; k++) {
      coverage[k] = (float) settings.sets().coverage(state.sets[k]);
    }
    return coverage;
  }

  /**
   * Logits of the mixture, as if all classes were equally frequent {@code [classes]}; not to keep.
   */
  double[] mixed() {
    return mixed;
  }

  /** Concepts of the first present lane {@code [concepts]}. */
  float[] concepts() {
    float[] first = new float[spec.conceptCount()];
    for (int c = 0; c < first.length; c++) {
      first[c] = (float) concepts[0][c];
    }
    return first;
  }

  /** Log-loss of the mixture at the stream's class shares, in nats. */
  float loss(LearnerState state, int label) {
    toPriors(state, mixed);
    double loss = logSumExp(atPriors) - atPriors[label];
    return Double.isFinite(loss) ? (float) loss : Float.MAX_VALUE;
  }

  /**
   * Log-loss of each model on a class, as if all classes were equally frequent, in nats; not to
   * keep.
   */
  double[] losses(LearnerState state, int label) {
    for (int m = 0; m < state.models().size(); m++) {
      losses[m] = logSumExp(logits[m]) - logits[m][label];
    }
    return losses;
  }

  /** The same of the mixture of the present lanes, or of the challenger's. */
  double generationLoss(LearnerState state, boolean challenger, int label) {
    double[] weights = challenger ? state.challenger.weights : state.laneWeights;
    double[] sum = new double[mixed.length];
    for (int l = 0; l < lanes; l++) {
      for (int q = 0; q < sum.length; q++) {
        sum[q] += weights[l] * logits[challenger ? lanes + l : l][q];
      }
    }
    return logSumExp(sum) - sum[label];
  }

  private void toPriors(LearnerState state, double[] balanced) {
    for (int q = 0; q < atPriors.length; q++) {
      atPriors[q] = balanced[q] + Math.log(state.belief.trueShares[q]);
    }
  }

  /** The prediction of the event that ran. */
  Prediction predict(LearnerState state, Event event, Standardizer.Quality quality) {
    toPriors(state, mixed);
    float[] probabilities = softmax(atPriors);
    boolean balanced = settings.decision() == LearnerSettings.Decision.BALANCED;
    int predicted = largest(balanced ? mixed : atPriors);
    Reasons.Told told = reasons.of(state, concepts, atPriors, predicted);
    Map<String, float[]> laneProbabilities = new LinkedHashMap<>();
    Map<String, Float> laneWeights = new LinkedHashMap<>();
    double[] weights = state.modelShares();
    for (int m = 0; m < weights.length; m++) {
      String lane =
          settings.lanes().get(m % lanes).name() + (m < lanes ? "" : Prediction.CHALLENGER);
      toPriors(state, logits[m]);
      laneProbabilities.put(lane, softmax(atPriors));
      laneWeights.put(lane, (float) weights[m]);
    }
    return new Prediction(
        event.eventId(),
        event.modelKey(),
        event.eventTime(),
        probabilities,
        predicted,
        settings.sets().set(state.sets, scores(mixed)),
        settings.sets().level(),
        settings.drift().watches() ? state.drift.state() : null,
        settings.drift().watches() ? state.drift.kind() : null,
        entropyShare(probabilities),
        (float) told.base(),
        told.contributions(),
        laneProbabilities,
        laneWeights,
        state.version,
        state.trainedUntil,
        quality.missing(),
        quality.clipped(),
        toFloat(state.belief.trueShares),
        coverage(state),
        told.interactions());
  }

  private static float[] toFloat(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static float[] softmax(double[] logits) {
    double normaliser = logSumExp(logits);
    float[] probabilities = new float[logits.length];
    for (int q = 0; q < logits.length; q++) {
      probabilities[q] = (float) Math.exp(logits[q] - normaliser);
    }
    return probabilities;
  }

  private static double logSumExp(double[] logits) {
    double largest = logits[largest(logits)];
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return largest + Math.log(sum);
  }

  private static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  private static float entropyShare(float[] probabilities) {
    double entropy = 0;
    for (float p : probabilities) {
      if (p > 0) {
        entropy -= p * Math.log(p);
      }
    }
    return (float) Math.min(1, entropy / Math.log(probabilities.length));
  }
}
