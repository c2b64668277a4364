package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.event.Prediction;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.TaylorHead;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Reason codes of the mixture. Logits are mixed linearly, so the mixture's contributions are the
 * lanes' contributions in the same proportions and still sum to its logit difference; so are its
 * pair terms. Not thread-safe.
 */
final class Reasons {
  /** Pairs are looked for among so many concepts, those that contribute most. */
  private static final int PAIRED_CONCEPTS = 8;

  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final TaylorHead head;
  private final double[] difference;
  private final double[] baseline;
  private final double[] phi;
  private final double[] shares;

  /**
   * What is told of a prediction.
   *
   * @param base logit difference of a typical event at the stream's class shares
   * @param contributions the largest, then the sum of the others; {@code base} plus their sum is
   *     the logit difference; a concept that was removed has none
   * @param interactions the strongest pair terms
   */
  record Told(double base, Map<String, Float> contributions, Map<String, Float> interactions) {}

  Reasons(LearnerSettings settings) {
    this.settings = settings;
    spec = settings.spec();
    head = new TaylorHead(spec, ParameterLayout.parameters(spec));
    difference = new double[spec.outputs()];
    baseline = new double[spec.conceptCount()];
    phi = new double[spec.conceptCount()];
    shares = new double[spec.conceptCount()];
  }

  /**
   * Explains one event.
   *
   * @param concepts of each model {@code [models][concepts]}
   * @param logits of the mixture at the stream's class shares {@code [classes]}
   */
  Told of(LearnerState state, double[][] concepts, double[] logits, int predicted) {
    if (spec.outputs() == 2) {
      difference[0] = -1;
      difference[1] = 1;
    } else {
      Arrays.fill(difference, -1.0 / (spec.outputs() - 1));
      difference[predicted] = 1;
    }
    double base = 0;
    for (int q = 0; q < logits.length; q++) {
      base += difference[q] * logits[q];
    }
    Arrays.fill(shares, 0);
    List<TrainingState> models = state.models();
    double[] weights = state.modelShares();
    for (int m = 0; m < models.size(); m++) {
      TrainingState model = models.get(m);
      readBaseline(model);
      head.contributions(model.predicting(), difference, concepts[m], baseline, phi);
      for (int c = 0; c < phi.length; c++) {
        double share = weights[m] * phi[c];
        shares[c] += share;
        base -= share;
      }
    }
    boolean paired = settings.topPairs() > 0 && spec.order() == 2;
    return new Told(
        base, contributions(), paired ? interactions(models, weights, concepts) : Map.of());
  }

  private void readBaseline(TrainingState model) {
    for (int c = 0; c < baseline.length; c++) {
      baseline[c] = model.conceptMeans[c];
    }
  }

  private Map<String, Float> contributions() {
    int most = settings.topReasons() == 0 ? shares.length : settings.topReasons();
    double least = most < shares.length ? sizeOfRank(most) : 0;
    Map<String, Float> named = new LinkedHashMap<>();
    double others = 0;
    for (int c = 0; c < shares.length; c++) {
      if (shares[c] == 0) {
        continue;
      }
      if (Math.abs(shares[c]) >= least && named.size() < most) {
        named.put(spec.concepts().get(c).name(), (float) shares[c]);
      } else {
        others += shares[c];
      }
    }
    if (others != 0) {
      named.put(Prediction.OTHERS, (float) others);
    }
    return named;
  }

  private double sizeOfRank(int rank) {
    double[] sizes = Arrays.stream(shares).map(Math::abs).sorted().toArray();
    return sizes[sizes.length - rank];
  }

  private Map<String, Float> interactions(
      List<TrainingState> models, double[] weights, double[][] concepts) {
    int[] chosen = largest();
    int n = chosen.length;
    double[] pairs = new double[n * n];
    for (int m = 0; m < models.size(); m++) {
      readBaseline(models.get(m));
      head.addPairs(
          models.get(m).predicting(), difference, concepts[m], baseline, chosen, weights[m], pairs);
    }
    List<Integer> order = new ArrayList<>();
    for (int pair = 0; pair < pairs.length; pair++) {
      if (pairs[pair] != 0) {
        order.add(pair);
      }
    }
    order.sort(Comparator.comparingDouble(pair -> -Math.abs(pairs[pair])));
    Map<String, Float> named = new LinkedHashMap<>();
    for (int pair : order.subList(0, Math.min(settings.topPairs(), order.size()))) {
      String first = spec.concepts().get(chosen[pair / n]).name();
      String second = spec.concepts().get(chosen[pair % n]).name();
      named.put(first + "*" + second, (float) pairs[pair]);
    }
    return named;
  }

  /** The concepts that contribute most, in the model's order. */
  private int[] largest() {
    int n = Math.min(PAIRED_CONCEPTS, shares.length);
    double least = sizeOfRank(n);
    return IntStream.range(0, shares.length)
        .filter(c -> Math.abs(shares[c]) >= least)
        .limit(n)
        .toArray();
  }
}
