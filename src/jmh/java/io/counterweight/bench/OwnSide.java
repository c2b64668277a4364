package io.counterweight.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.compute.Backends;
import io.counterweight.model.BatmSpec.Normalisation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code own-side}: the same measurements as the peer's script, in the same JSON. */
@Command(
    name = "own-side",
    description = "What bench_pytorch.py measures, of ours, as one line of JSON.")
final class OwnSide implements Callable<Integer> {
  private static final double MILLIS = 1e3;
  private static final double MICROS = 1e6;

  @Option(names = "--backend", defaultValue = "auto", description = "Default: ${DEFAULT-VALUE}")
  private String backend;

  @Option(names = "--batch", defaultValue = "1024", description = "Default: ${DEFAULT-VALUE}")
  private int batch;

  @Option(names = "--seconds", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Spec private CommandSpec spec;

  OwnSide() {}

  @Override
  public Integer call() throws Exception {
    BlockTimer timer = new BlockTimer();
    try (Workload workload =
        new Workload(
            Shape.MEDIUM.spec(Normalisation.BATCH), batch, false, Backends.named(backend)::open)) {
      warmUp(workload, seconds / 2);
      Timing step = timer.time(workload::step, seconds / 4);
      Timing predict = timer.time(workload::predict, seconds / 8);
      Timing one = timer.time(workload::predictOne, seconds / 8);
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("batch", batch);
      values.put("train_events_per_s", batch / step.seconds());
      values.put("step_ms", step.seconds() * MILLIS);
      values.put("predict_events_per_s", batch / predict.seconds());
      values.put("predict_one_us", one.seconds() * MICROS);
      spec.commandLine().getOut().println(new ObjectMapper().writeValueAsString(values));
    }
    return 0;
  }

  /** The JIT compiler needs seconds for a step's last compilation, more beside another process. */
  private static void warmUp(Workload workload, double seconds) {
    long began = System.nanoTime();
    do {
      workload.step();
      workload.predict();
      workload.predictOne();
    } while ((System.nanoTime() - began) * 1e-9 < seconds);
  }
}
