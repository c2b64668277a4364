package io.counterweight.learner;

import java.io.Serializable;

/**
 * How trusted labels are kept and used.
 *
 * @param perClass newest trusted events kept of each class, at least 1
 * @param batch events drawn for one upper step, and again for the anchor, at least 1
 * @param minimumPerClass a class steers once it has that many, at least 1; two such classes are
 *     needed
 * @param maximumAge events older than this behind the stream are not drawn, in milliseconds,
 *     positive
 */
public record TrustedSettings(int perClass, int batch, int minimumPerClass, long maximumAge)
    implements Serializable {
  public TrustedSettings {
    require(perClass >= 1 && perClass <= 100_000, "perClass", perClass, "1 to 100000");
    require(batch >= 1 && batch <= 65_536, "batch", batch, "1 to 65536");
    require(
        minimumPerClass >= 1 && minimumPerClass <= perClass,
        "minimumPerClass",
        minimumPerClass,
        "1 to perClass (" + perClass + ")");
    require(maximumAge > 0, "maximumAge", maximumAge, "positive milliseconds");
  }

  private static void require(boolean condition, String name, long value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + rule);
    }
  }
}
