package io.counterweight.experiment;

import io.counterweight.embedded.Feed;
import io.counterweight.embedded.FeedEvent;
import io.counterweight.event.Event;
import io.counterweight.model.BatmSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The study's stream (SPEC 4.5): ten concepts of three normal features each, of which four carry
 * the signal, smooth and oblique; 5 % of the events are positive; labels are wrong in one of three
 * ways; 20 % of the positives and 1 % of the negatives are trusted. Half-way the concept, the
 * noise, the inputs or the share of positives may change. The same seed gives the same stream.
 */
public final class NoisyConceptStream implements Feed {
  private static final int CONCEPTS = 10;
  private static final int PER_CONCEPT = 3;
  private static final int SIGNALS = 4;
  private static final long START = 1_600_000_000_000L;

  /** Milliseconds between two events. */
  static final long INTERVAL = 1000;

  private static final double POSITIVE = 0.05;
  private static final double TRUSTED_POSITIVES = 0.2;
  private static final double TRUSTED_NEGATIVES = 0.01;

  /** How labels go wrong. */
  public enum Noise {
    NONE,
    /** Any label flips with the rate. */
    SYM,
    /** Positives are missed with the rate, 1 % of the negatives are false alarms. */
    MISS,
    /** One pattern of positives is never reported, one region of negatives is, half the time. */
    INSTANCE
  }

  /** What changes half-way. */
  public enum Change {
    NOTHING,
    /** Other concepts carry the signal, with other shapes. */
    CONCEPT,
    /** The same, and back again after three quarters. */
    RECURRING,
    /** The noise's rate becomes another one. */
    NOISE,
    /** The inputs of the six concepts without signal move by one standard deviation. */
    COVARIATE,
    /** Three times as many positives. */
    PRIOR
  }

  /**
   * What to make.
   *
   * @param events at least 100
   * @param rate of the noise, in [0, 1]
   * @param rateAfter of the noise after a change of the noise, in [0, 1]
   * @param span events over which the change comes about; 0: from one event to the next
   */
  public record Options(
      int events, Noise noise, double rate, Change change, double rateAfter, int span, long seed) {
    public Options {
      if (events < 100 || span < 0 || span > events / 2) {
        throw new IllegalArgumentException(
            "events is "
                + events
                + " and span "
                + span
                + ", expected at least 100, and 0 to half of the events");
      }
      if (!(rate >= 0 && rate <= 1 && rateAfter >= 0 && rateAfter <= 1)) {
        throw new IllegalArgumentException(
            "rates are " + rate + " and " + rateAfter + ", expected both in [0, 1]");
      }
    }
  }

  private final Options options;
  private final List<FeedEvent> events = new ArrayList<>();

  public NoisyConceptStream(Options options) {
    this.options = options;
    Random random = new Random(options.seed() * 7919 + 13);
    int n = options.events();
    float[][] x = new float[n][CONCEPTS * PER_CONCEPT];
    for (float[] row : x) {
      for (int f = 0; f < row.length; f++) {
        row[f] = (float) random.nextGaussian();
      }
    }
    boolean[] after = new boolean[n];
    for (int i = 0; i < n; i++) {
      after[i] = hasChanged(i, random);
    }
    boolean concept = options.change() == Change.CONCEPT || options.change() == Change.RECURRING;
    double[][] before = signals(x, 0);
    double[][] later = concept ? signals(x, 1) : before;
    double[][] signal = new double[n][];
    double[] score = new double[n];
    for (int i = 0; i < n; i++) {
      signal[i] = after[i] ? later[i] : before[i];
      score[i] = Arrays.stream(signal[i]).sum() + 0.2 * random.nextGaussian();
    }
    boolean prior = options.change() == Change.PRIOR;
    double first = threshold(score, after, false, POSITIVE);
    double second = threshold(score, after, true, prior ? 3 * POSITIVE : POSITIVE);
    for (int i = 0; i < n; i++) {
      int label = score[i] > (after[i] ? second : first) ? 1 : 0;
      int observed = observed(label, signal[i], after[i], random);
      boolean trusted = random.nextDouble() < (label == 1 ? TRUSTED_POSITIVES : TRUSTED_NEGATIVES);
      if (options.change() == Change.COVARIATE && after[i]) {
        for (int c : order(0).subList(SIGNALS, CONCEPTS)) {
          for (int f = c * PER_CONCEPT; f < (c + 1) * PER_CONCEPT; f++) {
            x[i][f] += 1;
          }
        }
      }
      long time = START + i * INTERVAL;
      Event event = new Event("e" + i, DEFAULT_KEY, time, x[i], observed, "report", Map.of());
      events.add(new FeedEvent(event, label, trusted ? time : FeedEvent.NOT_TRUSTED));
    }
  }

