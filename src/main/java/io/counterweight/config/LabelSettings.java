package io.counterweight.config;

import io.counterweight.operator.LabelJoinOptions;
import io.counterweight.operator.Unlabelled;
import java.time.Duration;
import java.util.List;

/**
 * Where labels come from.
 *
 * @param join whether they have a topic of their own and meet the events by id; otherwise events
 *     carry them
 * @param horizon after an event at which it counts as unlabelled
 * @param retention for which an event, or a label without one, is remembered
 * @param unlabelled what becomes of an event without a label at the horizon
 * @param trustedSources label sources that are trusted
 */
public record LabelSettings(
    boolean join,
    Duration horizon,
    Duration retention,
    Unlabelled unlabelled,
    List<String> trustedSources) {

  public LabelSettings {
    trustedSources = List.copyOf(trustedSources);
    if (trustedSources.stream().anyMatch(Unlabelled::isAssumed)) {
      throw Options.TRUSTED_SOURCES.violation(
          trustedSources,
          "neither "
              + LabelJoinOptions.ASSUMED
              + " nor "
              + LabelJoinOptions.ASSUMED_WEAK
              + ", whose labels nobody gave");
    }
    if (retention.compareTo(horizon) < 0) {
      throw Options.LABEL_RETENTION.violation(
          retention,
          "at least " + Options.LABEL_MATURITY.key() + " (" + DurationText.format(horizon) + ")");
    }
  }
}
