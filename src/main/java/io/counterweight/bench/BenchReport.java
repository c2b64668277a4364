package io.counterweight.bench;

import static io.counterweight.bench.MarkdownTable.number;
import static io.counterweight.bench.MarkdownTable.percent;

import io.counterweight.learner.LaneSettings;
import io.counterweight.learner.LearnerSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code counterweight bench} found.
 *
 * @param machine measured on
 * @param backend a sentence on the backend
 * @param peak of one thread
 * @param results of batches, one thread
 * @param single seconds to predict one event, by shape, one thread
 * @param engine settings of the engine's loop
 * @param speeds of the engine's loop, by threads
 */
public record BenchReport(
    Machine machine,
    String backend,
    MultiplyAddPeak peak,
    List<ShapeResult> results,
    Map<String, Timing> single,
    LearnerSettings engine,
    Map<Integer, EngineLoop.Speed> speeds) {
  private static final double MICROS = 1e6;
  private static final double GIGA = 1e-9;

  /** For people; the tables are Markdown. */
  public String text() {
    return "Machine: "
        + machine.description()
        + "\nBackend: "
        + backend
        + "\nPeak:    "
        + number(peak.flops() * GIGA, 3)
        + " GFLOP/s of multiply-adds on one thread ("
        + peak.how()
        + ")\n\nOne thread. A step trains on a batch and as many trusted events, without anchor.\n\n"
        + batches()
        + "\n"
        + singleEvents()
        + "\nThe learner as a slot runs it, without Kafka and Flink: "
        + engineDescription()
        + ".\n\n"
        + engineLoop();
  }

  private String batches() {
    MarkdownTable table =
        new MarkdownTable(
            "shape",
            "batch",
            "step events/s",
            "µs/event",
            "GFLOP/s",
            "of peak",
            "predict events/s",
            "µs/event",
            "GFLOP/s",
            "of peak");
    for (ShapeResult r : results) {
      table.row(
          r.shape(),
          String.format(Locale.ROOT, "%,d", r.batch()),
          number(r.stepEventsPerSecond(), 3),
          number(MICROS / r.stepEventsPerSecond(), 3),
          number(r.stepFlops() * GIGA, 3),
          percent(r.stepFlops() / peak.flops()),
          number(r.predictEventsPerSecond(), 3),
          number(MICROS / r.predictEventsPerSecond(), 3),
          number(r.predictFlops() * GIGA, 3),
          percent(r.predictFlops() / peak.flops()));
    }
    return table.toString();
  }

  private String singleEvents() {
    MarkdownTable table = new MarkdownTable("shape", "predict one event, µs");
    single.forEach((shape, timing) -> table.row(shape, number(timing.seconds() * MICROS, 3)));
    return table.toString();
  }

  private String engineDescription() {
    List<String> lanes = engine.lanes().stream().map(LaneSettings::name).toList();
    return engine.spec().features()
        + " features in "
        + engine.spec().conceptCount()
        + " concepts, encoder "
        + engine.spec().hidden()
        + ", lanes "
        + String.join(", ", lanes)
        + ", mini-batches of "
        + engine.miniBatch();
  }

  private String engineLoop() {
    MarkdownTable table =
        new MarkdownTable(
            "threads", "events/s", "predict µs/event", "learn µs/event", "trusted µs/event");
    speeds.forEach(
        (threads, speed) ->
            table.row(
                String.valueOf(threads),
                number(speed.eventsPerSecond(), 3),
                number(speed.predictMicros(), 3),
                number(speed.learnMicros(), 3),
                number(speed.trustedMicros(), 3)));
    return table.toString();
  }

  /** For JSON: seconds and operations per second, nothing rounded. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Object> about = new LinkedHashMap<>();
    about.put("cpu", machine.cpu());
    about.put("processors", machine.processors());
    about.put("system", machine.system());
    about.put("java", machine.java());
    about.put("heapMebibytes", machine.heapMebibytes());
    values.put("machine", about);
    values.put("backend", backend);
    values.put("peak", Map.of("flops", peak.flops(), "how", peak.how()));
    List<Object> batches = new ArrayList<>();
    for (ShapeResult r : results) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("shape", r.shape());
      row.put("batch", r.batch());
      row.put("step", timing(r.step()));
      row.put("stepFlops", r.stepFlops());
      row.put("stepShareOfPeak", r.stepFlops() / peak.flops());
      row.put("predict", timing(r.predict()));
      row.put("predictFlops", r.predictFlops());
      row.put("predictShareOfPeak", r.predictFlops() / peak.flops());
      batches.add(row);
    }
    values.put("batches", batches);
    Map<String, Object> one = new LinkedHashMap<>();
    single.forEach((shape, timing) -> one.put(shape, timing(timing)));
    values.put("singleEvent", one);
    List<Object> engineRows = new ArrayList<>();
    speeds.forEach(
        (threads, speed) -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("threads", threads);
          row.put("eventsPerSecond", speed.eventsPerSecond());
          row.put("predictMicros", speed.predictMicros());
          row.put("learnMicros", speed.learnMicros());
          row.put("trustedMicros", speed.trustedMicros());
          engineRows.add(row);
        });
    values.put("engine", Map.of("about", engineDescription(), "loops", engineRows));
    return values;
  }

  private static Map<String, Object> timing(Timing timing) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("seconds", timing.seconds());
    values.put("fastest", timing.fastest());
    values.put("slowest", timing.slowest());
    return values;
  }
}
