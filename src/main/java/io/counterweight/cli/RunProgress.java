package io.counterweight.cli;

import io.counterweight.evaluation.Truth;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.metric.FadingMetrics;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.IntSupplier;

/** A line about the run so far: every second on a terminal, where it replaces the one before. */
final class RunProgress {
  private static final long TERMINAL_INTERVAL = 1_000_000_000L;
  private static final long INTERVAL = 5 * TERMINAL_INTERVAL;
  private static final int ALL_EVENTS = Integer.MAX_VALUE;
  private static final int CLOCK_EVERY = 64;

  private final PrintWriter err;
  private final long total;
  private final boolean terminal;
  private final boolean binary;
  private final IntSupplier lag;
  private final FadingMetrics soFar;
  private final MeanWeight wrong = new MeanWeight();
  private final MeanWeight right = new MeanWeight();
  private long done;
  private long began;
  private long shown;
  private int width;

  private static final class MeanWeight {
    double sum;
    long count;

    void add(float weight) {
      sum += weight;
      count++;
    }
  }

  /**
   * Nothing done yet.
   *
   * @param total events of the run
   * @param terminal whether somebody watches
   * @param lag events sent and not yet predicted, or null where there is no such thing
   */
  RunProgress(PrintWriter err, long total, int classes, boolean terminal, IntSupplier lag) {
    this.lag = lag;
    this.err = err;
    this.total = total;
    this.terminal = terminal;
    binary = classes == 2;
    soFar = new FadingMetrics(classes, ALL_EVENTS);
  }

  void predicted(Truth truth, Prediction prediction) {
    soFar.observe(prediction.probabilities(), prediction.predictedClass(), truth.trueLabel());
    if (done++ % CLOCK_EVERY == 0) {
      look(System.nanoTime());
    }
  }

  void weighted(Truth truth, SampleWeight weight) {
    (truth.isMislabelled() ? wrong : right).add(weight.weight());
  }

  private void look(long now) {
    if (began == 0) {
      began = now;
      shown = now;
    } else if (now - shown >= (terminal ? TERMINAL_INTERVAL : INTERVAL)) {
      shown = now;
      show(line((now - began) / 1e9));
    }
  }

  private String line(double seconds) {
    String text =
        String.format(
            Locale.ROOT,
            "%,d of %,d events (%d %%), %,.0f events/s, %s so far %.3f",
            done,
            total,
            100 * done / total,
            done / seconds,
            binary ? "PR-AUC" : "G-mean",
            binary ? soFar.prAuc() : soFar.gMean());
    if (lag != null) {
      text += String.format(Locale.ROOT, ", lag %,d", lag.getAsInt());
    }
    return wrong.count == 0
        ? text
        : text
            + String.format(
                Locale.ROOT,
                ", mean weight of wrong labels %.2f, of right ones %.2f",
                wrong.sum / wrong.count,
                right.sum / right.count);
  }

  private void show(String line) {
    if (terminal) {
      err.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
      width = line.length();
    } else {
      err.println(line);
    }
    err.flush();
  }

  /** Takes the line away, so that what follows begins on a clean one. */
  void end() {
    if (terminal && width > 0) {
      err.print("\r" + " ".repeat(width) + "\r");
      err.flush();
    }
  }
}
