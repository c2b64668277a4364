package io.counterweight.embedded;

/**
 * What fraud looks like: the parameters that change at the drift.
 *
 * @param highAmount a payment of more is fraud (scenario 1), in cents
 * @param multiplier of the amounts of fraud with stolen credentials (scenario 3)
 * @param compromisedShare of a compromised customer's payments that are fraud (scenario 3)
 * @param bigSpenders share of the customers whose amounts are multiplied by {@link
 *     #BIG_SPENDER_MULTIPLIER} and who are exempt from the high-amount rule
 */
record FraudPattern(
    int highAmount, double multiplier, double compromisedShare, double bigSpenders) {

  static final int BIG_SPENDER_MULTIPLIER = 4;

  /** The handbook's: fraud is dear. */
  static final FraudPattern BEFORE_DRIFT = new FraudPattern(220_00, 5, 1.0 / 3, 0);

  /** Stolen cards are tested with small amounts, and many dear payments are genuine. */
  static final FraudPattern AFTER_DRIFT = new FraudPattern(190_00, 0.2, 2.0 / 3, 0.03);
}
