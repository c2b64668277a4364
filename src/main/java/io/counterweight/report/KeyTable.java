package io.counterweight.report;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What happened to each model key. Keys that come when there are {@code most} already are counted
 * as events without a row. Not thread-safe.
 */
public final class KeyTable {
  /** What a row says, in this order: as objects the rows would be three times as long. */
  private static final List<String> FIELDS =
      List.of(
          "key",
          "events",
          "labelled",
          "suspects",
          "meanWeight",
          "drifts",
          "driftState",
          "driftKind",
          "version",
          "lastTime");

  private final int most;
  private final Map<String, Row> rows = new HashMap<>();
  private long withoutRow;

  private static final class Row {
    long events;
    long suspects;
    long drifts;
    final ExactMeans weights = new ExactMeans(1);
    String driftState;
    String driftKind;
    long version;
    long lastTime = Long.MIN_VALUE;
  }

  /**
   * Empty.
   *
   * @param most keys that have a row, at least 1
   */
  public KeyTable(int most) {
    this.most = most;
  }

  /** Null where there is no room for a new key. */
  private Row row(String key) {
    Row row = rows.get(key);
    if (row == null && rows.size() < most) {
      row = new Row();
      rows.put(key, row);
    }
    return row;
  }

  /** Takes one prediction. */
  public void predicted(Prediction prediction) {
    Row row = row(prediction.modelKey());
    if (row == null) {
      withoutRow++;
      return;
    }
    row.events++;
    row.version = Math.max(row.version, prediction.modelVersion());
    if (prediction.eventTime() >= row.lastTime) {
      row.lastTime = prediction.eventTime();
      row.driftState = prediction.driftState() == null ? null : prediction.driftState().name();
      row.driftKind = prediction.driftKind() == null ? null : prediction.driftKind().name();
    }
  }

  /** Takes one weight. */
  public void weighted(SampleWeight weight) {
    Row row = row(weight.modelKey());
    if (row != null) {
      row.weights.add(0, WeightCurves.rawWeight(weight));
      row.suspects += weight.suspect() ? 1 : 0;
      row.version = Math.max(row.version, weight.modelVersion());
    }
  }

  /** Takes one change of a key's drift state. */
  public void drifted(DriftEvent drift) {
    Row row = row(drift.modelKey());
    if (row != null) {
      row.drifts += DriftList.isDrift(drift) ? 1 : 0;
    }
  }

  /** Keys, most events first. */
  public List<String> busiest(int atMost) {
    return ordered().stream().limit(atMost).map(Map.Entry::getKey).toList();
  }

  private List<Map.Entry<String, Row>> ordered() {
    List<Map.Entry<String, Row>> ordered = new ArrayList<>(rows.entrySet());
    ordered.sort(
        Comparator.<Map.Entry<String, Row>>comparingLong(entry -> -entry.getValue().events)
            .thenComparing(Map.Entry::getKey));
    return ordered;
  }

  /**
   * The section {@code keys}.
   *
   * @param atMost rows, of the keys with most events
   */
  public Map<String, Object> values(int atMost) {
    List<List<Object>> values = new ArrayList<>();
    for (Map.Entry<String, Row> entry : ordered().stream().limit(atMost).toList()) {
      Row row = entry.getValue();
      values.add(
          Arrays.asList(
              entry.getKey(),
              row.events,
              row.weights.count(0),
              row.suspects,
              Numbers.rounded(row.weights.mean(0)),
              row.drifts,
              row.driftState,
              row.driftKind,
              row.version,
              row.lastTime == Long.MIN_VALUE ? null : row.lastTime));
    }
    Map<String, Object> table = new LinkedHashMap<>();
    table.put("total", rows.size());
    table.put("eventsOfOtherKeys", withoutRow);
    table.put("fields", FIELDS);
    table.put("rows", values);
    return table;
  }
}
