package io.counterweight.job;

import io.counterweight.event.SampleWeight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What came of the labelled events that were sent.
 *
 * @param sent labelled events
 * @param predicted of them, those that have a prediction
 * @param weights records of the weights topic
 * @param lost events without a weight
 * @param doubled records of the weights topic beyond the first of their event
 * @param different weights that are not, bit for bit, those of the plain loop
 */
record FaultCounts(int sent, int predicted, int weights, int lost, int doubled, int different) {

  static FaultCounts of(
      Map<String, SampleWeight> expected, Set<String> predicted, List<SampleWeight> weights) {
    Map<String, SampleWeight> first = new HashMap<>();
    weights.forEach(weight -> first.putIfAbsent(weight.eventId(), weight));
    int same = 0;
    int lost = 0;
    int found = 0;
    for (Map.Entry<String, SampleWeight> entry : expected.entrySet()) {
      SampleWeight weight = first.get(entry.getKey());
      lost += weight == null ? 1 : 0;
      same += entry.getValue().equals(weight) ? 1 : 0;
      found += predicted.contains(entry.getKey()) ? 1 : 0;
    }
    return new FaultCounts(
        expected.size(),
        found,
        weights.size(),
        lost,
        weights.size() - first.size(),
        first.size() - same);
  }
}
