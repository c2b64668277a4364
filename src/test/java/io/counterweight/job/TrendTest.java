package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
  private static List<Trend.Point> minutes(int count, DoubleUnaryOperator level) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Trend.Point(60 * i, level.applyAsDouble(i)))
        .toList();
  }

  @Test
  void aLeakIsFoundBelowNoise() {
    Random random = new Random(3);
    Trend leak = Trend.of(minutes(18, minute -> 50 + 0.5 * minute + random.nextGaussian()));
    assertThat(leak.perHour()).isCloseTo(30, within(6.0));
    assertThat(leak.growth()).isCloseTo(6, within(1.5));

    Trend flat = Trend.of(minutes(18, minute -> 50 + random.nextGaussian()));
    assertThat(flat.perHour()).isCloseTo(0, within(6.0));
    assertThat(flat.growth()).isCloseTo(0, within(1.5));
  }

  @Test
  void samplesInTheMiddleOfARestartDoNotCount() {
    Trend flat = Trend.of(minutes(18, minute -> minute == 1 || minute == 16 ? 400 * minute : 50));
    assertThat(flat).isEqualTo(new Trend(50, 50, 0));
  }

  @Test
  void twoPointsAreNoTrend() {
    assertThatThrownBy(() -> Trend.of(minutes(2, minute -> minute)))
        .hasMessage("A trend needs three points, there are 2");
  }
}
