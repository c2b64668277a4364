package io.counterweight.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BlockTimerTest {
  private long now;
  private int calls;

  private void spend(long nanos) {
    now += nanos;
    calls++;
  }

  @Test
  void aConstantCallTakesWhatItTakes() {
    Timing timing = new BlockTimer(() -> now).time(() -> spend(5_000), 0.1);

    assertThat(timing.seconds()).isCloseTo(5e-6, within(1e-12));
    assertThat(timing.slowest()).isCloseTo(timing.fastest(), within(1e-12));
    assertThat(now * 1e-9).isBetween(0.08, 0.15);
  }

  @Test
  void slowFirstCallsAreNotCounted() {
    Timing timing = new BlockTimer(() -> now).time(() -> spend(calls < 100 ? 300_000 : 2_000), 0.1);

    assertThat(timing.slowest()).isCloseTo(2e-6, within(1e-12));
  }

  @Test
  void aDisturbedBlockDoesNotMoveTheMedian() {
    Timing timing =
        new BlockTimer(() -> now)
            .time(() -> spend(now > 70_000_000 && now < 80_000_000 ? 8_000 : 4_000), 0.1);

    assertThat(timing.seconds()).isCloseTo(4e-6, within(1e-12));
    assertThat(timing.slowest()).isGreaterThan(5e-6);
  }

  @Test
  void aCallLongerThanTheTimeIsStillTimed() {
    Timing timing = new BlockTimer(() -> now).time(() -> spend(1_000_000_000), 0.1);

    assertThat(timing.seconds()).isCloseTo(1, within(1e-9));
    assertThat(calls).isEqualTo(8);
  }
}
