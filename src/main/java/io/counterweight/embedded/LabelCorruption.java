package io.counterweight.embedded;

/**
 * Applies a {@link LabelNoise} to a stream, event by event, from its first.
 *
 * <p>The draws for an event depend on the seed and the event's index only. For {@code instance}
 * noise two {@link FeatureRegion}s are kept, one among the events with a label other than 0 and one
 * among the events with label 0; they depend on the events before, so that a stream gives the same
 * labels whenever it is run from its first event.
 */
final class LabelCorruption {
  private static final double CHARGED_BACK = 0.5;

  // Short enough to follow rare events, long enough to span the rhythm of common ones.
  private static final int UNREPORTED_WINDOW = 300;
  private static final int CHARGED_BACK_WINDOW = 3000;

  private final LabelNoise noise;
  private final int classes;
  private final CounterRandom whether;
  private final CounterRandom which;
  private final RunningMoments moments;
  private final FeatureRegion unreported;
  private final FeatureRegion chargedBack;
  private final float[] standardised;

  LabelCorruption(LabelNoise noise, long seed, int classes, int features) {
    this.noise = noise;
    this.classes = classes;
    whether = CounterRandom.of(seed, "label noise: whether");
    which = CounterRandom.of(seed, "label noise: which class");
    moments = new RunningMoments(features);
    CounterRandom directions = CounterRandom.of(seed, "label noise: regions");
    unreported =
        new FeatureRegion(directions.generator(0), features, noise.rate(), UNREPORTED_WINDOW);
    chargedBack =
        new FeatureRegion(
            directions.generator(1), features, noise.falseRate(), CHARGED_BACK_WINDOW);
    standardised = new float[features];
  }

  /** The label that is observed for the event at {@code index}; the features are not changed. */
  int observe(long index, float[] features, int trueLabel) {
    return switch (noise.kind()) {
      case NONE -> trueLabel;
      case SYMMETRIC -> whether.uniform(index) < noise.rate() ? other(index, trueLabel) : trueLabel;
      case MISSED -> {
        double rate = trueLabel == 0 ? noise.falseRate() : noise.rate();
        yield whether.uniform(index) < rate ? opposite(index, trueLabel) : trueLabel;
      }
      case INSTANCE -> instance(index, features, trueLabel);
    };
  }

  private int instance(long index, float[] features, int trueLabel) {
    moments.standardise(features, standardised);
    moments.add(features);
    if (trueLabel != 0) {
      return unreported.contains(standardised) ? 0 : trueLabel;
    }
    return chargedBack.contains(standardised) && whether.uniform(index) < CHARGED_BACK
        ? other(index, 0)
        : 0;
  }

  private int opposite(long index, int trueLabel) {
    return trueLabel == 0 ? other(index, 0) : 0;
  }

  private int other(long index, int label) {
    int drawn = which.below(classes - 1, index);
    return drawn < label ? drawn : drawn + 1;
  }
}
