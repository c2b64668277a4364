package io.counterweight.compute;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.bench.Shape;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import java.util.List;
import org.junit.jupiter.api.Test;

class FloatingPointWorkTest {

  @Test
  void countsThePeersShapeAsByHand() {
    FloatingPointWork work =
        FloatingPointWork.of(Shape.MEDIUM.spec(BatmSpec.Normalisation.RUNNING));

    // Ten concepts of 3·64 + 64·64 + 64·32 + 32; order 1: 8·10 + 8·8 + 2·8, order 2: 2·8·10 + 8·64
    // +
    // 2·8.
    assertThat(work.forward()).isEqualTo(2 * (10 * 6368 + 160 + 688));
    assertThat(work.first()).isEqualTo(2 * 10 * 3 * 64);
    assertThat(work.prediction(1024)).isEqualTo(1024 * 129_056.0);
    assertThat(work.step(1024, 1024, 0)).isEqualTo(1024 * (891_872.0 + 383_328));
    assertThat(work.step(16, 8, 4)).isEqualTo(16 * 891_872.0 + 12 * 383_328);
  }

  @Test
  void groupsMayDiffer() {
    FloatingPointWork work =
        FloatingPointWork.of(
            spec(List.of(new Concept("a", List.of(0, 1)), new Concept("b", List.of(2))), true));

    // 2·4 + 4·3 + 3 and 1·4 + 4·3 + 3; order 1: 5·2 + 5·5 + 3·5.
    assertThat(work.forward()).isEqualTo(2 * (23 + 19 + 50));
    assertThat(work.first()).isEqualTo(2 * 12);
  }

  @Test
  void withoutAnEncoderThePolynomialTouchesTheInputs() {
    FloatingPointWork work =
        FloatingPointWork.of(spec(BatmSpec.oneConceptEach(BatmSpec.featureNames(3)), false));

    assertThat(work.forward()).isEqualTo(2 * (5 * 3 + 25 + 15));
    assertThat(work.first()).isEqualTo(2 * 15);
  }

  private static BatmSpec spec(List<Concept> concepts, boolean encoder) {
    return new BatmSpec(
        3,
        3,
        concepts,
        encoder ? List.of(4, 3) : List.of(),
        encoder,
        BatmSpec.InputLayer.LINEAR,
        BatmSpec.Normalisation.RUNNING,
        0.05f,
        1e-5f,
        0,
        0.01f,
        1,
        5,
        BatmSpec.Initialisation.TAYLOR,
        0,
        0);
  }
}
