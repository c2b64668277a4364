package io.counterweight.operator;

/** What becomes of a transaction that nobody has labelled when its horizon has passed. */
public enum Unlabelled {
  /** It was predicted, and is not learned from. */
  DROP,
  /** It is learned as one of class 0. */
  NEGATIVE,
  /** The same, with a smaller weight. */
  NEGATIVE_WEAK
}
