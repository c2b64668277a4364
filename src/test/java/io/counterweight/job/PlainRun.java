package io.counterweight.job;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the learner does with records in the order of their event time, without Flink, Kafka or
 * failures.
 */
final class PlainRun {
  /** By event id. */
  final Map<String, SampleWeight> weights = new HashMap<>();

  /** By key: the learner's bytes after its newest mini-batch. */
  final Map<String, byte[]> learners = new LinkedHashMap<>();

  PlainRun(LearnerSettings settings, List<Traffic.Sent> records) {
    Map<String, LearnerState> states = new HashMap<>();
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named(Backends.AUTO))) {
      for (Traffic.Sent sent : records) {
        Event event = sent.event();
        LearnerState state = states.computeIfAbsent(event.modelKey(), learner::create);
        if (sent.trusted()) {
          learner.observeTrusted(state, event);
        } else {
          learner.observe(state, event);
          if (learner.isBatchFull(state)) {
            learner.learn(state).weights().forEach(w -> weights.put(w.eventId(), w));
            learners.put(event.modelKey(), LearnerStateCodec.encode(state));
          }
        }
      }
    }
  }
}
