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
  void aLateTimeBelongsToItsOwnStretch() {
    for (long late : new long[] {5_000, 1_000, 5_500, 3_000, 1_999}) {
      series.at(late)[0]++;
    }

    assertThat(series.stretches().stream().map(Merging.Stretch::start))
        .containsExactly(1_000L, 3_000L, 5_000L);
    assertThat(series.stretches().stream().map(stretch -> stretch.sums()[0]))
        .containsExactly(2L, 1L, 2L);
  }

  @Test
  void piecesThatComeOneAfterTheOtherAreTheSameLineAsInOrder() {
    Merging<long[]> inOrder = new Merging<>(8, 1_000, () -> new long[1], (a, b) -> a[0] += b[0]);
    for (int second = 0; second < 40; second++) {
      inOrder.at(second * 1_000L)[0] += 2;
    }
    for (int piece = 0; piece < 2; piece++) {
      for (int second = 0; second < 40; second++) {
        series.at(second * 1_000L)[0]++;
      }
    }

    assertThat(series.width()).isEqualTo(inOrder.width());
    assertThat(series.stretches().stream().map(stretch -> stretch.sums()[0]))
        .containsExactlyElementsOf(
            inOrder.stretches().stream().map(stretch -> stretch.sums()[0]).toList());
  }

  @Test
  void aTimeLongBeforeTheSeriesBelongsToTheOldestStretch() {
    series.at(1_000_000)[0]++;
    series.at(0)[0]++;

    assertThat(series.stretches()).hasSize(1);
    assertThat(series.width()).isEqualTo(1_000);
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
