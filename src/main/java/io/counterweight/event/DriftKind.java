package io.counterweight.event;

/** What changed: the concept, the label noise, the inputs, or the class prior. */
public enum DriftKind {
  NONE,
  CONCEPT,
  NOISE,
  COVARIATE,
  PRIOR
}
