package io.counterweight.drift;

import java.util.List;

/** The detectors by name, with the customary constants. */
public final class DriftDetectors {
  private static final List<DriftDetector> ALL =
      List.of(
          new Adwin(),
          new PageHinkley(),
          new Ddm(),
          new Eddm(),
          new HddmA(),
          new HddmW(),
          new Kswin());

  private DriftDetectors() {}

  public static List<String> names() {
    return ALL.stream().map(DriftDetector::name).toList();
  }

  /**
   * The detector of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static DriftDetector byName(String name) {
    return ALL.stream()
        .filter(detector -> detector.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Drift detector is '" + name + "', expected one of " + names()));
  }
}
