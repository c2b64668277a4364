package io.counterweight.config;

import io.counterweight.operator.Ordering;
import io.counterweight.serde.EventFormat;
import java.time.Duration;
import java.util.Optional;

/**
 * When a key's learner trains and publishes; how is up to the learner's own settings.
 *
 * @param maxLatency age at which a mini-batch is trained on although it is not full
 * @param ordering of the events that are learned
 * @param snapshotEvery mini-batches between model snapshots; 0 is never
 * @param parent model key at whose newest published model new keys begin, if any
 * @param parentShare part of all events that is copied under the parent's key, in [0, 1)
 */
public record TrainingSettings(
    Duration maxLatency,
    Ordering ordering,
    int snapshotEvery,
    Optional<String> parent,
    float parentShare) {

  public TrainingSettings {
    Options.MAX_LATENCY.check(maxLatency);
    Options.ORDERING.check(ordering);
    Options.SNAPSHOT_EVERY.check(snapshotEvery);
    parent.ifPresent(Options.PARENT::check);
    Options.PARENT_SHARE.check(parentShare);
    if (parent.isPresent() && snapshotEvery == 0) {
      throw Options.SNAPSHOT_EVERY.violation(0, "at least 1 with a learner.parent");
    }
    if (parentShare > 0 && parent.filter(EventFormat.DEFAULT_MODEL_KEY::equals).isPresent()) {
      throw Options.PARENT.violation(
          EventFormat.DEFAULT_MODEL_KEY,
          "another key, because events that name none have this one (learner.parent-share is above"
              + " 0, so that the parent's key is not predicted)");
    }
  }
}
