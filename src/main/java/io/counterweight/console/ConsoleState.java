package io.counterweight.console;

import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftState;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.report.WeightCurves;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * What the console knows: counts of every key, details of some, the newest events and drifts, lines
 * over time. One thread writes records as they come, threads of the server read; each call holds
 * the one lock, and none for longer than it takes to copy what it shows. Memory has a bound,
 * whatever comes ({@link #bytes}).
 *
 * <p>Counts are of records as they lie on the topics, since the console follows them: a prediction
 * that an at-least-once sink repeated counts twice.
 */
final class ConsoleState {
  /** What quality is judged by: nobody knows the true labels of a live stream. */
  static final String TRUTH = "labels as received";

  private static final int SHOWN_DRIFTS = 500;

  /** Of a drift event, with its texts. */
  private static final long BYTES_OF_DRIFT = 400;

  /**
   * What is kept at most.
   *
   * @param keys rows
   * @param details keys with more than a row
   * @param events newest events; enough of them for a weight, which comes with the checkpoint
   *     after, to find its prediction
   * @param drifts newest changes of drift states
   */
  record Bounds(int keys, int details, int events, int drifts) {
    static final Bounds STANDARD = new Bounds(50_000, 256, 65_536, 5_000);
  }

  private final int classes;
  private final JobNames names;
  private final Bounds bounds;
  private final LongSupplier clock;
  private final long since;
  private final Texts texts = new Texts();
  private final Details details;
  private final KeyTable keys;
  private final EventFeed feed;
  private final Samples samples;
  private final Recent recent = new Recent();
  private final Deque<DriftEvent> drifts = new ArrayDeque<>();
  private JobReading job = JobReading.of("UNKNOWN", null);
  private long events;
  private long weights;
  private long suspects;
  private long rejects;
  private long driftCount;
  private long unreadable;
  private long behind;
  private String problem;

  /**
   * Nothing seen yet.
   *
   * @param classes that labels and predictions may be of
   * @param names of the job's lanes and concepts
   * @param clock milliseconds since the epoch
   */
  ConsoleState(int classes, JobNames names, Bounds bounds, LongSupplier clock) {
    this.classes = classes;
    this.names = names;
    this.bounds = bounds;
    this.clock = clock;
    since = clock.getAsLong();
    details = new Details(bounds.details(), names);
    keys = new KeyTable(bounds.keys(), details::remove);
    feed = new EventFeed(bounds.events());
    samples = new Samples(names);
  }

  /**
   * Takes a prediction.
   *
   * @param timestamp of its record, in milliseconds
   */
  synchronized void predicted(Prediction prediction, long timestamp) {
    if (!isPlausible(prediction)) {
      unreadable++;
      return;
    }
    long written = atMostNow(timestamp);
    events++;
    recent.add(written);
    samples.predicted(prediction.laneWeights(), written);
    KeyRow row = keys.active(prediction.modelKey());
    row.events++;
    row.version = Math.max(row.version, prediction.modelVersion());
    if (prediction.eventTime() >= row.lastTime) {
      row.lastTime = prediction.eventTime();
      row.driftState = prediction.driftState();
      row.driftKind = prediction.driftKind();
    }
    if (row.detail == null && details.considered(row) && row.events > 1) {
      replay(row);
    }
    if (row.detail != null) {
      row.detail.predicted(prediction, written);
    }
    Reasons reasons = Reasons.of(prediction.contributions(), texts);
    float[] shares = names.shares(prediction.laneWeights());
    feed.changed(
        prediction.eventId(), row, event -> event.predicted(prediction, reasons, shares, written));
  }

  /** A writer whose clock is ahead must not end the lines over time. */
  private long atMostNow(long timestamp) {
    return Math.min(timestamp, clock.getAsLong());
  }

  private boolean isPlausible(Prediction prediction) {
    boolean plausible =
        prediction.probabilities().length == classes
            && prediction.predictedClass() >= 0
            && prediction.predictedClass() < classes;
    if (prediction.predictionSet() != null) {
      plausible &= prediction.predictionSet().length <= classes;
    }
    return plausible;
  }

  /**
   * Takes a weight.
   *
   * @param timestamp of its record, in milliseconds
   */
  synchronized void weighted(SampleWeight weight, long timestamp) {
    if (weight.label() < 0 || weight.label() >= classes) {
      unreadable++;
      return;
    }
    long written = atMostNow(timestamp);
    float counted = WeightCurves.rawWeight(weight);
    weights++;
    suspects += weight.suspect() ? 1 : 0;
    samples.weighted(counted, weight.suspect(), written);
    KeyRow row = keys.active(weight.modelKey());
    row.labelled++;
    row.weights += counted;
    row.suspects += weight.suspect() ? 1 : 0;
    row.version = Math.max(row.version, weight.modelVersion());
    FeedEvent event = feed.changed(weight.eventId(), row, one -> one.weighted(weight));
    if (row.detail != null) {
      row.detail.weighted(weight, event, written);
    }
  }

  /** Takes a change of a key's drift state. */
  synchronized void drifted(DriftEvent drift) {
    KeyRow row = keys.active(drift.modelKey());
    row.driftState = drift.state();
    row.driftKind = drift.kind();
    if (drift.state() == DriftState.DRIFT) {
      driftCount++;
      row.drifts++;
    }
    drifts.addLast(drift);
    if (drifts.size() > bounds.drifts()) {
      drifts.removeFirst();
    }
  }

  /** Takes a record that the job could not use. */
  synchronized void rejected() {
    rejects++;
  }

  /** Takes the place of a key's snapshot; null where it was deleted. */
  synchronized void published(String key, ModelPlace place) {
    KeyRow row = place == null ? keys.find(key) : keys.active(key);
    if (row != null) {
      row.model = place;
      row.version = place == null ? row.version : Math.max(row.version, place.version());
    }
  }

  /** Takes what Flink said. */
  synchronized void measured(JobReading reading) {
    job = reading;
    samples.measured(reading, clock.getAsLong());
  }

  /** Counts a record of an output topic that is none. */
  synchronized void unreadable() {
    unreadable++;
  }

  /**
   * Takes how the following goes.
   *
   * @param records that are not read yet
   * @param trouble a sentence, or null
   */
  synchronized void following(long records, String trouble) {
    behind = records;
    problem = trouble;
  }

  /** Events that were followed so far. */
  synchronized long events() {
    return events;
  }

  /** Records of the topics that are not read yet. */
  synchronized long behind() {
    return behind;
  }

  /** About how much memory all this takes, in bytes. */
  synchronized long bytes() {
    return keys.bytes() + feed.bytes() + details.bytes() + drifts.size() * BYTES_OF_DRIFT;
  }

  synchronized Map<String, Object> overview() {
    long now = clock.getAsLong();
    Map<String, Object> overview = new LinkedHashMap<>();
    overview.put("time", now);
    overview.put("job", jobValues());
    overview.put("classes", classNames());
    overview.put("lanes", names.lanesAndMixture());
    overview.put("concepts", new ArrayList<>(names.configured().keySet()));
    overview.put("totals", totals());
    Map<String, Object> rates = new LinkedHashMap<>();
    rates.put("eventsPerSecond", recent.perSecond(now, behind > 0));
    rates.put("lag", job.lag() < 0 ? null : job.lag());
    overview.put("rates", rates);
    overview.put("samples", samples.values());
    overview.put("truth", TRUTH);
    overview.put("console", consoleValues());
    return overview;
  }

  private List<String> classNames() {
    return IntStream.range(0, classes).mapToObj(String::valueOf).toList();
  }

  private Map<String, Object> jobValues() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", names.job());
    values.put("state", job.state());
    values.put("dashboard", job.dashboard());
    values.put("upSeconds", job.upMillis() < 0 ? null : job.upMillis() / 1000);
    values.put("events", job.events() < 0 ? null : job.events());
    values.put("eventsPerSecond", job.eventsPerSecond());
    values.put("keys", job.keys() < 0 ? null : job.keys());
    values.put("checkpoints", job.checkpoints() == null ? null : job.checkpoints().values());
    return values;
  }

  private Map<String, Object> totals() {
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("events", events);
    totals.put("labelled", weights);
    totals.put("weights", weights);
    totals.put("suspects", suspects);
    totals.put("rejects", rejects);
    totals.put("drifts", driftCount);
    totals.put("keys", keys.size());
    return totals;
  }

  private Map<String, Object> consoleValues() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("since", since);
    values.put("behind", behind);
    values.put("problem", problem);
    values.put("unreadable", unreadable);
    values.put("keysForgotten", keys.forgotten());
    values.put("details", details.size());
    values.put("bytes", bytes());
    return values;
  }

  /**
   * A page of the list of keys.
   *
   * @param search part of a key, in whatever case
   */
  Map<String, Object> keys(String search, KeyTable.Sort sort, int page, int size) {
    KeyTable.Selection selection;
    synchronized (this) {
      selection = keys.select(search, sort);
    }
    List<KeyRow> rows = selection.page(page, size);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("total", selection.total());
    values.put("matching", selection.matching());
    values.put("page", page);
    values.put("size", size);
    synchronized (this) {
      values.put("rows", rows.stream().map(KeyRow::values).toList());
      values.put("forgotten", keys.forgotten());
    }
    return values;
  }

  /**
   * A key's page, without its model.
   *
   * @param report ready to be shown but for the models
   * @param model where the newest snapshot lies, or null
   */
  record KeyPage(Map<String, Object> report, ModelPlace model) {}

  /** Null if the key is not known. Who looks at a key gives it a detail. */
  synchronized KeyPage key(String key) {
    KeyRow row = keys.find(key);
    if (row == null) {
      return null;
    }
    if (details.lookedAt(row, clock.getAsLong())) {
      replay(row);
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("format", 1);
    report.put("kind", "live");
    report.put("title", "key " + key);
    report.put("classes", classNames());
    report.put("lanes", names.lanesAndMixture());
    row.detail.addTo(report, classes);
    List<Map<String, Object>> ofKey =
        drifts.stream()
            .filter(drift -> drift.modelKey().equals(key))
            .map(ConsoleState::values)
            .toList();
    report.put("drift", ofKey.subList(Math.max(0, ofKey.size() - SHOWN_DRIFTS), ofKey.size()));
    report.put("injectedDrift", null);
    Map<String, Object> table = new LinkedHashMap<>();
    table.put("total", 1);
    table.put("rows", List.of(row.values()));
    report.put("keys", table);
    return new KeyPage(report, row.model);
  }

  private void replay(KeyRow row) {
    long now = clock.getAsLong();
    EventFeed.replay(row, event -> row.detail.replayed(event, now));
  }

  /**
   * The newest events, newest first.
   *
   * @param key of which key, or null for all
   * @param after only what changed after this number
   */
  synchronized Map<String, Object> events(String key, long after, int limit) {
    KeyRow row = key == null ? null : keys.find(key);
    List<Map<String, Object>> shown =
        key != null && row == null
            ? List.of()
            : feed.newest(row, after, limit).stream().map(FeedEvent::values).toList();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("next", feed.seq());
    values.put("events", shown);
    return values;
  }

  /** The newest changes of drift states, newest first. */
  synchronized Map<String, Object> drift() {
    List<Map<String, Object>> shown = new ArrayList<>();
    Iterator<DriftEvent> newest = drifts.descendingIterator();
    while (newest.hasNext() && shown.size() < SHOWN_DRIFTS) {
      shown.add(values(newest.next()));
    }
    return Map.of("events", shown);
  }

  private static Map<String, Object> values(DriftEvent drift) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("index", null);
    values.put("modelKey", drift.modelKey());
    values.put("eventTime", drift.eventTime());
    values.put("onset", drift.onset());
    values.put("state", drift.state());
    values.put("kind", drift.kind());
    values.put("signal", drift.signal());
    values.put("detector", drift.detector());
    values.put("statistic", drift.statistic());
    values.put("threshold", drift.threshold());
    values.put("affected", drift.affected());
    return values;
  }
}
