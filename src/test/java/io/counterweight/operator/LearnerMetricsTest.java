package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.metrics.testutils.MetricListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are what dashboards and alerts are built on, so they are spelled out here. */
class LearnerMetricsTest {
  private final LearnerSettings settings = Learners.small();
  private final SyntheticStream stream = Learners.stream(settings);
  private final MetricListener listener = new MetricListener();
  private final LearnerCache cache =
      new LearnerCache(new NoStore(), 1 << 20, this::create, evicted -> {});
  private final LearnerMetrics metrics =
      new LearnerMetrics(
          listener.getMetricGroup(), List.of("uniform", "bilevel"), 2, cache, () -> 7);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "events",
        "predictions",
        "trustedEvents",
        "lateEvents",
        "lateTrustedEvents",
        "refusedEvents",
        "refusedTrustedEvents",
        "weights",
        "miniBatches",
        "unsteeredMiniBatches",
        "skippedSteps",
        "suspects"
      })
  void countersStartAtZero(String name) {
    assertThat(counter(name)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixture", "lane.uniform", "lane.bilevel"})
  void qualityIsUndefinedBeforeTheFirstLabel(String group) {
    for (String name : List.of("prAuc", "rocAuc", "gMean", "accuracy", "brier", "logLoss")) {
      assertThat(gauge(group + "." + name)).as(name).isNaN();
    }
  }

  @Test
  void countersCountWhatHappened() {
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create("a");
      for (int n = 0; n < 8; n++) {
        metrics.received();
        Event event = stream.labelled("a", n);
        metrics.predicted(event, learner.observe(state, event));
        if (learner.isBatchFull(state)) {
          metrics.learned(learner.learn(state));
        }
        for (int i = 0; i < 3; i++) {
          metrics.trusted(learner.observeTrusted(state, stream.trusted("a", 3 * n + i)));
        }
      }
      metrics.received();
      metrics.lateEvent();
      metrics.lateTrusted();
      metrics.received();
      metrics.refusedEvent();
      metrics.refusedTrusted();

      assertThat(counter("events")).isEqualTo(10);
      assertThat(counter("predictions")).isEqualTo(8);
      assertThat(counter("trustedEvents")).isEqualTo(24);
      assertThat(counter("lateEvents")).isEqualTo(1);
      assertThat(counter("lateTrustedEvents")).isEqualTo(1);
      assertThat(counter("refusedEvents")).isEqualTo(1);
      assertThat(counter("refusedTrustedEvents")).isEqualTo(1);
      assertThat(counter("weights")).isEqualTo(8);
      assertThat(counter("miniBatches")).isEqualTo(2);
      assertThat(counter("skippedSteps")).isZero();
      assertThat(gauge("metaLoss")).isPositive();
      assertThat(gauge("effectiveSampleSize")).isBetween(1.0, 4.0);
      assertThat(gauge("mixture.accuracy")).isBetween(0.0, 1.0);
      assertThat(gauge("lane.uniform.logLoss")).isPositive();
      assertThat(gauge("lane.uniform.weight") + gauge("lane.bilevel.weight"))
          .isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void unsteeredMiniBatchesAreCounted() {
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create("a");
      learner.observe(state, stream.labelled("a", 0));
      metrics.learned(learner.learn(state));

      assertThat(counter("miniBatches")).isEqualTo(1);
      assertThat(counter("unsteeredMiniBatches")).isEqualTo(1);
      assertThat(gauge("metaLoss")).isNaN();
    }
  }

  @Test
  void theCacheIsSeen() throws Exception {
    cache.find("a");
    cache.create("a");
    cache.find("a");
    cache.find("b");
    cache.create("b");

    assertThat(gauge("cacheKeys")).isEqualTo(2);
    assertThat(gauge("keys")).isEqualTo(7);
    assertThat(gauge("cacheHitRate")).isCloseTo(1 / 3.0, within(1e-9));
    assertThat(gauge("cacheHits")).isEqualTo(1);
    assertThat(gauge("cacheMisses")).isEqualTo(2);
    assertThat(gauge("cacheBytes")).isEqualTo(cache.bytes()).isPositive();
  }

  private LearnerState create(String key) {
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      return learner.create(key);
    }
  }

  private long counter(String name) {
    return listener.getCounter(path(name)).orElseThrow().getCount();
  }

  private double gauge(String name) {
    return ((Number) listener.getGauge(path(name)).orElseThrow().getValue()).doubleValue();
  }

  private static String[] path(String name) {
    return Stream.concat(Stream.of("learner"), Stream.of(name.split("\\."))).toArray(String[]::new);
  }

  /** Holds nothing. */
  private static final class NoStore implements LearnerStore {
    @Override
    public LearnerState read(String key) {
      return null;
    }

    @Override
    public void write(String key, LearnerState state) {}
  }
}
