package io.counterweight.meta;

import java.io.Serializable;

/**
 * What the MetaWeightNet sees of an event (SPEC 4.2).
 *
 * @param standardisedLoss the loss minus its mean over the mini-batch, over its standard deviation;
 *     otherwise the loss itself, as published
 * @param label whether the observed label is appended, one-hot
 * @param concepts whether tanh of the concepts is appended
 * @param belief whether the log-odds that the label is right, by the flip rates, are appended (SPEC
 *     4.4); V then starts as that belief
 */
public record WeightInputs(
    boolean standardisedLoss, boolean label, boolean concepts, boolean belief)
    implements Serializable {

  /** Number of inputs of the net. */
  public int size(int classes, int conceptCount) {
    return 1 + (label ? classes : 0) + (concepts ? conceptCount : 0) + (belief ? 1 : 0);
  }

  /**
   * Parses {@code loss} or {@code z-loss}, each with {@code +label}, {@code +concepts} and {@code
   * +posterior} appended as wanted.
   *
   * @throws IllegalArgumentException otherwise
   */
  public static WeightInputs parse(String text) {
    boolean standardised = false;
    boolean label = false;
    boolean concepts = false;
    boolean belief = false;
    String[] parts = text.split("\\+", -1);
    for (int i = 0; i < parts.length; i++) {
      boolean known =
          switch (parts[i]) {
            case "loss" -> i == 0;
            case "z-loss" -> {
              standardised = true;
              yield i == 0;
            }
            case "label" -> {
              label = true;
              yield i > 0;
            }
            case "concepts" -> {
              concepts = true;
              yield i > 0;
            }
            case "posterior" -> {
              belief = true;
              yield i > 0;
            }
            default -> false;
          };
      if (!known) {
        throw new IllegalArgumentException(
            "weight-net inputs are '"
                + text
                + "', expected loss or z-loss, then +label, +concepts and +posterior as wanted");
      }
    }
    return new WeightInputs(standardised, label, concepts, belief);
  }

  @Override
  public String toString() {
    return (standardisedLoss ? "z-loss" : "loss")
        + (label ? "+label" : "")
        + (concepts ? "+concepts" : "")
        + (belief ? "+posterior" : "");
  }
}
