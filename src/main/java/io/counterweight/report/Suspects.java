package io.counterweight.report;

import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The labels that counted least among those marked as suspect: by their raw weights, which mix what
 * all lanes made of them; the belief rests on one prediction, whose logit may be absurd. Reasons
 * come with an event's prediction, mostly before its weight, and are kept until that comes, those
 * of the newest events only. Not thread-safe.
 */
public final class Suspects {
  private static final Comparator<Suspect> LEAST_WEIGHT =
      Comparator.comparingDouble(Suspect::rawWeight)
          .thenComparingLong(suspect -> suspect.weight.eventTime())
          .thenComparing(suspect -> suspect.weight.eventId())
          .thenComparing(suspect -> suspect.weight.modelKey());

  /** Reason codes that are named. */
  private static final int NAMED = 5;

  private final int most;
  private final TreeSet<Suspect> suspects = new TreeSet<>(LEAST_WEIGHT);
  private final Map<String, Reasons> waiting;

  /** Suspects whose weight overtook their prediction. */
  private final Map<String, Suspect> withoutReasons = new HashMap<>();

  /** What a prediction said that is shown beside the weight. */
  private record Reasons(int predicted, float probability, List<List<Object>> largest) {}

  private static final class Suspect {
    final SampleWeight weight;
    final int trueLabel;
    Reasons reasons;

    Suspect(SampleWeight weight, int trueLabel, Reasons reasons) {
      this.weight = weight;
      this.trueLabel = trueLabel;
      this.reasons = reasons;
    }

    double rawWeight() {
      return WeightCurves.rawWeight(weight);
    }
  }

  /**
   * None yet.
   *
   * @param most suspects that are kept, at least 1
   * @param mostWaiting predictions whose reasons are kept until their weights come
   */
  public Suspects(int most, int mostWaiting) {
    this.most = most;
    waiting =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Reasons> eldest) {
            return size() > mostWaiting;
          }
        };
  }

  /** Takes one prediction. */
  public void predicted(Prediction prediction) {
    Reasons reasons =
        new Reasons(
            prediction.predictedClass(),
            prediction.probabilities()[prediction.predictedClass()],
            pairs(prediction.contributions()));
    Suspect overtaken = withoutReasons.remove(prediction.eventId());
    if (overtaken == null) {
      waiting.put(prediction.eventId(), reasons);
    } else {
      overtaken.reasons = reasons;
    }
  }

  /**
   * Takes one weight.
   *
   * @param trueLabel or {@link WeightCurves#UNKNOWN}
   */
  public void weighted(int trueLabel, SampleWeight weight) {
    Reasons reasons = waiting.remove(weight.eventId());
    if (!weight.suspect()) {
      return;
    }
    Suspect suspect = new Suspect(weight, trueLabel, reasons);
    suspects.add(suspect);
    if (reasons == null) {
      withoutReasons.put(weight.eventId(), suspect);
    }
    if (suspects.size() > most) {
      withoutReasons.remove(suspects.pollLast().weight.eventId());
    }
  }

  /** The section {@code suspects}, least raw weight first. */
  public List<Map<String, Object>> values() {
    List<Map<String, Object>> values = new ArrayList<>();
    for (Suspect suspect : suspects) {
      SampleWeight weight = suspect.weight;
      Reasons reasons = suspect.reasons;
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("eventId", weight.eventId());
      one.put("modelKey", weight.modelKey());
      one.put("eventTime", weight.eventTime());
      one.put("label", weight.label());
      one.put("belief", Numbers.rounded(WeightCurves.belief(weight)));
      one.put("rawWeight", Numbers.rounded(suspect.rawWeight()));
      one.put("weight", Numbers.rounded(weight.weight()));
      one.put("loss", Numbers.rounded(weight.loss()));
      one.put("probability", reasons == null ? null : Numbers.rounded(reasons.probability()));
      one.put("predicted", reasons == null ? null : reasons.predicted());
      one.put("trueLabel", suspect.trueLabel == WeightCurves.UNKNOWN ? null : suspect.trueLabel);
      one.put("reasons", reasons == null ? List.of() : reasons.largest());
      values.add(one);
    }
    return values;
  }

  /**
   * The largest first, then the sum of the others; as pairs, because an object of JSON has no
   * order.
   */
  static List<List<Object>> pairs(Map<String, Float> contributions) {
    List<Map.Entry<String, Float>> sorted =
        contributions.entrySet().stream()
            .sorted(
                Comparator.comparing(
                        (Map.Entry<String, Float> one) -> one.getKey().equals(Prediction.OTHERS))
                    .thenComparingDouble(one -> -Math.abs(one.getValue())))
            .toList();
    List<List<Object>> pairs = new ArrayList<>();
    double others = 0;
    for (Map.Entry<String, Float> one : sorted) {
      if (pairs.size() < NAMED && !one.getKey().equals(Prediction.OTHERS)) {
        pairs.add(List.of(one.getKey(), Numbers.rounded(one.getValue())));
      } else {
        others += one.getValue();
      }
    }
    if (pairs.size() < sorted.size()) {
      pairs.add(List.of(Prediction.OTHERS, Numbers.rounded(others)));
    }
    return pairs;
  }
}
