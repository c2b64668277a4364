package io.counterweight.optim;

import static io.counterweight.support.ReferenceComparison.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.support.Floats;
import io.counterweight.support.RandomNetwork;
import io.counterweight.support.ReferenceBatm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GroupLassoTest {

  @ParameterizedTest
  @MethodSource("io.counterweight.support.RandomNetwork#all")
  void shrinkingEqualsTwin(RandomNetwork network) {
    BatmSpec spec = network.spec();
    float[] parameters = network.parameters();
    double[] expected =
        new ReferenceBatm(spec).proxConceptGroupLasso(Floats.toDoubles(parameters), 0.02f);

    lasso(spec).shrink(parameters, 0.02f);

    assertClose(network.name(), "parameters", expected, Floats.toDoubles(parameters), 1e-6);
  }

  @ParameterizedTest
  @MethodSource("io.counterweight.support.RandomNetwork#all")
  void aLargeThresholdRemovesEveryConceptExactly(RandomNetwork network) {
    BatmSpec spec = network.spec();
    float[] parameters = network.parameters();

    lasso(spec).shrink(parameters, 100);
    lasso(spec).shrink(parameters, 100);

    for (int c = 0; c < spec.conceptCount(); c++) {
      assertThat(lasso(spec).norm(parameters, c)).isZero();
    }
    assertThat(parameters).doesNotContain(Float.NaN);
  }

  private static GroupLasso lasso(BatmSpec spec) {
    return new GroupLasso(spec, ParameterLayout.parameters(spec));
  }
}
