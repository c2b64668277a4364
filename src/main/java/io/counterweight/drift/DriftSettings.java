package io.counterweight.drift;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * What watches a key, and what is done when it drifts (SPEC 5).
 *
 * @param detector name of the detector of the trusted side, {@code cusum} for the monitor's own, or
 *     {@code none}: nothing is watched
 * @param block labelled events of a block of the label side, the inputs and the class shares, at
 *     least 50
 * @param blockAlarm standard deviations, added up over blocks and above one for each, by which
 *     blocks must differ from those before, positive
 * @param challenge whether fresh lanes begin at a warning
 * @param purge whether a concept drift purges what was trusted before it
 * @param reset whether other drifts reset what they concern
 */
public record DriftSettings(
    String detector, int block, double blockAlarm, boolean challenge, boolean purge, boolean reset)
    implements Serializable {
  /** The monitor's own detector: a sum of standardised losses. */
  public static final String CUSUM = "cusum";

  /** Watches nothing. */
  public static final String NONE = "none";

  public DriftSettings {
    if (!names().contains(detector)) {
      throw new IllegalArgumentException(
          "drift detector is '" + detector + "', expected one of " + names());
    }
    if (block < 50 || !(blockAlarm > 0)) {
      throw new IllegalArgumentException(
          "block is "
              + block
              + " and blockAlarm "
              + blockAlarm
              + ", expected at least 50 and a positive one");
    }
  }

  /** What {@code detector} may be. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(DriftDetectors.names());
    names.add(0, CUSUM);
    names.add(1, NONE);
    return List.copyOf(names);
  }

  /** Whether anything is watched. */
  public boolean watches() {
    return !detector.equals(NONE);
  }
}
