package io.counterweight.bench;

import static io.counterweight.bench.MarkdownTable.number;
import static io.counterweight.bench.MarkdownTable.percent;

import io.counterweight.compute.FloatingPointWork;
import io.counterweight.model.BatmSpec.Normalisation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code jmh}: JMH with its own options, and a table of what it found. */
@Command(
    name = "jmh",
    description = {
      "Runs JMH benchmarks: a pattern of names and JMH's options, for example",
      "  benchmark jmh 'Step|PredictB' -p backend=vector -p shape=MEDIUM",
      "  benchmark jmh -f 1 -wi 0 -i 1 -r 10ms       (each once, to see that it runs)",
      "  benchmark jmh -l                            (their names)"
    })
final class JmhCommand implements Callable<Integer> {
  private static final double PEAK_SECONDS = 4;
  private static final double GIGA = 1e-9;
  private static final Set<String> NOTHING_TO_RUN = Set.of("-l", "-lp", "-lprof", "-lrf", "-h");

  @Unmatched private List<String> jmh = new ArrayList<>();
  @Spec private CommandSpec spec;

  JmhCommand() {}

  @Override
  public Integer call() throws Exception {
    if (jmh.stream().anyMatch(NOTHING_TO_RUN::contains)) {
      Main.main(jmh.toArray(new String[0]));
      return 0;
    }
    CommandLineOptions options = new CommandLineOptions(jmh.toArray(new String[0]));
    Collection<RunResult> results = new Runner(options).run();
    PrintWriter out = spec.commandLine().getOut();
    out.print("\n" + Benchmarks.about());
    if (results.stream().anyMatch(result -> shapeOf(result.getParams()) != null)) {
      MultiplyAddPeak peak = MultiplyAddPeak.measure(PEAK_SECONDS);
      out.print("Peak " + number(peak.flops() * GIGA, 3) + " GFLOP/s on one thread, " + peak.how());
      out.print(".\n\n" + kernels(results, peak) + "\n");
    }
    out.print(others(results));
    out.flush();
    return 0;
  }

  private static String kernels(Collection<RunResult> results, MultiplyAddPeak peak) {
    MarkdownTable table =
        new MarkdownTable(
            "what", "shape", "batch", "backend", "µs/call", "±", "events/s", "GFLOP/s", "of peak");
    for (RunResult result : results) {
      BenchmarkParams params = result.getParams();
      Shape shape = shapeOf(params);
      if (shape != null) {
        int batch = Integer.parseInt(params.getParam("batch"));
        Result<?> score = result.getPrimaryResult();
        double seconds = score.getScore() * 1e-6;
        double flops = operations(params, shape, batch) / seconds;
        table.row(
            params.getBenchmark().replaceAll(".*\\.", ""),
            shape.description(),
            String.valueOf(batch),
            params.getParam("backend"),
            number(score.getScore(), 3),
            number(score.getScoreError(), 2),
            number(batch / seconds, 3),
            number(flops * GIGA, 3),
            percent(flops / peak.flops()));
      }
    }
    return table.toString();
  }

  private static double operations(BenchmarkParams params, Shape shape, int batch) {
    FloatingPointWork work = FloatingPointWork.of(shape.spec(Normalisation.RUNNING));
    if (!params.getBenchmark().endsWith("StepBenchmark.step")) {
      return work.prediction(batch);
    }
    return work.step(batch, batch, Boolean.parseBoolean(params.getParam("anchor")) ? batch : 0);
  }

  /** Of a benchmark whose floating point operations are known, else null. */
  private static Shape shapeOf(BenchmarkParams params) {
    boolean known =
        params.getParamsKeys().containsAll(Set.of("shape", "batch", "backend", "normalisation"));
    return known ? Shape.valueOf(params.getParam("shape")) : null;
  }

  private static String others(Collection<RunResult> results) {
    MarkdownTable table = new MarkdownTable("what", "with", "time", "±", "unit");
    boolean any = false;
    for (RunResult result : results) {
      BenchmarkParams params = result.getParams();
      if (shapeOf(params) == null) {
        Map<String, String> with = new TreeMap<>();
        params.getParamsKeys().forEach(key -> with.put(key, params.getParam(key)));
        Result<?> score = result.getPrimaryResult();
        table.row(
            simpleName(params),
            with.toString().replaceAll("[{}]", ""),
            number(score.getScore(), 3),
            number(score.getScoreError(), 2),
            score.getScoreUnit());
        any = true;
      }
    }
    return any ? table.toString() : "";
  }

  private static String simpleName(BenchmarkParams params) {
    String name = params.getBenchmark();
    int method = name.lastIndexOf('.');
    return name.substring(name.lastIndexOf('.', method - 1) + 1).replace("Benchmark.", " ");
  }
}
