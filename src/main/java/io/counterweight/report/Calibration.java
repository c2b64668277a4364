package io.counterweight.report;

import io.counterweight.metric.CalibrationError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How probabilities meet frequencies. */
public final class Calibration {
  private Calibration() {}

  /**
   * The section {@code calibration}; bins without events are left out.
   *
   * @param classes of the model
   */
  public static Map<String, Object> values(CalibrationError calibration, int classes) {
    List<Map<String, Object>> bins = new ArrayList<>();
    for (CalibrationError.Bin bin : calibration.bins()) {
      if (bin.count() > 0) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("from", Numbers.rounded(bin.from()));
        one.put("to", Numbers.rounded(bin.to()));
        one.put("count", bin.count());
        one.put("predicted", Numbers.rounded(bin.predicted()));
        one.put("observed", Numbers.rounded(bin.observed()));
        bins.add(one);
      }
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put(
        "of", classes == 2 ? "probability of class 1" : "probability of the most probable class");
    values.put("bins", bins);
    return values;
  }
}
