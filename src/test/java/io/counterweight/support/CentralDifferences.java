package io.counterweight.support;

import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/** Derivatives by differences of fourth order: (8 (f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h. */
final class CentralDifferences {

  /** Truncation (h⁴) is nothing here, rounding (1e-16 / h) about 1e-11 of the function. */
  static final double STEP = 1e-5;

  private CentralDifferences() {}

  /** Gradient of f at a point. */
  static double[] gradient(ToDoubleFunction<double[]> f, double[] point) {
    double[] gradient = new double[point.length];
    double[] moved = point.clone();
    for (int j = 0; j < point.length; j++) {
      int entry = j;
      gradient[j] =
          derivative(
              step -> {
                moved[entry] = point[entry] + step;
                return f.applyAsDouble(moved);
              });
      moved[j] = point[j];
    }
    return gradient;
  }

  /** Derivatives of several functions of one number, at 0. */
  static double[] derivatives(DoubleFunction<double[]> f) {
    double[] plus = f.apply(STEP);
    double[] minus = f.apply(-STEP);
    double[] farPlus = f.apply(2 * STEP);
    double[] farMinus = f.apply(-2 * STEP);
    double[] derivatives = new double[plus.length];
    for (int i = 0; i < plus.length; i++) {
      derivatives[i] = (8 * (plus[i] - minus[i]) - (farPlus[i] - farMinus[i])) / (12 * STEP);
    }
    return derivatives;
  }

  private static double derivative(DoubleUnaryOperator f) {
    return derivatives(step -> new double[] {f.applyAsDouble(step)})[0];
  }
}
