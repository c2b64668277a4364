package io.counterweight.report;

import io.counterweight.event.SampleWeight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far labels were believed, over the loss of the prediction on them: mean weights by label,
 * period and bin of the loss, and how the weights of right and of wrong labels are distributed. The
 * weight is the one in [0, 1] that a lane's weight net or the flip rates gave, not the one that is
 * divided by its mini-batch's mean. Not thread-safe.
 */
public final class WeightCurves {
  /** Where the truth of a label is not known. */
  public static final int UNKNOWN = -1;

  /** Lower ends of the bins of the loss, in nats; the last is open. */
  private static final double[] LOSS_EDGES = {
    0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6
  };

  private static final int BINS = 20;

  private final Windows periods;
  private final Map<Integer, OfLabel> labels = new TreeMap<>();
  private boolean truthKnown;

  private final class OfLabel {
    final ExactMeans curve = new ExactMeans(periods.count() * LOSS_EDGES.length);
    final long[] right = new long[BINS];
    final long[] wrong = new long[BINS];
  }

  /**
   * Nothing seen yet.
   *
   * @param periods of the run that have curves of their own
   */
  public WeightCurves(Windows periods) {
    this.periods = periods;
  }

  /** How far a label counted in training, in [0, 1]; without one, over its mini-batch's mean. */
  public static float rawWeight(SampleWeight weight) {
    return weight.rawWeight() == null ? weight.weight() : weight.rawWeight();
  }

  /** Probability that a label is right; where it was not told, how far it counted. */
  public static float belief(SampleWeight weight) {
    return weight.belief() == null ? rawWeight(weight) : weight.belief();
  }

  /**
   * Takes one weight.
   *
   * @param index of the event, from 0
   * @param trueLabel or {@link #UNKNOWN}
   */
  public void weighted(long index, int trueLabel, SampleWeight weight) {
    truthKnown |= trueLabel != UNKNOWN;
    OfLabel of = labels.computeIfAbsent(weight.label(), label -> new OfLabel());
    float belief = belief(weight);
    of.curve.add(periods.of(index) * LOSS_EDGES.length + bin(weight.loss()), rawWeight(weight));
    int bin = (int) Math.max(0, Math.min(BINS - 1, Math.floor(belief * BINS)));
    boolean wrong = trueLabel != UNKNOWN && trueLabel != weight.label();
    (wrong ? of.wrong : of.right)[bin]++;
  }

  private static int bin(double loss) {
    int found = Arrays.binarySearch(LOSS_EDGES, loss);
    return Math.max(0, found >= 0 ? found : -found - 2);
  }

  /** The section {@code weights}. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("truthKnown", truthKnown);
    List<Double> lossEdges = new ArrayList<>(Numbers.rounded(LOSS_EDGES));
    lossEdges.add(null);
    values.put("lossEdges", lossEdges);
    List<Map<String, Object>> times = new ArrayList<>();
    for (int p = 0; p < periods.count(); p++) {
      times.add(Map.of("from", periods.from(p), "to", periods.from(p + 1)));
    }
    values.put("periods", times);
    values.put(
        "curves", labels.entrySet().stream().map(e -> curve(e.getKey(), e.getValue())).toList());
    double[] edges = new double[BINS + 1];
    for (int b = 0; b <= BINS; b++) {
      edges[b] = (double) b / BINS;
    }
    values.put("edges", Numbers.rounded(edges));
    List<Map<String, Object>> histogram = new ArrayList<>();
    labels.forEach(
        (label, of) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("label", label);
          one.put("right", Numbers.list(of.right));
          one.put("wrong", Numbers.list(of.wrong));
          histogram.add(one);
        });
    values.put("histogram", histogram);
    return values;
  }

  private Map<String, Object> curve(int label, OfLabel of) {
    List<Map<String, Object>> byPeriod = new ArrayList<>();
    int bins = LOSS_EDGES.length;
    List<Long> counts = of.curve.counts();
    List<Double> means = of.curve.means();
    for (int p = 0; p < periods.count(); p++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("count", counts.subList(p * bins, (p + 1) * bins));
      one.put("mean", means.subList(p * bins, (p + 1) * bins));
      byPeriod.add(one);
    }
    Map<String, Object> curve = new LinkedHashMap<>();
    curve.put("label", label);
    curve.put("periods", byPeriod);
    return curve;
  }
}
