package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.metrics.HistogramStatistics;
import org.junit.jupiter.api.Test;

class RecentHistogramTest {
  private static final long SECOND = 1_000_000_000;

  private final AtomicLong now = new AtomicLong(7 * SECOND);
  private final RecentHistogram histogram = new RecentHistogram(now::get);

  @Test
  void rareLargeValuesOfAFastStreamAreSeen() {
    for (int i = 0; i < 1_000_000; i++) {
      histogram.update(i % 500 == 0 && i < 900_000 ? 40_000 : 30);
    }

    HistogramStatistics statistics = histogram.getStatistics();
    assertThat(histogram.getCount()).isEqualTo(1_000_000);
    assertThat(statistics.getQuantile(0.5)).isEqualTo(30);
    assertThat(statistics.getQuantile(0.99)).isEqualTo(30);
    assertThat(statistics.getQuantile(0.999)).isCloseTo(40_000, within(400.0));
    assertThat(statistics.getMax()).isCloseTo(40_000, within(400L));
    assertThat(statistics.getMin()).isEqualTo(30);
    assertThat(statistics.getMean()).isCloseTo(30 + 0.0018 * 39_970, within(2.0));
  }

  @Test
  void valuesLeaveAMinuteAfterTheyWereAskedFor() {
    histogram.update(1000);
    now.addAndGet(200 * SECOND);
    assertThat(histogram.getStatistics().size()).isEqualTo(1);
    for (int i = 0; i < 6; i++) {
      now.addAndGet(10 * SECOND);
      histogram.update(10);
      assertThat(histogram.getStatistics().size()).isEqualTo(2 + i);
    }
    now.addAndGet(SECOND);
    assertThat(histogram.getStatistics().size()).isEqualTo(6);
    assertThat(histogram.getStatistics().getMax()).isEqualTo(10);
    now.addAndGet(100 * SECOND);
    assertThat(histogram.getStatistics().size()).isZero();
    assertThat(histogram.getStatistics().getQuantile(0.99)).isZero();
    assertThat(histogram.getCount()).isEqualTo(7);
  }

  @Test
  void valuesComeInRisingOrderAndNegativeOnesCountAsZero() {
    for (long value : new long[] {5, -3, 7, 5}) {
      histogram.update(value);
    }

    assertThat(histogram.getStatistics().getValues()).containsExactly(0, 5, 5, 7);
  }

  @Test
  void manyThatAskAtOnceLoseNothing() throws Exception {
    int values = 400_000;
    CountDownLatch done = new CountDownLatch(1);
    Thread writer =
        new Thread(
            () -> {
              Random random = new Random(1);
              for (int i = 0; i < values; i++) {
                histogram.update(random.nextInt(1000));
              }
              done.countDown();
            });
    writer.start();
    while (done.getCount() > 0) {
      assertThat(histogram.getStatistics().size()).isLessThanOrEqualTo(values);
    }
    writer.join();

    assertThat(histogram.getStatistics().size()).isEqualTo(values);
    assertThat(histogram.getStatistics().getQuantile(0.5)).isCloseTo(500, within(15.0));
  }
}
