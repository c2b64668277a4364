package io.counterweight.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MergingTest {
  private final Merging<long[]> series =
      new Merging<>(8, 1_000, () -> new long[1], (a, b) -> a[0] += b[0]);

  private long total() {
    return series.stretches().stream().mapToLong(stretch -> stretch.sums()[0]).sum();
  }

  @Test
  void manyStretchesBecomeFewLongerOnesAndNothingIsLost() {
    for (int second = 0; second < 1_000; second++) {
      series.at(second * 1_000L)[0]++;
      assertThat(series.stretches().size()).isLessThanOrEqualTo(8);
    }

    assertThat(total()).isEqualTo(1_000);
    assertThat(series.width()).isEqualTo(128_000);
    assertThat(series.stretches().get(0).sums()[0]).isEqualTo(128);
    assertThat(series.stretches()).allMatch(stretch -> stretch.start() % 128_000 == 0);
  }

  @Test
  void aLateTimeBelongsToTheNewestStretch() {
    series.at(5_000)[0]++;
    series.at(1_000)[0]++;

    assertThat(series.stretches()).hasSize(1);
    assertThat(total()).isEqualTo(2);
  }

  @Test
  void afterAPauseOfYearsTheSeriesIsStillBounded() {
    for (int i = 0; i < 8; i++) {
      series.at(i * 1_000L)[0]++;
    }
    series.at(1_000L * 60 * 60 * 24 * 365 * 50)[0]++;

    assertThat(total()).isEqualTo(9);
    assertThat(series.stretches().size()).isBetween(2, 8);
  }
}
