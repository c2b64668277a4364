package io.counterweight.learner;

import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.TaylorHead;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Predicts one event with every lane, mixes their logits and explains the mixture. Because logits
 * are mixed linearly, the mixture's reason codes are the lanes' reason codes in the same
 * proportions, and still sum to its logit difference.
 */
final class Forecast {
  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final BatmCompute compute;
  private final TaylorHead head;

  private final float[] laneLogits;
  private final float[] laneConcepts;
  private final double[][] logits;
  private final double[][] concepts;
  private final double[] mixed;
  private final double[] difference;
  private final double[] baseline;
  private final double[] phi;
  private final double[] shares;

  Forecast(LearnerSettings settings, BatmCompute compute) {
    this.settings = settings;
    this.compute = compute;
    spec = settings.spec();
    head = new TaylorHead(spec, ParameterLayout.parameters(spec));
    int lanes = settings.lanes().size();
    laneLogits = new float[spec.outputs()];
    laneConcepts = new float[spec.conceptCount()];
    logits = new double[lanes][spec.outputs()];
    concepts = new double[lanes][spec.conceptCount()];
    mixed = new double[spec.outputs()];
    difference = new double[spec.outputs()];
    baseline = new double[spec.conceptCount()];
    phi = new double[spec.conceptCount()];
    shares = new double[spec.conceptCount()];
  }

  /**
   * Predicts.
   *
   * @param inputs standardised, {@code [features]}; not kept
   */
  Prediction predict(
      LearnerState state, Event event, float[] inputs, Standardizer.Quality quality) {
    runLanes(state, inputs);
    mix(state.laneWeights);
    float[] probabilities = softmax(mixed);
    int predicted = largest(mixed);
    double base = explain(state, predicted);
    Map<String, Float> contributions = new LinkedHashMap<>();
    for (int c = 0; c < shares.length; c++) {
      contributions.put(spec.concepts().get(c).name(), (float) shares[c]);
    }
    Map<String, float[]> laneProbabilities = new LinkedHashMap<>();
    Map<String, Float> laneWeights = new LinkedHashMap<>();
    for (int l = 0; l < logits.length; l++) {
      String lane = settings.lanes().get(l).name();
      laneProbabilities.put(lane, softmax(logits[l]));
      laneWeights.put(lane, (float) state.laneWeights[l]);
    }
    return new Prediction(
        event.eventId(),
        event.modelKey(),
        event.eventTime(),
        probabilities,
        predicted,
        null,
        null,
        null,
        null,
        entropyShare(probabilities),
        (float) base,
        contributions,
        laneProbabilities,
        laneWeights,
        state.version,
        state.trainedUntil,
        quality.missing(),
        quality.clipped());
  }

  /** Log-loss of each lane on an event of known class, in nats. */
  double[] losses(LearnerState state, float[] inputs, int label) {
    runLanes(state, inputs);
    double[] losses = new double[logits.length];
    for (int l = 0; l < losses.length; l++) {
      losses[l] = logSumExp(logits[l]) - logits[l][label];
    }
    return losses;
  }

  private void runLanes(LearnerState state, float[] inputs) {
    Batch batch = new Batch(1, inputs, null);
    for (int l = 0; l < logits.length; l++) {
      compute.predict(state.lanes.get(l), batch, laneLogits, laneConcepts);
      for (int q = 0; q < laneLogits.length; q++) {
        logits[l][q] = laneLogits[q];
      }
      for (int c = 0; c < laneConcepts.length; c++) {
        concepts[l][c] = laneConcepts[c];
      }
    }
  }

  private void mix(double[] laneWeights) {
    Arrays.fill(mixed, 0);
    for (int l = 0; l < logits.length; l++) {
      for (int q = 0; q < mixed.length; q++) {
        mixed[q] += laneWeights[l] * logits[l][q];
      }
    }
  }

  /**
   * Fills {@code shares} with the mixture's contributions; returns its value at the lanes' typical
   * events: what the contributions leave of the logit difference, exactly.
   */
  private double explain(LearnerState state, int predicted) {
    if (spec.outputs() == 2) {
      difference[0] = -1;
      difference[1] = 1;
    } else {
      Arrays.fill(difference, -1.0 / (spec.outputs() - 1));
      difference[predicted] = 1;
    }
    Arrays.fill(shares, 0);
    double base = 0;
    for (int q = 0; q < mixed.length; q++) {
      base += difference[q] * mixed[q];
    }
    for (int l = 0; l < logits.length; l++) {
      TrainingState lane = state.lanes.get(l);
      for (int c = 0; c < baseline.length; c++) {
        baseline[c] = lane.conceptMeans[c];
      }
      head.contributions(lane.parameters, difference, concepts[l], baseline, phi);
      for (int c = 0; c < phi.length; c++) {
        double share = state.laneWeights[l] * phi[c];
        shares[c] += share;
        base -= share;
      }
    }
    return base;
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
