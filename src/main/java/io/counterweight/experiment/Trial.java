package io.counterweight.experiment;

import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.metric.Decisions;
import io.counterweight.replay.FeedConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One stream with one seed, on which learners are tried, test-then-train in the order of event
 * time; several at a time.
 */
final class Trial {
  /** Events at the beginning that are not judged, of a long stream. */
  private static final int WARM_UP = 3000;

  private static final int LONG = 15_000;
  private static final double NANOS = 1e-9;

  private final Feed feed;
  private final int from;
  private final int to;
  private final Map<String, Integer> index = new HashMap<>();
  private final Map<String, FeedEvent> sources = new HashMap<>();

  /**
   * A trial on a feed of one key.
   *
   * @param half first, second or all
   */
  Trial(Feed feed, String half) {
    this.feed = feed;
    int n = Math.toIntExact(feed.size());
    int warmUp = n > LONG ? WARM_UP : n / 10;
    from = (half.equals("second") ? n / 2 : 0) + warmUp;
    to = half.equals("first") ? n / 2 : n;
    for (FeedEvent event : feed) {
      index.put(event.event().eventId(), index.size());
      sources.put(event.event().eventId(), event);
    }
  }

  Feed feed() {
    return feed;
  }

  /** The engine: one row for the mixture, one for each lane. */
  Map<String, Row> engine(Suite.Arm spec, long seed) {
    String arm = spec.name();
    EngineConfig config = FeedConfig.replay(feed, seed, spec.set());
    int toldAt =
        spec.told() != null && feed instanceof NoisyConceptStream study && study.conceptChanges()
            ? study.changeAt() + spec.told()
            : -1;
    Map<String, Scores> lanes = new LinkedHashMap<>();
    Scores mixture = scores();
    long began = System.nanoTime();
    try (OnlineLearner learner =
        new OnlineLearner(
            config.learner(),
            Backends.choose(config.compute().backendName()).backend(),
            id -> sources.get(id).trueLabel())) {
      LearnerState state = learner.create(Feed.DEFAULT_KEY);
      FeedTimeline timeline = new FeedTimeline(feed);
      while (timeline.hasNext()) {
        FeedTimeline.Entry entry = timeline.next();
        if (entry.trusted()) {
          learner.observeTrusted(state, entry.event());
          continue;
        }
        Prediction prediction = learner.observe(state, entry.event());
        int at = index.get(prediction.eventId());
        if (at == toldAt) {
          long onset = entry.event().eventTime() - spec.told() * NoisyConceptStream.INTERVAL;
          learner.tellOfConceptDrift(state, entry.event().eventTime(), onset);
        }
        int truth = entry.source().trueLabel();
        mixture.predicted(at, truth, prediction.predictedClass(), prediction.probabilities());
        prediction
            .laneProbabilities()
            .forEach(
                (lane, p) ->
                    lanes
                        .computeIfAbsent(lane.replace(Prediction.CHALLENGER, ""), name -> scores())
                        .predicted(at, truth, Decisions.balanced(p, prediction.classShares()), p));
        if (learner.isBatchFull(state)) {
          learner.learn(state).weights().forEach(weight -> weighed(weight, mixture, lanes));
        }
      }
      if (!state.pending.isEmpty()) {
        learner.learn(state).weights().forEach(weight -> weighed(weight, mixture, lanes));
      }
    }
    double speed = feed.size() / ((System.nanoTime() - began) * NANOS);
    Map<String, Row> rows = new LinkedHashMap<>();
    rows.put(arm, mixture.row(speed));
    if (lanes.size() > 1) {
      lanes.forEach((lane, scores) -> rows.put(arm + ": " + lane, scores.row(Double.NaN)));
    }
    return rows;
  }

  private Scores scores() {
    return new Scores(feed.classes(), from, to);
  }

  private void weighed(SampleWeight weight, Scores mixture, Map<String, Scores> lanes) {
    int at = index.get(weight.eventId());
    int truth = sources.get(weight.eventId()).trueLabel();
    mixture.believed(at, weight.label(), truth, weight.belief());
  }

  /** Another learner; two rows if its own decision is the most probable class. */
  Map<String, Row> contestant(String name, Contestant contestant) {
    Scores own = scores();
    Scores balanced = scores();
    float[] shares = new float[feed.classes()];
    Arrays.fill(shares, 1f / shares.length);
    long seen = shares.length;
    long began = System.nanoTime();
    FeedTimeline timeline = new FeedTimeline(feed);
    while (timeline.hasNext()) {
      FeedTimeline.Entry entry = timeline.next();
      Event event = entry.event();
      if (!entry.trusted()) {
        float[] p = contestant.predict(event);
        int at = index.get(event.eventId());
        int truth = entry.source().trueLabel();
        own.predicted(at, truth, Decisions.mostProbable(p), p);
        balanced.predicted(at, truth, Decisions.balanced(p, shares), p);
        seen++;
        for (int k = 0; k < shares.length; k++) {
          shares[k] += ((k == event.label() ? 1 : 0) - shares[k]) / seen;
        }
      }
      contestant.learn(event);
    }
    double speed = feed.size() / ((System.nanoTime() - began) * NANOS);
    Map<String, Row> rows = new LinkedHashMap<>();
    rows.put(name, own.row(speed));
    rows.put(name + ", balanced decision", balanced.row(speed));
    return rows;
  }
}
