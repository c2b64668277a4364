package io.counterweight.embedded;

import io.counterweight.model.BatmSpec.Concept;
import java.util.List;

/**
 * The handbook's 15 features of a payment, computed as payments come.
 *
 * <p>A customer's windows of 1, 7 and 30 days end with the payment and include it: number of
 * payments and mean amount. A terminal's windows of the same lengths end {@value #LABEL_DELAY_DAYS}
 * days before the payment, since younger labels are not known yet: number of payments and risk,
 * their share reported as fraud (0 if there were none).
 */
final class FraudFeatures {
  static final int LABEL_DELAY_DAYS = 7;
  static final int LONGEST_WINDOW_DAYS = 30;

  static final List<String> NAMES =
      List.of(
          "TX_AMOUNT",
          "TX_DURING_WEEKEND",
          "TX_DURING_NIGHT",
          "CUSTOMER_ID_NB_TX_1DAY_WINDOW",
          "CUSTOMER_ID_AVG_AMOUNT_1DAY_WINDOW",
          "CUSTOMER_ID_NB_TX_7DAY_WINDOW",
          "CUSTOMER_ID_AVG_AMOUNT_7DAY_WINDOW",
          "CUSTOMER_ID_NB_TX_30DAY_WINDOW",
          "CUSTOMER_ID_AVG_AMOUNT_30DAY_WINDOW",
          "TERMINAL_ID_NB_TX_1DAY_WINDOW",
          "TERMINAL_ID_RISK_1DAY_WINDOW",
          "TERMINAL_ID_NB_TX_7DAY_WINDOW",
          "TERMINAL_ID_RISK_7DAY_WINDOW",
          "TERMINAL_ID_NB_TX_30DAY_WINDOW",
          "TERMINAL_ID_RISK_30DAY_WINDOW");

  static final List<Concept> CONCEPTS =
      List.of(
          new Concept("transaction", List.of(0, 1, 2)),
          new Concept("customer", List.of(3, 4, 5, 6, 7, 8)),
          new Concept("terminal", List.of(9, 10, 11, 12, 13, 14)));

  private static final long DAY = TransactionGenerator.DAY;
  private static final long HOUR = DAY / 24;
  private static final long[] WINDOWS = {DAY, 7 * DAY, LONGEST_WINDOW_DAYS * DAY};
  private static final int CUSTOMER = 3;
  private static final int TERMINAL = 9;

  private final DelayedWindows[] customers;
  private final DelayedWindows[] terminals;

  FraudFeatures(int customers, int terminals) {
    this.customers = new DelayedWindows[customers];
    this.terminals = new DelayedWindows[terminals];
  }

  /** The features of a payment; call in order of time, once a payment. */
  float[] of(Transaction payment) {
    long time = payment.time();
    DelayedWindows customer = at(customers, payment.customer(), 0);
    customer.add(time, payment.cents());
    customer.advance(time);
    DelayedWindows terminal = at(terminals, payment.terminal(), LABEL_DELAY_DAYS * DAY);
    terminal.advance(time);

    float[] features = new float[NAMES.size()];
    features[0] = (float) (payment.cents() / 100.0);
    features[1] = isWeekend(time) ? 1 : 0;
    features[2] = isNight(time) ? 1 : 0;
    for (int w = 0; w < WINDOWS.length; w++) {
      features[CUSTOMER + 2 * w] = customer.count(w);
      features[CUSTOMER + 2 * w + 1] = (float) (customer.mean(w) / 100);
      features[TERMINAL + 2 * w] = terminal.count(w);
      features[TERMINAL + 2 * w + 1] = (float) terminal.mean(w);
    }
    return features;
  }

  /** Tells the payment's observed label; the risk uses it when the label delay has passed. */
  void report(Transaction payment, int observedLabel) {
    terminals[payment.terminal()].add(payment.time(), observedLabel == 0 ? 0 : 1);
  }

  private static DelayedWindows at(DelayedWindows[] windows, int index, long delay) {
    if (windows[index] == null) {
      windows[index] = new DelayedWindows(delay, WINDOWS);
    }
    return windows[index];
  }

  /** Saturday or Sunday in UTC; day 0 of the epoch was a Thursday. */
  private static boolean isWeekend(long time) {
    long daysSinceMonday = Math.floorMod(Math.floorDiv(time, DAY) + 3, 7L);
    return daysSinceMonday >= 5;
  }

  /** Before seven in the morning, UTC. */
  private static boolean isNight(long time) {
    return Math.floorMod(time, DAY) < 7 * HOUR;
  }
}
