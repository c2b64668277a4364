package io.counterweight.learner;

import io.counterweight.compute.StepSettings;
import java.io.Serializable;

/**
 * One lane: a complete model with its own policy, trained beside the others on the same events.
 *
 * @param name shown in metrics and outputs; letters, digits and hyphens
 * @param step how it trains
 */
public record LaneSettings(String name, StepSettings step) implements Serializable {
  public LaneSettings {
    if (!name.matches("[a-z][a-z0-9-]{0,31}")) {
      throw new IllegalArgumentException(
          "Lane name is '" + name + "', expected 1 to 32 lower-case letters, digits and hyphens");
    }
  }
}
