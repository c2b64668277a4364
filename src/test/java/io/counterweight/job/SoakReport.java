package io.counterweight.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** What the samples of a soak say: a table, and what grew more than it may. */
final class SoakReport {
  /** Of a process, before it is looked at: classes are loaded and compiled, caches fill. */
  private static final double WARM_UP_SECONDS = 120;

  /** Lives with fewer samples after that are shown, not judged. */
  private static final int ENOUGH = 6;

  private static final double MIB = 1 << 20;

  /** Something that must stay flat, and by how much of its level and beyond it may rise. */
  private enum Resource {
    HEAP("heap after GC, MiB", MIB, 0.05, 2, sample -> jvm(sample, ProcessSample.Jvm::heapBytes)),
    NATIVE(
        "native memory, MiB", MIB, 0.05, 4, sample -> jvm(sample, ProcessSample.Jvm::nativeBytes)),
    CLASSES("classes", 1, 0.02, 100, sample -> jvm(sample, ProcessSample.Jvm::classes)),
    RESIDENT("resident, MiB", MIB, 0.05, 8, ProcessSample::residentBytes),
    HANDLES("open files", 1, 0.02, 8, ProcessSample::handles),
    THREADS("threads", 1, 0.02, 4, ProcessSample::threads);

    final String title;
    final double unit;
    final double share;
    final double beyond;
    final Function<ProcessSample, Double> of;

    Resource(
        String title,
        double unit,
        double share,
        double beyond,
        Function<ProcessSample, Double> of) {
      this.title = title;
      this.unit = unit;
      this.share = share;
      this.beyond = beyond;
      this.of = of;
    }

    private static Double jvm(ProcessSample sample, Function<ProcessSample.Jvm, Double> of) {
      return sample.jvm() == null ? null : of.apply(sample.jvm());
    }
  }

  private final List<String> lines = new ArrayList<>();
  private final List<String> grown = new ArrayList<>();

  SoakReport(List<ProcessSample> processes, List<StateSample> states) {
    lines.add("| process | lived | resource | first third | last third | an hour | may grow by |");
    lines.add("|---|---|---|---:|---:|---:|---:|");
    lives(processes).forEach(this::life);
    state("state of a checkpoint, KiB", 1024, states, StateSample::stateBytes);
    state("checkpoint directory, KiB", 1024, states, StateSample::checkpointBytes);
    state("checkpoint directory, files", 1, states, StateSample::checkpointFiles);
    state("folders of the TaskManagers, MiB", MIB, states, StateSample::localBytes);
    state("transactional ids", 1, states, StateSample::transactionalIds);
  }

  /** A line for each that was above what it may be; empty if all was flat. */
  List<String> grown() {
    return grown;
  }

  List<String> lines() {
    return lines;
  }

  private static Map<Long, List<ProcessSample>> lives(List<ProcessSample> processes) {
    Map<Long, List<ProcessSample>> lives = new LinkedHashMap<>();
    for (ProcessSample sample : processes) {
      lives.computeIfAbsent(sample.pid(), pid -> new ArrayList<>()).add(sample);
    }
    return lives;
  }

  private void life(long pid, List<ProcessSample> samples) {
    double born = samples.get(0).seconds();
    double died = samples.get(samples.size() - 1).seconds();
    String lived = String.format(Locale.ROOT, "%.0f to %.0f min", born / 60, died / 60);
    for (Resource resource : Resource.values()) {
      List<Trend.Point> points = new ArrayList<>();
      for (ProcessSample sample : samples) {
        Double level = resource.of.apply(sample);
        if (level != null && sample.seconds() >= born + WARM_UP_SECONDS) {
          points.add(new Trend.Point(sample.seconds(), level / resource.unit));
        }
      }
      if (points.size() >= ENOUGH) {
        judge(
            samples.get(0).process(),
            lived,
            resource.title,
            points,
            resource.share,
            resource.beyond);
      }
    }
  }

  private void state(
      String title, double unit, List<StateSample> states, Function<StateSample, Double> of) {
    List<Trend.Point> points =
        states.stream()
            .filter(sample -> sample.seconds() >= WARM_UP_SECONDS)
            .map(sample -> new Trend.Point(sample.seconds(), of.apply(sample) / unit))
            .toList();
    if (points.size() >= ENOUGH) {
      judge("job", "", title, points, 0.1, 16);
    }
  }

  private void judge(
      String who,
      String lived,
      String what,
      List<Trend.Point> points,
      double share,
      double beyond) {
    Trend trend = Trend.of(points);
    double bound = share * trend.first() + beyond;
    boolean flat = trend.growth() <= bound;
    String line =
        String.format(
            Locale.ROOT,
            "| %s | %s | %s | %,.1f | %,.1f | %+,.1f | %,.1f%s |",
            who,
            lived,
            what,
            trend.first(),
            trend.last(),
            trend.perHour(),
            bound,
            flat ? "" : ", grown");
    lines.add(line);
    if (!flat) {
      grown.add(line);
    }
  }

  /** Writes the samples as they are. */
  static void write(Path folder, List<ProcessSample> processes, List<StateSample> states)
      throws IOException {
    List<String> rows = new ArrayList<>();
    rows.add("seconds,process,pid,resident,handles,threads,heap,native,classes");
    for (ProcessSample s : processes) {
      String jvm =
          s.jvm() == null
              ? ",,"
              : row(
                  "%.0f,%.0f,%.0f", s.jvm().heapBytes(), s.jvm().nativeBytes(), s.jvm().classes());
      rows.add(
          row("%.1f,%s,%d,%.0f,", s.seconds(), s.process(), s.pid(), s.residentBytes())
              + row("%.0f,%.0f,", s.handles(), s.threads())
              + jvm);
    }
    Files.write(folder.resolve("soak-processes.csv"), rows);
    rows.clear();
    rows.add("seconds,state,checkpoint-bytes,checkpoint-files,local-bytes,transactional-ids");
    for (StateSample s : states) {
      rows.add(
          row("%.1f,%.0f,%.0f,", s.seconds(), s.stateBytes(), s.checkpointBytes())
              + row("%.0f,%.0f,%.0f", s.checkpointFiles(), s.localBytes(), s.transactionalIds()));
    }
    Files.write(folder.resolve("soak-state.csv"), rows);
  }

  private static String row(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
