package io.counterweight.metric;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How good a classifier's predictions were over a whole run, each made before its event was trained
 * on. A value that the events do not define (one class only, no events) is NaN. With more than two
 * classes both areas are means over the classes that occur, each against the rest.
 *
 * @param prAuc average precision of class 1, in [0, 1]
 * @param rocAuc area under the ROC curve, in [0, 1]
 * @param gMean geometric mean of the recalls of the most probable class, in [0, 1]
 * @param macroF1 mean F1 over the classes, in [0, 1]
 * @param kappa Cohen's kappa, at most 1
 * @param accuracy share of right predictions, in [0, 1]
 * @param brier mean squared error of the probability of class 1; with more classes, summed over
 *     them
 * @param logLoss mean negative log-likelihood in nats, a probability counting at least 1e-15
 * @param ece expected calibration error over 15 bins: of the probability of class 1, or with more
 *     classes of the most probable one's
 * @param kappaNoChange accuracy beyond that of always predicting the label before, at most 1; 0 is
 *     no better
 */
public record Quality(
    double prAuc,
    double rocAuc,
    double gMean,
    double macroF1,
    double kappa,
    double accuracy,
    double brier,
    double logLoss,
    double ece,
    double kappaNoChange) {

  /** Name to value, in the order above. */
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("prAuc", prAuc);
    values.put("rocAuc", rocAuc);
    values.put("gMean", gMean);
    values.put("macroF1", macroF1);
    values.put("kappa", kappa);
    values.put("accuracy", accuracy);
    values.put("brier", brier);
    values.put("logLoss", logLoss);
    values.put("ece", ece);
    values.put("kappaNoChange", kappaNoChange);
    return values;
  }
}
