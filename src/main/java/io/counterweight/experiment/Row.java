package io.counterweight.experiment;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one learner reached on one stream with one seed; values are NaN where they have no meaning.
 *
 * @param values name of the metric to its value, in the order of the table
 */
record Row(Map<String, Double> values) {
  static final String ROC_AUC = "ROC-AUC";
  static final String PR_AUC = "PR-AUC";
  static final String G_MEAN = "G-mean";
  static final String WRONG_0 = "wrong 0";
  static final String WRONG_1 = "wrong 1";
  static final String SPEED = "events/s";

  Row {
    values = new LinkedHashMap<>(values);
  }

  double get(String metric) {
    return values.getOrDefault(metric, Double.NaN);
  }
}
