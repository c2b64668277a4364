package io.counterweight.evaluation;

import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.metric.Decisions;
import io.counterweight.metric.Quality;
import io.counterweight.metric.ScoredEvents;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Compares what a run put out with the truth. Results may come in any order and twice: they are
 * kept by the event's index, in a few bytes an event and lane. Not thread-safe.
 */
public final class Evaluation {
  /** The name under which the emitted predictions, the mixture of all lanes, are reported. */
  public static final String MIXTURE = "mixture";

  private final int classes;
  private final Map<String, ScoredEvents> lanes = new LinkedHashMap<>();
  private final ScoredEvents mixture;
  private final WeightedEvents weights = new WeightedEvents();

  /**
   * Nothing compared yet.
   *
   * @param classes at least 2
   */
  public Evaluation(int classes) {
    this.classes = classes;
    mixture = new ScoredEvents(classes);
  }

  /** Takes what was said of an event before it was trained on. */
  public void predicted(Truth truth, Prediction prediction) {
    mixture.set(
        truth.index(), truth.trueLabel(), prediction.predictedClass(), prediction.probabilities());
    for (Map.Entry<String, float[]> lane : prediction.laneProbabilities().entrySet()) {
      if (lane.getKey().endsWith(Prediction.CHALLENGER)) {
        continue; // it has a name of its own once it has taken over
      }
      ScoredEvents scored = lanes.get(lane.getKey());
      if (scored == null) {
        scored = new ScoredEvents(classes);
        lanes.put(lane.getKey(), scored);
      }
      int decision = Decisions.balanced(lane.getValue(), prediction.classShares());
      scored.set(truth.index(), truth.trueLabel(), decision, lane.getValue());
    }
  }

  /** Takes how much an event counted. */
  public void weighted(Truth truth, SampleWeight weight) {
    weights.set(truth.index(), weight, truth.trueLabel());
  }

  /** Events of which a prediction came. */
  public int predictions() {
    return mixture.size();
  }

  /** Events of which a weight came. */
  public int weights() {
    return weights.size();
  }

  /** Lane to what it said of each event; {@link #MIXTURE} is the last. Not to be changed. */
  public Map<String, ScoredEvents> scored() {
    Map<String, ScoredEvents> scored = new LinkedHashMap<>(lanes);
    scored.put(MIXTURE, mixture);
    return scored;
  }

  /** Lane to its quality on the true labels; {@link #MIXTURE} is the last. */
  public Map<String, Quality> quality() {
    Map<String, Quality> quality = new LinkedHashMap<>();
    lanes.forEach((name, scored) -> quality.put(name, scored.quality()));
    quality.put(MIXTURE, mixture.quality());
    return quality;
  }

  /** How well the weights tell wrong labels from right ones. */
  public WeightQuality weightQuality() {
    return weights.quality();
  }
}
