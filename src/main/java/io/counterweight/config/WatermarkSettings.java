package io.counterweight.config;

import java.time.Duration;

/**
 * Event time.
 *
 * @param outOfOrderness how far an event may lie behind the newest one before it is late
 * @param idleness silence after which a partition no longer holds event time back
 */
public record WatermarkSettings(Duration outOfOrderness, Duration idleness) {
  public WatermarkSettings {
    Options.OUT_OF_ORDERNESS.check(outOfOrderness);
    Options.IDLENESS.check(idleness);
  }
}
