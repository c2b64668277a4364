package io.counterweight.embedded;

import java.util.Comparator;

/**
 * One simulated card payment.
 *
 * @param sequence counts the payments of the world in order of time, the warm-up's included
 * @param time milliseconds since the epoch
 * @param customer index from 0
 * @param terminal index from 0
 * @param cents amount in hundredths
 * @param scenario the fraud scenario, or {@link #GENUINE}
 */
record Transaction(long sequence, long time, int customer, int terminal, int cents, int scenario) {

  static final int GENUINE = 0;

  /** An amount above the threshold. */
  static final int HIGH_AMOUNT = 1;

  /** A payment at a compromised terminal. */
  static final int COMPROMISED_TERMINAL = 2;

  /** A payment with the stolen credentials of a customer. */
  static final int COMPROMISED_CUSTOMER = 3;

  static final Comparator<Transaction> BY_TIME =
      Comparator.comparingLong(Transaction::time).thenComparingInt(Transaction::customer);

  boolean isFraud() {
    return scenario != GENUINE;
  }
}
