package io.counterweight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.model.BatmSpec.Initialisation;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.ParameterLayout.Block;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Statistical checks on blocks that are large enough, from one seed. */
class InitializerTest {
  private static final int CONCEPTS = 40;
  private static final int RANK = 8;

  @Test
  void taylorVariancesFollowTheRules() {
    BatmSpec spec = wide(Initialisation.TAYLOR);

    assertThat(variance(spec, "O1")).isCloseTo(1.0 / RANK, within(0.15 / RANK));
    for (int k = 1; k <= 3; k++) {
      double core = Math.pow(RANK, -k);
      double input = 1;
      for (int i = 0; i < k; i++) {
        input /= Math.pow(CONCEPTS + 2.0 * i, 1.0 / k);
      }
      assertThat(variance(spec, "G" + k)).as("G" + k).isCloseTo(core, within(0.4 * core));
      assertThat(variance(spec, "I" + k)).as("I" + k).isCloseTo(input, within(0.15 * input));
    }
  }

  @Test
  void ordersAboveOneAndTheConstantStartAtZero() {
    BatmSpec spec = wide(Initialisation.TAYLOR);

    assertThat(block(spec, "O2")).containsOnly(0);
    assertThat(block(spec, "O3")).containsOnly(0);
    assertThat(block(spec, "const")).containsOnly(0);
  }

  @Test
  void entriesOfTheKroneckerProductHaveVarianceOne() {
    BatmSpec spec = wide(Initialisation.TAYLOR);
    double[] input = block(spec, "I2");
    SeededRandom random = new SeededRandom(8);
    double squares = 0;
    int draws = 4_000;
    for (int draw = 0; draw < draws; draw++) {
      double[] z = new double[CONCEPTS];
      Arrays.setAll(z, c -> random.nextGaussian());
      for (int a = 0; a < RANK; a++) {
        double first = 0;
        double second = 0;
        for (int c = 0; c < CONCEPTS; c++) {
          first += input[a * CONCEPTS + c] * z[c];
          second += input[(RANK + (a + 1) % RANK) * CONCEPTS + c] * z[c];
        }
        squares += first * first * second * second / RANK / draws;
      }
    }

    assertThat(squares).isCloseTo(1, within(0.3));
  }

  @ParameterizedTest
  @EnumSource(names = {"XAVIER", "KAIMING"})
  void publishedRulesAreUniformWithinTheirBounds(Initialisation initialisation) {
    BatmSpec spec = wide(initialisation);
    double out = initialisation == Initialisation.XAVIER ? 2 * CONCEPTS : 0;
    double bound = Math.sqrt(6 / (RANK * CONCEPTS + out));

    double[] input = block(spec, "I2");

    assertThat(Arrays.stream(input).map(Math::abs).max().orElseThrow())
        .isBetween(0.97 * bound, bound);
    assertThat(variance(spec, "I2")).isCloseTo(bound * bound / 3, within(0.05 * bound * bound));
    assertThat(variance(spec, "O2")).isPositive();
  }

  @Test
  void encodersAreUniformByTheirInputs() {
    Specs specs = new Specs();
    specs.hidden = List.of(300, 20);
    BatmSpec spec = specs.build();

    assertThat(largest(block(spec, "enc0.0.W"))).isBetween(0.9 / Math.sqrt(2), 1 / Math.sqrt(2));
    assertThat(largest(block(spec, "enc0.0.b"))).isBetween(0.9 / Math.sqrt(2), 1 / Math.sqrt(2));
    assertThat(largest(block(spec, "enc1.W"))).isBetween(0.9 / Math.sqrt(300), 1 / Math.sqrt(300));
    assertThat(block(spec, "bn0.gamma")).containsOnly(1);
    assertThat(block(spec, "bn0.beta")).containsOnly(0);
  }

  @Test
  void exuWeightsAreAroundFour() {
    Specs specs = new Specs();
    specs.inputLayer = InputLayer.EXU;
    specs.hidden = List.of(1000);

    double[] weights = block(specs.build(), "enc0.0.W");

    assertThat(Arrays.stream(weights).average().orElseThrow()).isCloseTo(4, within(0.06));
    assertThat(variance(specs.build(), "enc0.0.W")).isCloseTo(0.25, within(0.04));
  }

  @Test
  void statisticsStartAtMeanZeroVarianceOneCountZero() {
    BatmSpec spec = new Specs().build();
    float[] statistics = Initializer.statistics(spec);

    for (Block block : ParameterLayout.statistics(spec).blocks()) {
      float expected = block.name().endsWith("var") ? 1 : 0;
      for (int i = block.offset(); i < block.offset() + block.size(); i++) {
        assertThat(statistics[i]).as(block.name()).isEqualTo(expected);
      }
    }
  }

  @Test
  void equalSeedsGiveEqualParameters() {
    BatmSpec spec = new Specs().build();

    float[] one = Initializer.parameters(spec, new SeededRandom(1));

    assertThat(Initializer.parameters(spec, new SeededRandom(1))).isEqualTo(one);
    assertThat(Initializer.parameters(spec, new SeededRandom(2))).isNotEqualTo(one);
  }

  private static BatmSpec wide(Initialisation initialisation) {
    Specs specs = Specs.withoutEncoder(CONCEPTS);
    specs.outputs = 100;
    specs.order = 3;
    specs.rank = RANK;
    specs.initialisation = initialisation;
    return specs.build();
  }

  private static double[] block(BatmSpec spec, String name) {
    float[] values = Initializer.parameters(spec, new SeededRandom(6));
    Block block = ParameterLayout.parameters(spec).block(name);
    double[] doubles = new double[block.size()];
    Arrays.setAll(doubles, i -> values[block.offset() + i]);
    return doubles;
  }

  private static double variance(BatmSpec spec, String name) {
    double[] values = block(spec, name);
    double mean = Arrays.stream(values).average().orElseThrow();
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).max().orElseThrow();
  }
}
