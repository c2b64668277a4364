package io.counterweight.embedded;

import io.counterweight.event.Event;
import io.counterweight.model.BatmSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * Simulated card payments with the handbook's three kinds of fraud (Le Borgne, Siblini, Lebichot
 * and Bontempi 2022, Reproducible Machine Learning for Credit Card Fraud Detection, chapter 3).
 *
 * <p>Class 1 is fraud, 0.5 to 2 % of the payments:
 *
 * <ol>
 *   <li>an amount above 220;
 *   <li>a payment at a compromised terminal: each day 0.02 % of the terminals are drawn (the
 *       handbook's 2 of 10,000), for 28 days every payment there is fraud;
 *   <li>stolen credentials: each day 0.06 % of the customers are drawn (3 of 5,000), for 14 days a
 *       third of their payments are fraud with five times the amount.
 * </ol>
 *
 * <p>At the <b>drift</b> the pattern changes from one event to the next: the threshold of scenario
 * 1 falls to 190; in scenario 3 two thirds of the payments are fraud and their amount is a fifth
 * instead of five times (cards are tested with small sums); and 3 % of the customers begin to spend
 * four times as much without any fraud in it. Scenario 2 stays. Events before the drift are those
 * of the stream without it.
 *
 * <p>The world is sized for the number of events: 45,000 to 1,800,000 cover 90 days, fewer a day
 * for every 500, more a day for every 20,000. It runs 37 days before the first event, which starts
 * on 2024-01-01 in UTC, so that all windows are full; these payments are not emitted. The
 * terminal's risk is computed from the labels as <em>observed</em>, 7 days old at least: with label
 * noise it is what a feature store would hold, and nothing of the truth leaks into a feature.
 *
 * <p>{@link LabelNoise} of kind {@code instance} uses regions of feature space here as in any other
 * feed, not the scenarios. All events have the key {@link Feed#DEFAULT_KEY}; the attributes {@code
 * customer} and {@code terminal} say whose payment it was and where.
 */
public final class FraudSimulator implements Feed {
  private static final long START = Instant.parse("2024-01-01T00:00:00Z").toEpochMilli();
  private static final int WARM_UP_DAYS =
      FraudFeatures.LABEL_DELAY_DAYS + FraudFeatures.LONGEST_WINDOW_DAYS;
  private static final int CLASSES = 2;
  private static final String LABEL_SOURCE = "report";

  /**
   * What to simulate.
   *
   * @param events number of events, 1 to {@value #MOST_EVENTS}
   * @param seed of everything random
   * @param noise how observed labels are made wrong
   * @param trustedFraction share of the events that get a trusted label, in [0, 1], as many of each
   *     class as there are; fraud being rare, all frauds are taken where the share is above twice
   *     their rate
   * @param trustedDelay from the event to its trusted label, in event time, not negative
   * @param driftAt fraction of the stream in (0, 1) after which the pattern of fraud changes, or
   *     empty
   */
  public record Options(
      long events,
      long seed,
      LabelNoise noise,
      double trustedFraction,
      Duration trustedDelay,
      OptionalDouble driftAt) {

    static final long MOST_EVENTS = 1_000_000_000;

    public Options {
      if (events < 1 || events > MOST_EVENTS) {
        throw new IllegalArgumentException(
            "events is " + events + ", expected 1 to " + MOST_EVENTS);
      }
      Objects.requireNonNull(noise, "noise");
      TrustedSelection.validate(trustedFraction, trustedDelay);
      if (driftAt.isPresent() && !(driftAt.getAsDouble() > 0 && driftAt.getAsDouble() < 1)) {
        throw new IllegalArgumentException(
            "driftAt is " + driftAt.getAsDouble() + ", expected a fraction in (0, 1)");
      }
    }

    /** True labels, 2 % of them trusted after one hour, no drift. */
    public static Options of(long events, long seed) {
      return new Options(
          events, seed, LabelNoise.NONE, 0.02, Duration.ofHours(1), OptionalDouble.empty());
    }

    public Options withNoise(LabelNoise newNoise) {
      return new Options(events, seed, newNoise, trustedFraction, trustedDelay, driftAt);
    }

    public Options withTrusted(double fraction, Duration delay) {
      return new Options(events, seed, noise, fraction, delay, driftAt);
    }

    public Options withDriftAt(double fraction) {
      return new Options(
          events, seed, noise, trustedFraction, trustedDelay, OptionalDouble.of(fraction));
    }
  }

  private final Options options;
  private final FraudWorld world;
  private final long warmUpPayments;

  public FraudSimulator(Options options) {
    this.options = options;
    world = new FraudWorld(options.events(), CounterRandom.of(options.seed(), "world"));
    warmUpPayments = countWarmUp();
  }

  @Override
  public long size() {
    return options.events();
  }

  @Override
  public int classes() {
    return CLASSES;
  }

  @Override
  public List<String> featureNames() {
    return FraudFeatures.NAMES;
  }

  @Override
  public List<BatmSpec.Concept> concepts() {
    return FraudFeatures.CONCEPTS;
  }

  @Override
  public Iterator<FeedEvent> iterator() {
    return new Payments();
  }

  /** The payments behind the events, the warm-up's first. */
  TransactionGenerator transactions() {
    long drift =
        options.driftAt().isEmpty()
            ? Long.MAX_VALUE
            : warmUpPayments + (long) (options.driftAt().getAsDouble() * options.events());
    return new TransactionGenerator(world, options.seed(), START, -WARM_UP_DAYS, drift);
  }

  /** Payments before the first event. */
  long warmUpPayments() {
    return warmUpPayments;
  }

  FraudWorld world() {
    return world;
  }

  private long countWarmUp() {
    TransactionGenerator payments =
        new TransactionGenerator(world, options.seed(), START, -WARM_UP_DAYS, Long.MAX_VALUE);
    while (true) {
      Transaction payment = payments.next();
      if (payment.time() >= START) {
        return payment.sequence();
      }
    }
  }

  private final class Payments implements Iterator<FeedEvent> {
    private final TransactionGenerator transactions = transactions();
    private final FraudFeatures features = new FraudFeatures(world.customers(), world.terminals);
    private final LabelCorruption corruption =
        new LabelCorruption(options.noise(), options.seed(), CLASSES, FraudFeatures.NAMES.size());
    private final TrustedSelection trusted =
        new TrustedSelection(options.trustedFraction(), options.trustedDelay(), options.seed());
    private final ClassCounts counts = new ClassCounts(CLASSES);
    private long emitted;

    @Override
    public boolean hasNext() {
      return emitted < options.events();
    }

    @Override
    public FeedEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException("All " + emitted + " events have been given");
      }
      while (true) {
        Transaction payment = transactions.next();
        FeedEvent event = process(payment);
        if (payment.time() >= START) {
          emitted++;
          return event;
        }
      }
    }

    private FeedEvent process(Transaction payment) {
      int trueLabel = payment.isFraud() ? 1 : 0;
      float[] values = features.of(payment);
      int label = corruption.observe(payment.sequence(), values, trueLabel);
      features.report(payment, label);
      long trustedTime =
          trusted.trustedTime(payment.sequence(), payment.time(), trueLabel, counts.priors());
      counts.add(trueLabel);
      Event event =
          new Event(
              "tx-" + emitted,
              DEFAULT_KEY,
              payment.time(),
              values,
              label,
              LABEL_SOURCE,
              Map.of(
                  "customer", Integer.toString(payment.customer()),
                  "terminal", Integer.toString(payment.terminal())));
      return new FeedEvent(event, trueLabel, trustedTime);
    }
  }
}
