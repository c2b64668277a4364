package io.counterweight.embedded;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;

/**
 * The endless payments of a {@link FraudWorld} in the order of time, made a day at a time.
 *
 * <p>A customer makes a Poisson number of payments a day, at times normal around noon with a
 * standard deviation of 20,000 s (those outside the day are dropped), of an amount normal around
 * the customer's mean (a negative one is drawn again, uniform from 0 to twice the mean), at a
 * terminal drawn from those in reach. Scenarios 1, 2 and 3 then make frauds of some, in this order,
 * as the {@link FraudPattern} at the payment's sequence number says. A day's draws depend on the
 * seed and the day; a payment's on the seed and its sequence number. So the stream before a drift
 * is the stream without one.
 */
final class TransactionGenerator {
  static final long DAY = 86_400_000L;
  private static final double TERMINALS_A_DAY = 2 / 10_000.0;
  private static final int TERMINAL_DAYS = 28;
  private static final double CUSTOMERS_A_DAY = 3 / 5_000.0;
  private static final int CUSTOMER_DAYS = 14;

  private final FraudWorld world;
  private final long start;
  private final long driftSequence;
  private final CounterRandom days;
  private final CounterRandom misuse;
  private final CounterRandom spenders;
  private final Compromises terminals;
  private final Compromises customers;
  private final Queue<Transaction> today = new ArrayDeque<>();
  private int day;
  private long sequence;

  /**
   * @param world who pays where
   * @param seed of all draws
   * @param start midnight of day 0, milliseconds since the epoch
   * @param firstDay the day to begin with; frauds are as frequent from there as later
   * @param driftSequence sequence number of the first payment after the drift
   */
  TransactionGenerator(FraudWorld world, long seed, long start, int firstDay, long driftSequence) {
    this.world = world;
    this.start = start;
    this.driftSequence = driftSequence;
    day = firstDay;
    days = CounterRandom.of(seed, "payments of a day");
    misuse = CounterRandom.of(seed, "misuse of stolen credentials");
    spenders = CounterRandom.of(seed, "big spenders");
    int[] everybody = new int[world.customers()];
    for (int c = 0; c < everybody.length; c++) {
      everybody[c] = c;
    }
    terminals =
        new Compromises(
            world.usedTerminals,
            world.terminals,
            TERMINALS_A_DAY,
            TERMINAL_DAYS,
            firstDay - TERMINAL_DAYS,
            CounterRandom.of(seed, "compromised terminals"));
    customers =
        new Compromises(
            everybody,
            everybody.length,
            CUSTOMERS_A_DAY,
            CUSTOMER_DAYS,
            firstDay - CUSTOMER_DAYS,
            CounterRandom.of(seed, "compromised customers"));
  }

  Transaction next() {
    while (today.isEmpty()) {
      generate();
    }
    return today.remove();
  }

  private void generate() {
    terminals.advance(day);
    customers.advance(day);
    Random random = days.generator(day);
    List<Transaction> genuine = new ArrayList<>();
    for (int c = 0; c < world.customers(); c++) {
      for (int n = poisson(random, world.paymentsPerDay[c]); n > 0; n--) {
        pay(random, c, genuine);
      }
    }
    genuine.sort(Transaction.BY_TIME);
    for (Transaction payment : genuine) {
      today.add(withScenario(payment));
      sequence++;
    }
    day++;
  }

  private void pay(Random random, int customer, List<Transaction> payments) {
    double mean = world.meanAmount[customer];
    double secondOfDay = 43_200 + 20_000 * random.nextGaussian();
    double amount = mean + mean / 2 * random.nextGaussian();
    double again = 2 * mean * random.nextDouble();
    int[] reach = world.reach[customer];
    int terminal = reach[random.nextInt(reach.length)];
    if (secondOfDay >= 0 && secondOfDay < 86_400) {
      long time = start + day * DAY + (long) (secondOfDay * 1000);
      int cents = (int) Math.round(100 * (amount < 0 ? again : amount));
      payments.add(new Transaction(0, time, customer, terminal, cents, Transaction.GENUINE));
    }
  }

  private Transaction withScenario(Transaction payment) {
    FraudPattern pattern =
        sequence < driftSequence ? FraudPattern.BEFORE_DRIFT : FraudPattern.AFTER_DRIFT;
    int cents = payment.cents();
    int scenario = Transaction.GENUINE;
    if (spenders.uniform(payment.customer()) < pattern.bigSpenders()) {
      cents *= FraudPattern.BIG_SPENDER_MULTIPLIER;
    } else if (cents > pattern.highAmount()) {
      scenario = Transaction.HIGH_AMOUNT;
    }
    if (terminals.isCompromised(payment.terminal(), day)) {
      scenario = Transaction.COMPROMISED_TERMINAL;
    }
    if (customers.isCompromised(payment.customer(), day)
        && misuse.uniform(sequence) < pattern.compromisedShare()) {
      cents = (int) Math.round(cents * pattern.multiplier());
      scenario = Transaction.COMPROMISED_CUSTOMER;
    }
    return new Transaction(
        sequence, payment.time(), payment.customer(), payment.terminal(), cents, scenario);
  }

  /** Knuth's product of uniforms; the mean is at most 4. */
  private static int poisson(Random random, double mean) {
    double limit = StrictMath.exp(-mean);
    int count = 0;
    for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
      count++;
    }
    return count;
  }
}
