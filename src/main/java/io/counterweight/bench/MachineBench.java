package io.counterweight.bench;

import io.counterweight.compute.Backends;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.model.BatmSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The measurements of {@code counterweight bench}.
 *
 * @param shapes architectures to measure
 * @param batches sizes of batches, each at least 1
 * @param threads learners at work at once in the engine's loop, at least 1
 * @param seconds to spend on all of it, about
 */
public record MachineBench(List<Shape> shapes, List<Integer> batches, int threads, double seconds) {
  private static final double SHARE_OF_PEAK = 0.04;
  private static final double SHARE_OF_WARM_UP = 0.2;
  private static final double SHARE_OF_ENGINE = 0.16;
  private static final double NANOS = 1e-9;

  public MachineBench {
    shapes = List.copyOf(shapes);
    batches = List.copyOf(batches);
  }

  /**
   * Runs.
   *
   * @param engine settings of the engine's loop
   * @param arrivals that it works on
   * @param progress told what comes next
   */
  public BenchReport run(
      Backends.Choice choice,
      LearnerSettings engine,
      List<EngineLoop.Arrival> arrivals,
      Consumer<String> progress)
      throws InterruptedException {
    progress.accept("the machine's peak");
    MultiplyAddPeak before = MultiplyAddPeak.measure(SHARE_OF_PEAK / 2 * seconds);
    List<ShapeResult> results = new ArrayList<>();
    Map<String, Timing> single = new LinkedHashMap<>();
    double cell =
        (1 - SHARE_OF_PEAK - SHARE_OF_WARM_UP - SHARE_OF_ENGINE)
            * seconds
            / (shapes.size() * (batches.size() + 0.5));
    warmUp(choice.backend());
    for (Shape shape : shapes) {
      progress.accept(shape.description());
      for (int batch : batches) {
        try (Workload workload = open(shape, batch, choice.backend())) {
          results.add(ShapeResult.of(shape, batch, workload, cell));
        }
      }
      try (Workload workload = open(shape, 1, choice.backend())) {
        single.put(shape.description(), new BlockTimer().time(workload::predictOne, cell / 2));
      }
    }
    progress.accept("the engine's loop");
    double engineSeconds = SHARE_OF_ENGINE * seconds / (threads > 1 ? 2 : 1);
    EngineLoop loop = new EngineLoop(engine, choice.backend(), arrivals);
    Map<Integer, EngineLoop.Speed> speeds = new LinkedHashMap<>();
    speeds.put(1, loop.measure(1, engineSeconds));
    if (threads > 1) {
      speeds.put(threads, loop.measure(threads, engineSeconds));
    }
    MultiplyAddPeak after = MultiplyAddPeak.measure(SHARE_OF_PEAK / 2 * seconds);
    return new BenchReport(
        Machine.here(),
        choice.reason(),
        before.flops() > after.flops() ? before : after,
        results,
        single,
        engine,
        speeds);
  }

  /**
   * The shapes share most of their code, which the first to be measured would otherwise wait for.
   */
  private void warmUp(ComputeBackend backend) {
    int smallest = Collections.min(batches);
    for (Shape shape : shapes) {
      long began = System.nanoTime();
      try (Workload workload = open(shape, smallest, backend)) {
        do {
          workload.step();
          workload.predict();
          workload.predictOne();
        } while ((System.nanoTime() - began) * NANOS < SHARE_OF_WARM_UP * seconds / shapes.size());
      }
    }
  }

  private static Workload open(Shape shape, int batch, ComputeBackend backend) {
    return new Workload(shape.spec(BatmSpec.Normalisation.RUNNING), batch, false, backend::open);
  }
}
