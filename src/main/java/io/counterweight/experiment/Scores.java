package io.counterweight.experiment;

import io.counterweight.metric.Quality;
import io.counterweight.metric.Ranking;
import io.counterweight.metric.ScoredEvents;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects what a learner said of the judged part of a stream. */
final class Scores {
  private final int from;
  private final int to;
  private final ScoredEvents scored;
  private final Ranking[] wrong = {new Ranking(0), new Ranking(0)};

  /**
   * Nothing said yet.
   *
   * @param from index of the first event that is judged
   * @param to index after the last one
   */
  Scores(int classes, int from, int to) {
    this.from = from;
    this.to = to;
    scored = new ScoredEvents(classes);
  }

  void predicted(int index, int trueLabel, int decision, float[] probabilities) {
    if (index >= from && index < to) {
      scored.set(index, trueLabel, decision, probabilities);
    }
  }

  /** How far a label is believed; of the labels above 1 nothing is asked. */
  void believed(int index, int observed, int trueLabel, float belief) {
    if (index >= from && index < to && observed < wrong.length) {
      wrong[observed].add(-belief, observed != trueLabel);
    }
  }

  Row row(double eventsPerSecond) {
    Quality quality = scored.quality();
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(Row.ROC_AUC, quality.rocAuc());
    values.put(Row.PR_AUC, quality.prAuc());
    values.put(Row.G_MEAN, quality.gMean());
    values.put("accuracy", quality.accuracy());
    values.put("kappa no-change", quality.kappaNoChange());
    values.put("Brier", quality.brier());
    values.put("ECE", quality.ece());
    values.put(Row.WRONG_0, wrong[0].rocAuc());
    values.put(Row.WRONG_1, wrong[1].rocAuc());
    values.put(Row.SPEED, eventsPerSecond);
    return new Row(values);
  }
}
