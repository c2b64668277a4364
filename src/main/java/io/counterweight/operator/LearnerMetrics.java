package io.counterweight.operator;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LearnReport;
import io.counterweight.learner.TrustedReport;
import io.counterweight.metric.Decisions;
import io.counterweight.metric.FadingMetrics;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * The learner's metrics in its operator's group, over all keys of the subtask. Counters under
 * {@code learner} balance: {@code events = predictions + labelledLater + late + refused + waiting}.
 * Quality under {@code learner.lane.NAME}, against the labels as received, with a memory of about
 * 10,000 labelled events; under {@code learner.mixture} that of the emitted predictions.
 */
final class LearnerMetrics {
  private static final int HORIZON = 10_000;
  private static final int PAIRS = 1000;

  private final Counter events;
  private final Counter predictions;
  private final Counter labelledLater;
  private final Counter trusted;
  private final Counter lateEvents;
  private final Counter lateTrusted;
  private final Counter refusedEvents;
  private final Counter refusedTrusted;
  private final Counter weights;
  private final Counter miniBatches;
  private final Counter unsteeredMiniBatches;
  private final Counter skippedSteps;
  private final Counter suspects;
  private final Map<DriftKind, Counter> drifts = new EnumMap<>(DriftKind.class);
  private final FadingMetrics mixture;
  private final Map<String, FadingMetrics> lanes = new LinkedHashMap<>();
  private volatile Map<String, Float> laneWeights = Map.of();

  /** Of wrong labels from right ones by the belief, on events whose both labels are known. */
  private final FadingMetrics separation = new FadingMetrics(2, PAIRS);

  private final Map<String, MetricGroup> laneGroups = new LinkedHashMap<>();

  /** Of the lanes that are such, once they have decided. */
  private final Map<String, MuboMetrics> mubo = new LinkedHashMap<>();

  private volatile long reservoirAge;
  private volatile double smallestCoverage = Double.NaN;
  private volatile String driftState = "null";
  private volatile double effectiveSampleSize = Double.NaN;
  private volatile double metaLoss = Double.NaN;

  LearnerMetrics(
      MetricGroup operator,
      List<String> laneNames,
      int classes,
      LearnerCache cache,
      LongSupplier keys) {
    MetricGroup group = operator.addGroup("learner");
    events = group.counter("events");
    predictions = group.counter("predictions");
    labelledLater = group.counter("labelledLater");
    trusted = group.counter("trustedEvents");
    lateEvents = group.counter("lateEvents");
    lateTrusted = group.counter("lateTrustedEvents");
    refusedEvents = group.counter("refusedEvents");
    refusedTrusted = group.counter("refusedTrustedEvents");
    weights = group.counter("weights");
    miniBatches = group.counter("miniBatches");
    unsteeredMiniBatches = group.counter("unsteeredMiniBatches");
    skippedSteps = group.counter("skippedSteps");
    suspects = group.counter("suspects");
    for (DriftKind kind : DriftKind.values()) {
      drifts.put(
          kind, group.addGroup("drift", kind.name().toLowerCase(Locale.ROOT)).counter("drifts"));
    }
    gauge(group, "weightSeparation", separation::rocAuc);
    gauge(group, "reservoirAge", () -> reservoirAge);
    gauge(group, "setCoverage", () -> smallestCoverage);
    gauge(group, "driftState", () -> driftState);
    gauge(group, "effectiveSampleSize", () -> effectiveSampleSize);
    gauge(group, "metaLoss", () -> metaLoss);
    gauge(group, "cacheHitRate", cache::hitRate);
    gauge(group, "cacheHits", cache::hits);
    gauge(group, "cacheMisses", cache::misses);
    gauge(group, "cacheBytes", cache::bytes);
    gauge(group, "cacheKeys", cache::size);
    gauge(group, "keys", keys::getAsLong);
    mixture = new FadingMetrics(classes, HORIZON);
    register(group.addGroup("mixture"), mixture);
    for (String lane : laneNames) {
      FadingMetrics quality = new FadingMetrics(classes, HORIZON);
      lanes.put(lane, quality);
      MetricGroup laneGroup = group.addGroup("lane", lane);
      register(laneGroup, quality);
      laneGroups.put(lane, laneGroup);
      gauge(laneGroup, "weight", () -> laneWeights.getOrDefault(lane, Float.NaN));
    }
  }

  private static void register(MetricGroup group, FadingMetrics quality) {
    gauge(group, "prAuc", quality::prAuc);
    gauge(group, "rocAuc", quality::rocAuc);
    gauge(group, "gMean", quality::gMean);
    gauge(group, "accuracy", quality::accuracy);
    gauge(group, "brier", quality::brier);
    gauge(group, "logLoss", quality::logLoss);
    gauge(group, "ece", quality::calibrationError);
  }

  private static <T> void gauge(MetricGroup group, String name, Gauge<T> gauge) {
    group.gauge(name, gauge);
  }

  void received() {
    events.inc();
  }

  void predicted(Event event, Prediction prediction) {
    predictions.inc();
    if (event.isLabelled()) {
      mixture.observe(prediction.probabilities(), prediction.predictedClass(), event.label());
      for (Map.Entry<String, float[]> lane : prediction.laneProbabilities().entrySet()) {
        FadingMetrics quality = lanes.get(lane.getKey());
        if (quality != null) { // a challenger has no name of its own yet
          int decision = Decisions.balanced(lane.getValue(), prediction.classShares());
          quality.observe(lane.getValue(), decision, event.label());
        }
      }
    }
    laneWeights = prediction.laneWeights();
    driftState = String.valueOf(prediction.driftState());
    float smallest = Float.NaN;
    for (float coverage : prediction.setCoverage()) {
      smallest = Float.isNaN(smallest) ? coverage : Math.min(smallest, coverage);
    }
    smallestCoverage = smallest;
  }

  /** An event that was predicted before, and now has its label. */
  void labelledLater() {
    labelledLater.inc();
  }

  void trusted(TrustedReport report) {
    trusted.inc();
    reservoirAge = report.reservoirAge();
    if (!Float.isNaN(report.belief())) {
      float wrong = 1 - report.belief();
      float[] probabilities = {report.belief(), wrong};
      separation.observe(probabilities, wrong > 0.5 ? 1 : 0, report.mislabelled() ? 1 : 0);
    }
  }

  void drifted(DriftEvent drift) {
    if (drift.state() == DriftState.DRIFT) {
      drifts.get(drift.kind()).inc();
    }
  }

  void lateEvent() {
    lateEvents.inc();
  }

  void lateTrusted() {
    lateTrusted.inc();
  }

  void refusedEvent() {
    refusedEvents.inc();
  }

  void refusedTrusted() {
    refusedTrusted.inc();
  }

  void learned(LearnReport report) {
    miniBatches.inc();
    weights.inc(report.weights().size());
    if (!report.steered()) {
      unsteeredMiniBatches.inc();
    }
    skippedSteps.inc(report.skippedSteps());
    for (SampleWeight weight : report.weights()) {
      if (weight.suspect()) {
        suspects.inc();
      }
    }
    for (LearnReport.Mubo decided : report.mubo()) {
      mubo.computeIfAbsent(decided.lane(), lane -> new MuboMetrics(laneGroups.get(lane)))
          .decided(decided);
    }
    effectiveSampleSize = report.effectiveSampleSize();
    metaLoss = report.metaLoss();
  }
}
