package io.counterweight.sampling;

/** Ways to run MUBO; docs/mubo.md says what each does to the result. */
public enum MuboVariant {
  /** As the paper's text: algorithm 1, the majority loss on the rows trained on. */
  PAPER,

  /**
   * As the paper's code: a burn-in, other sizes, majority rows drawn with replacement, a bound that
   * can rise, a softmax too many, and a network that keeps what it learned from rejected rows.
   */
  PUBLISHED_CODE,

  /** As the paper's text, but the majority loss is that of training rows held out from training. */
  CORRECTED
}