  /** Index of the first event that may be changed. */
  public int changeAt() {
    return options.events() / 2;
  }

  /** Whether the concept is what changes. */
  boolean conceptChanges() {
    return options.change() == Change.CONCEPT || options.change() == Change.RECURRING;
  }

  private boolean hasChanged(int i, Random random) {
    if (options.change() == Change.NOTHING || i < changeAt()) {
      return false;
    }
    if (options.change() == Change.RECURRING && i >= options.events() * 3L / 4) {
      return false;
    }
    int since = i - changeAt();
    return since >= options.span() || random.nextDouble() < (double) since / options.span();
  }

  /** Concepts in the order in which they carry the signal. */
  private static List<Integer> order(int regime) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, CONCEPTS).boxed().toList());
    Collections.shuffle(order, new Random(100 + regime));
    return order;
  }

  private static double[][] signals(float[][] x, int regime) {
    Random random = new Random(200 + regime);
    List<Integer> order = order(regime);
    double[][] signals = new double[x.length][SIGNALS];
    for (int s = 0; s < SIGNALS; s++) {
      double[] direction = new double[PER_CONCEPT];
      double squares = 0;
      for (int f = 0; f < PER_CONCEPT; f++) {
        direction[f] = random.nextGaussian();
        squares += direction[f] * direction[f];
      }
      boolean quadratic = random.nextBoolean();
      for (int i = 0; i < x.length; i++) {
        double u = 0;
        for (int f = 0; f < PER_CONCEPT; f++) {
          u += x[i][order.get(s) * PER_CONCEPT + f] * direction[f] / Math.sqrt(squares);
        }
        signals[i][s] = quadratic ? (u * u - 1) / 1.4 : 1.4 * Math.sin(1.5 * u);
      }
    }
    return signals;
  }

  private static double threshold(double[] score, boolean[] after, boolean of, double share) {
    double[] own =
        IntStream.range(0, score.length)
            .filter(i -> after[i] == of)
            .mapToDouble(i -> score[i])
            .toArray();
    Arrays.sort(own);
    return own.length == 0 ? 0 : own[(int) ((1 - share) * own.length)];
  }

  private int observed(int label, double[] signal, boolean after, Random random) {
    double rate = after && options.change() == Change.NOISE ? options.rateAfter() : options.rate();
    double draw = random.nextDouble();
    return switch (options.noise()) {
      case NONE -> label;
      case SYM -> draw < rate ? 1 - label : label;
      case MISS -> label == 1 ? (draw < rate ? 0 : 1) : draw < 0.01 ? 1 : 0;
      case INSTANCE -> {
        boolean unreported = label == 1 && signal[0] == Arrays.stream(signal).max().orElseThrow();
        boolean chargedBack = label == 0 && signal[1] > 1.2 && draw < 0.5;
        yield unreported || chargedBack ? 1 - label : label;
      }
    };
  }

  @Override
  public long size() {
    return events.size();
  }

  @Override
  public int classes() {
    return 2;
  }

  @Override
  public List<String> featureNames() {
    return IntStream.range(0, CONCEPTS * PER_CONCEPT)
        .mapToObj(f -> "x" + f / PER_CONCEPT + "." + f % PER_CONCEPT)
        .toList();
  }

  @Override
  public List<BatmSpec.Concept> concepts() {
    return IntStream.range(0, CONCEPTS)
        .mapToObj(
            c ->
                new BatmSpec.Concept(
                    "concept" + c,
                    IntStream.range(c * PER_CONCEPT, (c + 1) * PER_CONCEPT).boxed().toList()))
        .toList();
  }

  @Override
  public Iterator<FeedEvent> iterator() {
    return events.iterator();
  }
}
