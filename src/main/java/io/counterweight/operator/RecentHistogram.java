package io.counterweight.operator;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.HdrHistogram.HistogramIterationValue;
import org.HdrHistogram.SingleWriterRecorder;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;

/**
 * Quantiles of all values of the last minute, within 1 %, at any rate; of all values since it was
 * last asked, if that is longer ago. A window of a fixed number of values would hold a second of a
 * fast stream, and hide from whoever asks every ten seconds what happened between.
 *
 * <p>One thread updates and never waits; any may ask.
 */
final class RecentHistogram implements Histogram {
  private static final int DIGITS = 2;
  private static final long SECOND = 1_000_000_000;
  private static final long WINDOW = 60 * SECOND;

  private final LongSupplier nanoTime;
  private final SingleWriterRecorder recorder = new SingleWriterRecorder(DIGITS);
  private final Deque<Interval> intervals = new ArrayDeque<>();
  private volatile long count;

  /** Values between two questions, the second at {@code until}. */
  private record Interval(org.HdrHistogram.Histogram values, long from, long until) {}

  RecentHistogram() {
    this(System::nanoTime);
  }

  /** On another clock. */
  RecentHistogram(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Counts a value; a negative one as 0. */
  @Override
  public void update(long value) {
    recorder.recordValue(Math.max(0, value));
    count++;
  }

  /** Values ever. */
  @Override
  public long getCount() {
    return count;
  }

  @Override
  public synchronized HistogramStatistics getStatistics() {
    long now = nanoTime.getAsLong();
    org.HdrHistogram.Histogram newest = recorder.getIntervalHistogram();
    Interval last = intervals.peekLast();
    if (last != null && now - last.from < SECOND) {
      // Many that ask must not make many intervals.
      intervals.removeLast();
      newest.add(last.values);
      intervals.add(new Interval(newest, last.from, now));
    } else {
      intervals.add(new Interval(newest, last == null ? now : last.until, now));
    }
    intervals.removeIf(interval -> now - interval.until > WINDOW);
    org.HdrHistogram.Histogram recent = new org.HdrHistogram.Histogram(DIGITS);
    intervals.forEach(interval -> recent.add(interval.values));
    return new Statistics(recent);
  }

  private static final class Statistics extends HistogramStatistics {
    private final org.HdrHistogram.Histogram values;

    Statistics(org.HdrHistogram.Histogram values) {
      this.values = values;
    }

    @Override
    public double getQuantile(double quantile) {
      return values.getValueAtPercentile(100 * quantile);
    }

    @Override
    public long[] getValues() {
      long[] all = new long[size()];
      int at = 0;
      for (HistogramIterationValue value : values.recordedValues()) {
        int until = (int) Math.min(all.length, at + value.getCountAtValueIteratedTo());
        Arrays.fill(all, at, until, value.getValueIteratedTo());
        at = until;
      }
      return all;
    }

    @Override
    public int size() {
      return (int) Math.min(Integer.MAX_VALUE - 8, values.getTotalCount());
    }

    @Override
    public double getMean() {
      return values.getMean();
    }

    @Override
    public double getStdDev() {
      return values.getStdDeviation();
    }

    @Override
    public long getMax() {
      return values.getMaxValue();
    }

    @Override
    public long getMin() {
      return values.getTotalCount() == 0 ? 0 : values.getMinValue();
    }
  }
}
