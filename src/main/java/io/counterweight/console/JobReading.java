package io.counterweight.console;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What Flink said of the job.
 *
 * @param state as Flink calls it, {@code UNKNOWN} where nobody was asked, {@code UNREACHABLE} where
 *     nobody answered
 * @param dashboard address of the job's page, or null
 * @param upMillis since when it runs, or -1
 * @param lag records that wait in the input topics, or -1
 * @param events that the learner received since the job started or restarted, or -1
 * @param keys with a learner, or -1
 * @param eventsPerSecond that the learner receives, NaN where not known
 * @param prAuc lane to its fading PR-AUC, on labels as received
 * @param gMean the same of the G-mean
 * @param checkpoints as the page shows them, or null
 */
record JobReading(
    String state,
    String dashboard,
    long upMillis,
    long lag,
    long events,
    long keys,
    double eventsPerSecond,
    Map<String, Double> prAuc,
    Map<String, Double> gMean,
    Checkpoints checkpoints) {

  /**
   * Checkpoints of the job.
   *
   * @param completed of them
   * @param failed of them
   * @param lastMillis when the newest complete one was triggered, or -1
   * @param lastDurationMillis how long it took, or -1
   * @param restored restarts from one
   */
  record Checkpoints(
      long completed, long failed, long lastMillis, long lastDurationMillis, long restored) {

    Map<String, Object> values() {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("completed", completed);
      values.put("failed", failed);
      values.put("last", lastMillis < 0 ? null : lastMillis);
      values.put("lastDurationMillis", lastDurationMillis < 0 ? null : lastDurationMillis);
      values.put("restored", restored);
      return values;
    }
  }

  /** Without numbers. */
  static JobReading of(String state, String dashboard) {
    return new JobReading(state, dashboard, -1, -1, -1, -1, Double.NaN, Map.of(), Map.of(), null);
  }
}
