package io.counterweight.experiment;

import io.counterweight.bench.MarkdownTable;
import io.counterweight.compute.Backends;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.experiment.NoisyConceptStream.Change;
import io.counterweight.experiment.NoisyConceptStream.Noise;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.replay.FeedConfig;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * How well the monitor finds changes whose place and kind are known: the share that was found, how
 * soon, under which kind, and how often it cries without any.
 */
public final class DriftStudy {
  private static final int EVENTS = 40_000;
  private static final int CALM_EVENTS = 200_000;

  /** A change that is found later than this is missed. */
  private static final int LATEST = 8000;

  /**
   * A change to be found.
   *
   * @param kind that it should be found under; NONE: nothing changes
   */
  private record Scenario(
      String name,
      Noise noise,
      double rate,
      Change change,
      double after,
      int span,
      DriftKind kind) {}

  private static final List<Scenario> SCENARIOS =
      List.of(
          new Scenario(
              "concept, sym 20 %", Noise.SYM, 0.2, Change.CONCEPT, 0, 0, DriftKind.CONCEPT),
          new Scenario(
              "concept, miss 40 %", Noise.MISS, 0.4, Change.CONCEPT, 0, 0, DriftKind.CONCEPT),
          new Scenario(
              "concept, instance", Noise.INSTANCE, 0, Change.CONCEPT, 0, 0, DriftKind.CONCEPT),
          new Scenario(
              "concept over 4,000", Noise.SYM, 0.2, Change.CONCEPT, 0, 4000, DriftKind.CONCEPT),
          new Scenario(
              "concept, and back", Noise.SYM, 0.2, Change.RECURRING, 0, 0, DriftKind.CONCEPT),
          new Scenario(
              "noise, sym 5 to 30 %", Noise.SYM, 0.05, Change.NOISE, 0.3, 0, DriftKind.NOISE),
          new Scenario(
              "noise, miss 10 to 60 %", Noise.MISS, 0.1, Change.NOISE, 0.6, 0, DriftKind.NOISE),
          new Scenario("covariate", Noise.SYM, 0.2, Change.COVARIATE, 0.2, 0, DriftKind.COVARIATE),
          new Scenario("prior 5 to 15 %", Noise.SYM, 0.1, Change.PRIOR, 0.1, 0, DriftKind.PRIOR));

  private static final List<Noise> CALM =
      List.of(Noise.NONE, Noise.SYM, Noise.MISS, Noise.INSTANCE);

  /** A drift that was called. */
  private record Found(int index, DriftKind kind) {}

  private final List<Long> seeds;
  private final List<String> overrides;

  /**
   * A study.
   *
   * @param overrides of the configuration, {@code key=value}
   */
  public DriftStudy(List<Long> seeds, List<String> overrides) {
    this.seeds = List.copyOf(seeds);
    this.overrides = List.copyOf(overrides);
  }

  /** Runs all scenarios on a pool of threads; the tables as Markdown. */
  public String run(int slots) throws InterruptedException, ExecutionException {
    ExecutorService pool = Executors.newFixedThreadPool(slots);
    try {
      Map<Scenario, List<Future<List<Found>>>> changed = new LinkedHashMap<>();
      for (Scenario scenario : SCENARIOS) {
        List<Future<List<Found>>> runs = new ArrayList<>();
        for (long seed : seeds) {
          runs.add(pool.submit(() -> watch(stream(scenario, EVENTS, seed), seed)));
        }
        changed.put(scenario, runs);
      }
      List<Future<List<Found>>> calm = new ArrayList<>();
      for (Noise noise : CALM) {
        double rate = noise == Noise.MISS ? 0.4 : 0.2;
        Scenario scenario = new Scenario("", noise, rate, Change.NOTHING, rate, 0, DriftKind.NONE);
        for (long seed : seeds.subList(0, (seeds.size() + 3) / 4)) {
          calm.add(pool.submit(() -> watch(stream(scenario, CALM_EVENTS, seed), seed)));
        }
      }
      return table(changed) + "\n" + calmTable(calm);
    } finally {
      pool.shutdownNow();
    }
  }

