package io.counterweight.compute.cpu;

import java.util.Arrays;

/**
 * How the units of one hidden layer are normalised in a pass: {@code (x − mean) · scale + shift},
 * scale being γ/√(variance + ε) and shift β. A concept's units lie together, padded. Without
 * normalisation nothing is subtracted and the scale is 1.
 *
 * @param inverse 1/√(variance + ε)
 */
public record UnitScales(float[] mean, float[] inverse, float[] scale, float[] shift) {

  static UnitScales identity(int size) {
    float[] ones = new float[size];
    Arrays.fill(ones, 1);
    return new UnitScales(new float[size], ones.clone(), ones, new float[size]);
  }
}
