package io.counterweight.bench;

import io.counterweight.compute.Backends;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.experiment.NoisyConceptStream;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.metric.Ranking;
import io.counterweight.replay.FeedConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parent}: the first events of new keys, from nothing and from a parent. */
@Command(
    name = "parent",
    description = {
      "PR-AUC by the true labels of the first events of new keys that begin from nothing or from a parent, which has"
          + " learned from a part of the events of older keys. Each key measures its features in its own units."
    })
public final class WarmStart implements Callable<Integer> {
  private static final int[] FIRST = {200, 500, 2000};
  private static final double NOISE = 0.1;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Seeds. Default: ${DEFAULT-VALUE}")
  private int seeds;

  @Option(
      names = "--older",
      paramLabel = "N",
      defaultValue = "20",
      description = "Older keys of 2,000 events each. Default: ${DEFAULT-VALUE}")
  private int older;

  @Option(
      names = "--share",
      paramLabel = "S",
      defaultValue = "0.05",
      description = "Part of their events that the parent learns from. Default: ${DEFAULT-VALUE}")
  private double share;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "5",
      description = "New keys of 2,000 events each. Default: ${DEFAULT-VALUE}")
  private int keys;

  @Spec private CommandSpec spec;

  /** An event of a key, and its true label if that becomes known. */
  private record Lived(Event event, int truth, boolean trusted) {
    Event investigated() {
      return new Event(
          event.eventId(),
          event.modelKey(),
          event.eventTime(),
          event.features(),
          truth,
          FeedEvent.INVESTIGATION,
          null);
    }
  }

  @Override
  public Integer call() {
    MarkdownTable table =
        new MarkdownTable(
            "new keys have", "begin from", "first 200 events", "first 500", "first 2,000");
    for (boolean related : new boolean[] {true, false}) {
      List<List<Double>> alone = columns();
      List<List<Double>> inherited = columns();
      for (int seed = 1; seed <= seeds; seed++) {
        run(seed, related, alone, inherited);
      }
      String concept = related ? "the older keys' concept" : "another concept";
      table.row(row(concept, "nothing", alone));
      table.row(row(concept, "the parent", inherited));
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%d seeds, %d older keys, a share of %s of their events for the parent, %d new keys a seed, %.0f %% of"
                + " labels wrong.%n%n%s",
            seeds,
            older,
            share,
            keys,
            100 * NOISE,
            table);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static List<List<Double>> columns() {
    List<List<Double>> columns = new ArrayList<>();
    for (int i = 0; i < FIRST.length; i++) {
      columns.add(new ArrayList<>());
    }
    return columns;
  }

  private static String[] row(String concept, String start, List<List<Double>> columns) {
    List<String> cells = new ArrayList<>(List.of(concept, start));
    columns.forEach(values -> cells.add(meanAndDeviation(values)));
    return cells.toArray(String[]::new);
  }

  private static String meanAndDeviation(List<Double> values) {
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    double deviation = Math.sqrt(squares / Math.max(1, values.size() - 1));
    return String.format(Locale.ROOT, "%.3f ± %.3f", mean, deviation);
  }

  private void run(
      int seed, boolean related, List<List<Double>> alone, List<List<Double>> inherited) {
    int length = FIRST[FIRST.length - 1];
    LearnerSettings settings =
        FeedConfig.replay(stream(1, length, false), seed, List.of()).learner();
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named(Backends.AUTO))) {
      LearnerState parent = parent(learner, seed, length);
      for (boolean fromParent : new boolean[] {false, true}) {
        double[] sums = new double[FIRST.length];
        for (int k = 0; k < keys; k++) {
          String key = "new-" + k;
          LearnerState state = fromParent ? learner.create(key, parent) : learner.create(key);
          Ranking ranking = new Ranking(length);
          int seen = 0;
          for (Lived lived : key(key, 1000 * seed + older + k, length, !related)) {
            Prediction prediction = live(learner, state, lived);
            ranking.add(prediction.probabilities()[1], lived.truth == 1);
            seen++;
            for (int f = 0; f < FIRST.length; f++) {
              sums[f] += seen == FIRST[f] ? ranking.averagePrecision() : 0;
            }
          }
        }
        for (int f = 0; f < FIRST.length; f++) {
          (fromParent ? inherited : alone).get(f).add(sums[f] / keys);
        }
      }
    }
  }

  private LearnerState parent(OnlineLearner learner, int seed, int length) {
    Random random = new Random(seed);
    LearnerState parent = learner.create("global");
    List<List<Lived>> all = new ArrayList<>();
    for (int k = 0; k < older; k++) {
      all.add(key("old-" + k, 1000 * seed + k, length, false));
    }
    for (int i = 0; i < length; i++) {
      for (List<Lived> one : all) {
        if (random.nextDouble() < share) {
          live(learner, parent, one.get(i));
        }
      }
    }
    return parent;
  }

  private static Prediction live(OnlineLearner learner, LearnerState state, Lived lived) {
    Prediction prediction = learner.observe(state, lived.event);
    if (learner.isBatchFull(state)) {
      learner.learn(state);
    }
    if (lived.trusted) {
      learner.observeTrusted(state, lived.investigated());
    }
    return prediction;
  }

  private static NoisyConceptStream stream(int seed, int events, boolean changed) {
    return new NoisyConceptStream(
        new NoisyConceptStream.Options(
            changed ? 2 * events : events,
            NoisyConceptStream.Noise.SYM,
            NOISE,
            changed ? NoisyConceptStream.Change.CONCEPT : NoisyConceptStream.Change.NOTHING,
            NOISE,
            0,
            seed));
  }

  /** Features of a key have offsets and scales of their own. */
  private static List<Lived> key(String key, int seed, int events, boolean otherConcept) {
    NoisyConceptStream stream = stream(seed, events, otherConcept);
    Random random = new Random(seed);
    int features = stream.featureNames().size();
    double[] offsets = random.doubles(features, -0.5, 0.5).toArray();
    double[] scales = random.doubles(features, 0.7, 1.4).toArray();
    List<Lived> lived = new ArrayList<>();
    int n = 0;
    for (FeedEvent source : stream) {
      if (otherConcept && n++ < events) {
        continue;
      }
      Event event = source.event();
      float[] x = new float[features];
      for (int f = 0; f < features; f++) {
        x[f] = (float) (offsets[f] + scales[f] * event.features()[f]);
      }
      lived.add(
          new Lived(
              new Event(
                  key + "-" + event.eventId(),
                  key,
                  event.eventTime(),
                  x,
                  event.label(),
                  event.labelSource(),
                  null),
              source.trueLabel(),
              source.isTrusted()));
    }
    return lived;
  }
}
