package io.counterweight.cli;

import io.counterweight.bench.MarkdownTable;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Stored learners as a table with totals. */
final class LearnerTable {
  /** What a table is sorted by. */
  enum Order {
    SIZE,
    KEY
  }

  private final List<LearnerSummary> learners;

  LearnerTable(List<LearnerSummary> learners, Order order) {
    Comparator<LearnerSummary> byKey = Comparator.comparing(LearnerSummary::key);
    this.learners =
        learners.stream()
            .sorted(
                order == Order.KEY
                    ? byKey
                    : Comparator.comparingLong(LearnerSummary::bytes)
                        .reversed()
                        .thenComparing(byKey))
            .toList();
  }

  /** The first rows, then what all learners add up to. */
  String text(int top) {
    MarkdownTable table =
        new MarkdownTable(
            "key",
            "predicted",
            "version",
            "trained until",
            "bytes",
            "lanes",
            "trusted",
            "drift",
            "pending");
    for (LearnerSummary learner : learners.subList(0, Math.min(top, learners.size()))) {
      table.row(
          printable(learner.key()),
          count(learner.predicted()),
          count(learner.version()),
          time(learner.trainedUntil()),
          count(learner.bytes()),
          lanes(learner.lanes()),
          learner.trusted().stream().map(LearnerTable::count).collect(Collectors.joining(" / ")),
          learner.drift(),
          count(learner.pending()));
    }
    String more =
        learners.size() > top ? String.format(Locale.ROOT, " (%,d shown)", Math.max(0, top)) : "";
    return table
        + String.format(
            Locale.ROOT,
            "%n%,d keys%s, %,d events predicted, %,d mini-batches, %,d bytes, %,d trusted events, %,d"
                + " events pending, %,d keys in drift%n",
            learners.size(),
            more,
            total("predicted"),
            total("version"),
            total("bytes"),
            total("trusted"),
            total("pending"),
            total("inDrift"));
  }

  private long total(String what) {
    return totals().get(what);
  }

  /** What all learners add up to. */
  Map<String, Long> totals() {
    Map<String, Long> totals = new LinkedHashMap<>();
    totals.put("keys", (long) learners.size());
    totals.put("predicted", learners.stream().mapToLong(LearnerSummary::predicted).sum());
    totals.put("version", learners.stream().mapToLong(LearnerSummary::version).sum());
    totals.put("bytes", learners.stream().mapToLong(LearnerSummary::bytes).sum());
    totals.put(
        "trusted",
        learners.stream().flatMap(one -> one.trusted().stream()).mapToLong(Long::longValue).sum());
    totals.put("pending", learners.stream().mapToLong(LearnerSummary::pending).sum());
    totals.put(
        "inDrift", learners.stream().filter(one -> !one.drift().startsWith("stable")).count());
    return totals;
  }

  /** All learners as JSON, in order. */
  List<Map<String, Object>> toJson() {
    return learners.stream().map(LearnerSummary::toJson).toList();
  }

  static String lanes(Map<String, Double> lanes) {
    return lanes.entrySet().stream()
        .map(lane -> lane.getKey() + " " + MarkdownTable.percent(lane.getValue()))
        .collect(Collectors.joining(", "));
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String time(long millis) {
    if (millis == Long.MIN_VALUE) {
      return "never";
    }
    try {
      return Instant.ofEpochMilli(millis).toString();
    } catch (DateTimeException e) {
      return millis + " ms";
    }
  }

  /** Keys come from outside: what would move the cursor or break the table is replaced. */
  static String printable(String key) {
    StringBuilder text = new StringBuilder();
    key.codePoints()
        .forEach(c -> text.appendCodePoint(Character.isISOControl(c) || c == '|' ? '?' : c));
    return text.toString();
  }
}
