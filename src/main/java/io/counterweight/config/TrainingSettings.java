package io.counterweight.config;

import io.counterweight.operator.Ordering;
import java.time.Duration;

/**
 * When a key's learner trains and publishes; how is up to the learner's own settings.
 *
 * @param maxLatency age at which a mini-batch is trained on although it is not full
 * @param ordering of the events that are learned
 * @param snapshotEvery mini-batches between model snapshots; 0 is never
 */
public record TrainingSettings(Duration maxLatency, Ordering ordering, int snapshotEvery) {

  public TrainingSettings {
    Options.MAX_LATENCY.check(maxLatency);
    Options.ORDERING.check(ordering);
    Options.SNAPSHOT_EVERY.check(snapshotEvery);
  }
}
