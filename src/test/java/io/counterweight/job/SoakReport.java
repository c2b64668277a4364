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
    /** A job that restarts with its JobManager leaves 3 to 4 MiB until the next restart. */
    HEAP("heap after GC, MiB", MIB, 0.05, 5, sample -> jvm(sample, ProcessSample.Jvm::heapBytes)),
    NATIVE(
        "native memory, MiB", MIB, 0.05, 4, sample -> jvm(sample, ProcessSample.Jvm::nativeBytes)),
    CLASSES("classes", 1, 0.02, 100, sample -> jvm(sample, ProcessSample.Jvm::classes)),
    RESIDENT("resident, MiB", MIB, 0.1, 16, ProcessSample::residentBytes),
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

  /** What a broker may take for a transactional id, which it forgets after a week. */
  private static final double BYTES_OF_AN_ID = 2048;

  /** Flink does not delete the files of a JobManager's checkpoints that was killed. */
  private static final double KIB_LEFT_BY_A_JOB_MANAGER = 4096;

  private static final double FILES_LEFT_BY_A_JOB_MANAGER = 16;

  private final List<StateSample> states;
  private final List<String> lines = new ArrayList<>();
  private final List<String> grown = new ArrayList<>();

  SoakReport(List<ProcessSample> processes, List<StateSample> states) {
    this.states = states;
    lines.add("| process | lived | resource | first third | last third | an hour | may grow by |");
    lines.add("|---|---|---|---:|---:|---:|---:|");
    lives(processes).forEach(this::life);
    double lost = lostJobManagers(processes);
    state("state of a checkpoint, KiB", 1024, 16, StateSample::stateBytes);
    state(
        "checkpoint directory, KiB",
        1024,
        16 + lost * KIB_LEFT_BY_A_JOB_MANAGER,
        StateSample::checkpointBytes);
    state(
        "checkpoint directory, files",
        1,
        16 + lost * FILES_LEFT_BY_A_JOB_MANAGER,
        StateSample::checkpointFiles);
    state("folders of the processes, MiB", MIB, 16, StateSample::localBytes);
    show("transactional ids", StateSample::transactionalIds);
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
        double beyond = resource.beyond;
        if (resource == Resource.HEAP && samples.get(0).process().equals("broker")) {
          beyond += idsBetween(born + WARM_UP_SECONDS, died) * BYTES_OF_AN_ID / resource.unit;
        }
        judge(samples.get(0).process(), lived, resource.title, points, resource.share, beyond);
      }
    }
  }

  /** Transactional ids that came in that time. */
  private double idsBetween(double from, double to) {
    List<Trend.Point> points =
        states.stream()
            .filter(sample -> sample.seconds() >= from && sample.seconds() <= to)
            .map(sample -> new Trend.Point(sample.seconds(), sample.transactionalIds()))
            .toList();
    return points.size() < ENOUGH ? 0 : Math.max(0, Trend.of(points).growth());
  }

  private List<Trend.Point> points(double unit, Function<StateSample, Double> of) {
    return states.stream()
        .filter(sample -> sample.seconds() >= WARM_UP_SECONDS)
        .map(sample -> new Trend.Point(sample.seconds(), of.apply(sample) / unit))
        .toList();
  }

  private static double lostJobManagers(List<ProcessSample> processes) {
    long started =
        processes.stream()
            .filter(sample -> sample.process().equals("jobmanager"))
            .mapToLong(ProcessSample::pid)
            .distinct()
            .count();
    return Math.max(0, started - 1);
  }

  private void state(String title, double unit, double beyond, Function<StateSample, Double> of) {
    List<Trend.Point> points = points(unit, of);
    if (points.size() >= ENOUGH) {
      judge("job", "", title, points, 0.1, beyond);
    }
  }

  /** What grows by design: there is no bound. */
  private void show(String title, Function<StateSample, Double> of) {
    List<Trend.Point> points = points(1, of);
    if (points.size() >= ENOUGH) {
      lines.add(line("job", "", title, Trend.of(points), "-"));
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
    String may = String.format(Locale.ROOT, "%,.1f%s", bound, flat ? "" : ", grown");
    String line = line(who, lived, what, trend, may);
    lines.add(line);
    if (!flat) {
      grown.add(line);
    }
  }

  private static String line(String who, String lived, String what, Trend trend, String may) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %,.1f | %,.1f | %+,.1f | %s |",
        who,
        lived,
        what,
        trend.first(),
        trend.last(),
        trend.perHour(),
        may);
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