  private static NoisyConceptStream stream(Scenario scenario, int events, long seed) {
    return new NoisyConceptStream(
        new NoisyConceptStream.Options(
            events,
            scenario.noise,
            scenario.rate,
            scenario.change,
            scenario.after,
            scenario.span,
            seed));
  }

  /** Every drift that the engine calls on a stream. */
  private List<Found> watch(Feed feed, long seed) {
    var config = FeedConfig.replay(feed, seed, overrides);
    List<Found> found = new ArrayList<>();
    try (OnlineLearner learner =
        new OnlineLearner(config.learner(), Backends.choose(Backends.AUTO).backend())) {
      LearnerState state = learner.create(Feed.DEFAULT_KEY);
      FeedTimeline timeline = new FeedTimeline(feed);
      int index = 0;
      while (timeline.hasNext()) {
        FeedTimeline.Entry entry = timeline.next();
        FeedEvent source = entry.source();
        if (entry.trusted()) {
          learner.observeTrusted(state, source.trusted());
        } else {
          learner.observe(state, source.event());
          index++;
          if (learner.isBatchFull(state)) {
            learner.learn(state);
          }
        }
        for (DriftEvent event : learner.takeDriftEvents()) {
          if (event.state() == DriftState.DRIFT) {
            found.add(new Found(index, event.kind()));
          }
        }
      }
    }
    return found;
  }

  private String table(Map<Scenario, List<Future<List<Found>>>> changed)
      throws InterruptedException, ExecutionException {
    MarkdownTable table =
        new MarkdownTable(
            "change",
            "found",
            "right kind first",
            "median delay, events",
            "first kinds",
            "false before, per 100,000");
    for (Map.Entry<Scenario, List<Future<List<Found>>>> entry : changed.entrySet()) {
      Scenario scenario = entry.getKey();
      int right = 0;
      long before = 0;
      List<Integer> delays = new ArrayList<>();
      Map<DriftKind, Integer> kinds = new EnumMap<>(DriftKind.class);
      for (Future<List<Found>> run : entry.getValue()) {
        List<Found> found = run.get();
        before += found.stream().filter(f -> f.index < EVENTS / 2).count();
        var first =
            found.stream()
                .filter(f -> f.index >= EVENTS / 2 && f.index < EVENTS / 2 + LATEST)
                .findFirst();
        if (first.isPresent()) {
          delays.add(first.get().index - EVENTS / 2);
          kinds.merge(first.get().kind, 1, Integer::sum);
          right += first.get().kind == scenario.kind ? 1 : 0;
        }
      }
      int runs = entry.getValue().size();
      delays.sort(null);
      table.row(
          scenario.name,
          MarkdownTable.percent((double) delays.size() / runs),
          MarkdownTable.percent((double) right / runs),
          delays.isEmpty() ? "-" : MarkdownTable.number(delays.get(delays.size() / 2), 3),
          kinds.toString().toLowerCase(Locale.ROOT),
          MarkdownTable.number(before * 1e5 / (runs * (EVENTS / 2.0)), 2));
    }
    return table.toString();
  }

  private static String calmTable(List<Future<List<Found>>> calm)
      throws InterruptedException, ExecutionException {
    Map<DriftKind, Integer> kinds = new EnumMap<>(DriftKind.class);
    for (Future<List<Found>> run : calm) {
      run.get().forEach(f -> kinds.merge(f.kind, 1, Integer::sum));
    }
    long events = (long) calm.size() * CALM_EVENTS;
    int alarms = kinds.values().stream().mapToInt(Integer::intValue).sum();
    return String.format(
        Locale.ROOT,
        "Without any change, %,d events: %d false alarms, %.2f per 100,000 events %s.%n",
        events,
        alarms,
        alarms * 1e5 / events,
        kinds.toString().toLowerCase(Locale.ROOT));
  }
}
