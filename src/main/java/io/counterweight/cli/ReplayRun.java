package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.Feed;
import io.counterweight.evaluation.Evaluation;
import io.counterweight.evaluation.RunDigest;
import io.counterweight.evaluation.RunReport;
import io.counterweight.evaluation.Truth;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.replay.FeedSupplier;
import io.counterweight.replay.ReplayJob;
import io.counterweight.replay.TruthWindow;
import io.counterweight.replay.WatchedFeed;
import java.util.Map;

/** One run: takes the job's results, judges them and says how it went. */
final class ReplayRun implements ReplayJob.Results, AutoCloseable {
  private static final double SECOND = 1e9;

  private final Feed feed;
  private final TruthWindow truth;
  private final Evaluation evaluation;
  private final RunDigest digest = new RunDigest();
  private final RunProgress progress;
  private final ResultFiles files;
  private final RunContents contents;
  private final SuspectFile suspects;
  private long firstResult;
  private long lastResult;

  /**
   * A run that has not begun.
   *
   * @param contents receives what the report holds, or null
   * @param suspects receives suspect labels, or null
   */
  ReplayRun(
      Feed feed,
      RunProgress progress,
      ResultFiles files,
      RunContents contents,
      SuspectFile suspects) {
    this.feed = feed;
    this.progress = progress;
    this.files = files;
    this.contents = contents;
    this.suspects = suspects;
    truth = new TruthWindow(contents == null ? feed : new WatchedFeed(feed, contents::sent));
    evaluation = new Evaluation(feed.classes());
  }

  @Override
  public void predicted(Prediction prediction) {
    Truth of = truth.ofResult(prediction.eventId());
    evaluation.predicted(of, prediction);
    digest.predicted(prediction);
    files.write(prediction);
    progress.predicted(of, prediction);
    if (contents != null) {
      contents.predicted(of, prediction);
    }
    if (suspects != null) {
      suspects.predicted(prediction);
    }
    count();
  }

  @Override
  public void weighted(SampleWeight weight) {
    Truth of = truth.ofResult(weight.eventId());
    evaluation.weighted(of, weight);
    digest.weighted(weight);
    files.write(weight);
    progress.weighted(of, weight);
    if (contents != null) {
      contents.weighted(of, weight);
    }
    if (suspects != null) {
      suspects.weighted(of, weight);
    }
    count();
  }

  @Override
  public void drifted(DriftEvent drift) {
    if (contents != null) {
      contents.drifted(drift);
    }
  }

  @Override
  public void learned(ModelSnapshot model) {
    if (contents != null) {
      contents.learned(model);
    }
  }

  /** What the report holds, once the run has ended; null where that was not gathered. */
  Map<String, Object> contents() {
    return contents == null ? null : contents.values(evaluation);
  }

  private void count() {
    lastResult = System.nanoTime();
    if (firstResult == 0) {
      firstResult = lastResult;
    }
  }

  /**
   * Runs to the end of the feed.
   *
   * @param began when the run began, as {@link System#nanoTime} said
   */
  RunReport run(
      FeedSupplier feeds,
      EngineConfig config,
      Map<String, String> about,
      long seed,
      long rejects,
      long began) {
    try {
      ReplayJob.run(feeds, config, contents == null ? 0 : RunContents.MODELS, this);
    } catch (CommandFailure e) {
      throw e;
    } catch (Exception e) {
      throw new CommandFailure("the job failed: " + JobFailures.sentence(e), e);
    } finally {
      progress.end();
    }
    if (evaluation.predictions() != feed.size()) {
      throw new CommandFailure(
          evaluation.predictions() + " of " + feed.size() + " events were predicted", null);
    }
    return new RunReport(
        about,
        new RunReport.Counts(
            feed.size(), truth.trusted(), evaluation.predictions(), evaluation.weights(), rejects),
        evaluation.quality(),
        evaluation.weightQuality(),
        seed,
        digest.value(),
        new RunReport.Timing(
            feed.size() * SECOND / (lastResult - firstResult),
            (System.nanoTime() - began) / SECOND));
  }

  @Override
  public void close() {
    files.close();
  }
}
