package io.counterweight.operator;

/** What becomes of a transaction that nobody has labelled when its horizon has passed. */
public enum Unlabelled {
  /** It was predicted, and is not learned from. */
  DROP,
  /** It is learned as one of class 0. */
  NEGATIVE,
  /** The same, with a smaller weight. */
  NEGATIVE_WEAK;

  /** Whether the labels of a source, which may be null, were given by nobody. */
  public static boolean isAssumed(String source) {
    return LabelJoinOptions.ASSUMED.equals(source) || LabelJoinOptions.ASSUMED_WEAK.equals(source);
  }
}
