package io.counterweight.bench;

import static io.counterweight.bench.MarkdownTable.number;
import static io.counterweight.bench.MarkdownTable.percent;

import io.counterweight.bench.TimedPasses.Phase;
import io.counterweight.compute.Backends;
import io.counterweight.compute.BilevelStep;
import io.counterweight.compute.FloatingPointWork;
import io.counterweight.compute.cpu.CpuBackend;
import io.counterweight.model.BatmSpec.Normalisation;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code phases}: where the time of a step on a CPU goes. */
@Command(
    name = "phases",
    description = {
      "Times the passes of a steered step without anchor, and samples the classes and methods that run."
    },
    sortOptions = false)
final class StepPhases implements Callable<Integer> {
  private static final double PEAK_SECONDS = 3;
  private static final double NANOS = 1e-9;
  private static final double GIGA = 1e-9;
  private static final double MICROS = 1e6;
  private static final int HOTTEST = 12;

  @Option(names = "--backend", defaultValue = "auto", description = "A CPU's. Default: auto")
  private String backend;

  @Option(names = "--shape", defaultValue = "MEDIUM", description = "Default: ${DEFAULT-VALUE}")
  private Shape shape;

  @Option(names = "--batch", defaultValue = "1024", description = "Default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(
      names = "--normalisation",
      defaultValue = "RUNNING",
      description = "Default: ${DEFAULT-VALUE}")
  private Normalisation normalisation;

  @Option(names = "--seconds", defaultValue = "20", description = "Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Spec private CommandSpec spec;

  StepPhases() {}

  @Override
  public Integer call() throws Exception {
    if (!(Backends.named(backend) instanceof CpuBackend cpu)) {
      throw new ParameterException(spec.commandLine(), "--backend: a CPU's, such as vector");
    }
    MultiplyAddPeak peak = MultiplyAddPeak.measure(PEAK_SECONDS);
    TimedPasses passes = new TimedPasses(cpu.passes(shape.spec(normalisation)));
    try (Workload workload =
        new Workload(
            shape.spec(normalisation), batch, false, model -> new BilevelStep(model, passes))) {
      steps(workload, seconds / 2);
      passes.reset();
      long began = System.nanoTime();
      long steps = steps(workload, seconds / 4);
      double step = (System.nanoTime() - began) * NANOS / steps;
      PrintWriter out = spec.commandLine().getOut();
      out.print(Benchmarks.about());
      out.print(
          "Backend " + cpu.name() + ", " + shape.description() + ", batches of " + batch + ".\n\n");
      out.println(phases(passes, steps, step, peak));
      ExecutionSamples samples = new ExecutionSamples();
      steps(workload, seconds / 20); // starting to sample makes the compiler work again
      Instant from = Instant.now();
      steps(workload, seconds / 5);
      List<ExecutionSamples.Sample> mine =
          samples.stop(from).stream()
              .filter(sample -> sample.thread().equals(Thread.currentThread().getName()))
              .toList();
      out.println(shares("class", ExecutionSamples.count(mine, StepPhases::owner), mine.size()));
      out.print(shares("method", ExecutionSamples.count(mine, StepPhases::leaf), mine.size()));
      out.flush();
    }
    return 0;
  }

  private static long steps(Workload workload, double seconds) {
    long began = System.nanoTime();
    long steps = 0;
    do {
      workload.step();
      steps++;
    } while ((System.nanoTime() - began) * NANOS < seconds);
    return steps;
  }

  private String phases(TimedPasses passes, long steps, double step, MultiplyAddPeak peak) {
    MarkdownTable table =
        new MarkdownTable("phase", "µs a step", "share", "µs an event", "GFLOP/s", "of peak");
    FloatingPointWork work = FloatingPointWork.of(shape.spec(normalisation));
    double rest = step;
    for (Phase phase : Phase.values()) {
      double time = passes.nanos(phase) * NANOS / steps;
      rest -= time;
      double flops = operations(work, phase) * batch / time;
      row(table, phase.description, time, step, flops, peak);
    }
    row(table, "weight net, optimisers, look-ahead, the rest", rest, step, 0, peak);
    row(table, "step", step, step, work.step(batch, batch, 0) / step, peak);
    return table.toString();
  }

  private void row(
      MarkdownTable table,
      String what,
      double time,
      double step,
      double flops,
      MultiplyAddPeak peak) {
    table.row(
        what,
        number(time * MICROS, 3),
        percent(time / step),
        number(time * MICROS / batch, 3),
        flops > 0 ? number(flops * GIGA, 3) : "",
        flops > 0 ? percent(flops / peak.flops()) : "");
  }

  private static double operations(FloatingPointWork work, Phase phase) {
    return switch (phase) {
      case TRAIN_FORWARD, TRUSTED_FORWARD -> work.forward();
      case LOOK_AHEAD_BACKWARD, TRUSTED_BACKWARD, TANGENT, STEP_BACKWARD ->
          2 * work.forward() - work.first();
      case STATISTICS -> 0;
    };
  }

  private static String shares(String what, Map<String, Integer> counts, int all) {
    MarkdownTable table = new MarkdownTable(what + ", sampled", "share");
    counts.entrySet().stream()
        .limit(HOTTEST)
        .forEach(entry -> table.row(entry.getKey(), percent((double) entry.getValue() / all)));
    return table.toString();
  }

  /** The innermost class of ours that is not a kernel. */
  private static String owner(ExecutionSamples.Sample sample) {
    return ours(sample)
        .filter(frame -> !frame.matches(".*\\.(vector|scalar)\\..*"))
        .findFirst()
        .map(frame -> frame.substring(0, frame.lastIndexOf('.')))
        .orElse("other");
  }

  private static String leaf(ExecutionSamples.Sample sample) {
    return ours(sample).findFirst().orElse("other").replaceAll("\\.lambda\\$.*", ".lambda");
  }

  private static Stream<String> ours(ExecutionSamples.Sample sample) {
    String root = "io.counterweight.";
    return sample.frames().stream()
        .filter(frame -> frame.startsWith(root))
        .map(frame -> frame.substring(root.length()));
  }
}
