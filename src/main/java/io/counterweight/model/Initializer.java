package io.counterweight.model;

import io.counterweight.model.ParameterLayout.Block;
import java.util.Arrays;
import java.util.List;

/**
 * Starting values of a BATM (SPEC 4.1, Taylor initialisation).
 *
 * <p>Encoders start uniform in ±1/√(inputs of the unit), EXU weights at N(4, 0.5), normalisation at
 * scale 1 and shift 0. The polynomial starts by {@link BatmSpec.Initialisation}: {@code TAYLOR}
 * draws O_1 ~ N(0, 1/r), O_k = 0 for k ≥ 2, G_k ~ N(0, r^-k), and I_k with standard deviation
 * [Π_{i&lt;k} 1/(C+2i)]^{1/(2k)}, which gives every entry of the Kronecker product variance 1 for z
 * ~ N(0, I).
 */
public final class Initializer {
  private Initializer() {}

  /** Fresh parameters in the layout of {@link ParameterLayout#parameters}. */
  public static float[] parameters(BatmSpec spec, SeededRandom random) {
    return parameters(spec, ParameterLayout.parameters(spec), random);
  }

  /**
   * The same for who draws many.
   *
   * @param layout of the parameters of that model
   */
  public static float[] parameters(BatmSpec spec, ParameterLayout layout, SeededRandom random) {
    float[] values = new float[layout.size()];
    for (Block block : layout.blocks()) {
      String name = block.name();
      if (name.startsWith("enc")) {
        encoder(spec, layout, block, random, values);
      } else if (name.endsWith(".gamma")) {
        Arrays.fill(values, block.offset(), block.offset() + block.size(), 1);
      } else if (!name.equals("const") && !name.endsWith(".beta")) {
        polynomial(spec, block, random, values);
      }
    }
    return values;
  }

  /** Statistics before any event: mean 0, variance 1, count 0. */
  public static float[] statistics(BatmSpec spec) {
    ParameterLayout layout = ParameterLayout.statistics(spec);
    float[] values = new float[layout.size()];
    for (Block block : layout.blocks()) {
      if (block.name().endsWith(".var")) {
        Arrays.fill(values, block.offset(), block.offset() + block.size(), 1);
      }
    }
    return values;
  }

  private static void encoder(
      BatmSpec spec, ParameterLayout layout, Block block, SeededRandom random, float[] values) {
    boolean weight = block.name().endsWith(".W");
    if (block.name().startsWith("enc0.") && spec.inputLayer() == BatmSpec.InputLayer.EXU) {
      normal(values, block, weight ? 4 : 0, 0.5, random);
      return;
    }
    String weightName = block.name().substring(0, block.name().length() - 1) + "W";
    List<Integer> shape = layout.block(weightName).shape();
    uniform(values, block, 1 / Math.sqrt(shape.get(shape.size() - 1)), random);
  }

  private static void polynomial(BatmSpec spec, Block block, SeededRandom random, float[] values) {
    char tensor = block.name().charAt(0);
    int k = block.name().charAt(1) - '0';
    int rank = spec.rank();
    double power = Math.pow(rank, k);
    if (spec.initialisation() == BatmSpec.Initialisation.TAYLOR) {
      double deviation =
          switch (tensor) {
            case 'O' -> k == 1 ? Math.sqrt(1.0 / rank) : 0;
            case 'G' -> Math.sqrt(1 / power);
            default -> taylorInputDeviation(k, spec.conceptCount());
          };
      normal(values, block, 0, deviation, random);
      return;
    }
    double in =
        switch (tensor) {
          case 'O' -> rank;
          case 'G' -> power;
          default -> (double) rank * spec.conceptCount();
        };
    double out =
        switch (tensor) {
          case 'O' -> spec.outputs();
          case 'G' -> rank;
          default -> (double) k * spec.conceptCount();
        };
    boolean xavier = spec.initialisation() == BatmSpec.Initialisation.XAVIER;
    uniform(values, block, Math.sqrt(6 / (xavier ? in + out : in)), random);
  }

  private static double taylorInputDeviation(int order, int concepts) {
    double product = 1;
    for (int i = 0; i < order; i++) {
      product /= concepts + 2.0 * i;
    }
    return Math.pow(product, 1 / (2.0 * order));
  }

  private static void uniform(float[] values, Block block, double bound, SeededRandom random) {
    int end = block.offset() + block.size();
    for (int i = block.offset(); i < end; i++) {
      values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
    }
  }

  private static void normal(
      float[] values, Block block, double mean, double deviation, SeededRandom random) {
    int end = block.offset() + block.size();
    for (int i = block.offset(); i < end; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
  }
}
