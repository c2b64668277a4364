package io.counterweight.operator;

import static io.counterweight.bench.MarkdownTable.number;
import static io.counterweight.bench.MarkdownTable.percent;

import com.sun.management.OperatingSystemMXBean;
import io.counterweight.bench.Learners;
import io.counterweight.bench.MarkdownTable;
import io.counterweight.bench.Shape;
import io.counterweight.event.Event;
import io.counterweight.learner.LearnerSettings;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.apache.flink.util.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keys}: one subtask with many learners on RocksDB, most of the traffic on few of them. */
@Command(
    name = "keys",
    description = {
      "Events without and with labels through the operator, whose keys are drawn with shares of 1/rank (Zipf), for"
          + " caches that hold all learners (or what the heap has room for), a tenth and a hundredth of them."
    })
public final class ManyKeys implements Callable<Integer> {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private static final double SECOND = 1e9;
  private static final double MEBIBYTE = 1 << 20;
  private static final int FORGET_EVERY = 1000;
  private static final long HOUR = 3_600_000;
  private static final double ROOM = 0.6;

  @Option(
      names = "--keys",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Learners. Default: ${DEFAULT-VALUE}")
  private int keys;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Events of each run, first without, then with labels. Default: ${DEFAULT-VALUE}")
  private int events;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      defaultValue = "SMALL",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Shape shape;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    LearnerSettings settings = Learners.settings(shape);
    long learner = heapOfOne(settings);
    long room = (long) (ROOM * Runtime.getRuntime().maxMemory());
    MarkdownTable table =
        new MarkdownTable(
            "cache for",
            "MiB",
            "first event of each key, events/s (CPU each)",
            "events/s without labels (CPU each)",
            "hits",
            "events/s with labels (CPU each)",
            "hits",
            "snapshot, s",
            "snapshot, bytes a key",
            "keys that trained");
    long all = learner * keys;
    table.row(run(settings, Math.min(all, room), all > room ? "what fits in the heap" : "all"));
    for (int part : new int[] {10, 100}) {
      table.row(run(settings, learner * keys / part, "1 / " + part + " of the learners"));
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%,d keys, %s, %,d events a run, one subtask, RocksDB; a live learner takes %,d bytes, all of them"
                + " %,.0f MiB, the heap has room for %,.0f.%n%n%s",
            keys,
            shape.description(),
            events,
            learner,
            all / MEBIBYTE,
            room / MEBIBYTE,
            table);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static long heapOfOne(LearnerSettings settings) {
    return (long) (1.1 * Learners.trained(settings, 0).heapBytes());
  }

  private String[] run(LearnerSettings settings, long cacheBytes, String name) throws Exception {
    LearnerOptions options =
        new LearnerOptions(Ordering.ARRIVAL, HOUR, cacheBytes, 0, 0, "auto", false);
    Path snapshots = Files.createTempDirectory("many-keys");
    LearnerHarness operator =
        LearnerHarness.start(settings, options, LearnerHarness.Backend.ROCKSDB, snapshots);
    try {
      String first = speed(operator, settings, keys, i -> i, Event.NO_LABEL);
      Random random = new Random(1);
      long[] before = lookUps(operator);
      String unlabelled = speed(operator, settings, events, i -> zipf(random), Event.NO_LABEL);
      double unlabelledHits = hitRate(operator, before);
      before = lookUps(operator);
      int[] labels = new int[keys];
      String labelled =
          speed(
              operator,
              settings,
              events,
              i -> {
                int key = zipf(random);
                labels[key]++;
                return key;
              },
              1);
      double labelledHits = hitRate(operator, before);
      long began = System.nanoTime();
      long bytes = operator.snapshot().getStateSize();
      double seconds = (System.nanoTime() - began) / SECOND;
      long trained = Arrays.stream(labels).filter(count -> count >= settings.miniBatch()).count();
      String[] row = {
        name,
        number(cacheBytes / MEBIBYTE, 3),
        first,
        unlabelled,
        percent(unlabelledHits),
        labelled,
        percent(labelledHits),
        number(seconds, 3),
        number((double) bytes / keys, 4),
        String.format(Locale.ROOT, "%,d", trained)
      };
      spec.commandLine().getErr().println(String.join(" | ", row));
      return row;
    } finally {
      operator.abandon();
      FileUtils.deleteDirectoryQuietly(snapshots.toFile());
    }
  }

  private static long[] lookUps(LearnerHarness operator) {
    return new long[] {operator.cache().hits(), operator.cache().misses()};
  }

  private static double hitRate(LearnerHarness operator, long[] before) {
    double hits = operator.cache().hits() - before[0];
    return hits / (hits + operator.cache().misses() - before[1]);
  }

  private interface Keys {
    int of(int event);
  }

  /** By the clock, and by the processor time of all threads, which other work does not touch. */
  private static String speed(
      LearnerHarness operator, LearnerSettings settings, int count, Keys keys, int label)
      throws Exception {
    long began = System.nanoTime();
    long work = PROCESS.getProcessCpuTime();
    for (int i = 0; i < count; i++) {
      operator.event(
          Learners.event(
              settings, "key-" + keys.of(i), i, label == Event.NO_LABEL ? label : i % 2));
      if (i % FORGET_EVERY == 0) {
        operator.forgetOutputs();
      }
    }
    double micros = (PROCESS.getProcessCpuTime() - work) / 1000.0 / count;
    double perSecond = count * SECOND / (System.nanoTime() - began);
    return number(perSecond, 3) + " (" + number(micros, 3) + " us)";
  }

  /** Rank r with a share of about 1/r, by inversion of the continuous distribution. */
  private int zipf(Random random) {
    return (int) Math.min(keys - 1, Math.pow(keys, random.nextDouble()) - 1);
  }
}
