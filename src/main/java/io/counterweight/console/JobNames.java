package io.counterweight.console;

import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnerSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Names of a job, of its lanes and its concepts: the configured ones first, then what records name.
 */
final class JobNames {
  /** Under which the lanes of challengers are added up. */
  static final String CHALLENGER = "challenger";

  private static final int MOST_LANES = 64;
  private static final int MOST_CONCEPTS = 4096;

  private final String job;
  private final Map<String, List<String>> features;
  private final Names lanes;
  private final Names concepts;

  /**
   * Of a job.
   *
   * @param job its name
   * @param lanes as configured
   * @param concepts name to names of its features
   */
  JobNames(String job, List<String> lanes, Map<String, List<String>> concepts) {
    this.job = job;
    features = new LinkedHashMap<>(concepts);
    this.lanes = new Names(MOST_LANES, lanes);
    this.concepts = new Names(MOST_CONCEPTS, new ArrayList<>(features.keySet()));
  }

  String job() {
    return job;
  }

  /** Number of a lane's share; -1 where there are too many. */
  int lane(String name) {
    return lanes.number(name.endsWith(Prediction.CHALLENGER) ? CHALLENGER : name);
  }

  /** Shares of a prediction by number of the lane. */
  float[] shares(Map<String, Float> laneWeights) {
    float[] shares = new float[lanes.size()];
    for (Map.Entry<String, Float> lane : laneWeights.entrySet()) {
      int number = lane(lane.getKey());
      if (number >= shares.length) {
        shares = Arrays.copyOf(shares, number + 1);
      }
      if (number >= 0) {
        shares[number] += lane.getValue();
      }
    }
    return shares;
  }

  /** Lanes that have a share. */
  List<String> lanes() {
    return lanes.all();
  }

  /** The same, and the mixture. */
  List<String> lanesAndMixture() {
    List<String> all = new ArrayList<>(lanes.all());
    all.add(LearnerSettings.MIXTURE);
    return all;
  }

  Names concepts() {
    return concepts;
  }

  /** Empty for what no configuration knows. */
  List<String> featuresOf(String concept) {
    return features.getOrDefault(concept, List.of());
  }

  /** Configured concepts: name to names of features. */
  Map<String, List<String>> configured() {
    return features;
  }
}
