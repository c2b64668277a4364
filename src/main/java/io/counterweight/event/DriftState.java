package io.counterweight.event;

/** How sure a key's drift monitor is that its stream has changed. */
public enum DriftState {
  STABLE,
  WARNING,
  DRIFT,
  RECOVERING
}
