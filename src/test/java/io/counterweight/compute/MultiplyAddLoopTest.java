package io.counterweight.compute;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.compute.scalar.ScalarMultiplyAddLoop;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MultiplyAddLoopTest {

  static Stream<MultiplyAddLoop> loops() {
    return Stream.of(MultiplyAddLoop.fastest(), new ScalarMultiplyAddLoop());
  }

  /** Every chain is v ← v/2 + 1/4, whose fixed point is 1/2. */
  @ParameterizedTest
  @MethodSource("loops")
  void everyChainReachesItsFixedPoint(MultiplyAddLoop loop) {
    float sum = loop.run(1000);

    assertThat(sum % 0.5f).isZero();
    assertThat(sum).isBetween(0.5f, loop.operationsPerRound() / 2f);
  }
}
