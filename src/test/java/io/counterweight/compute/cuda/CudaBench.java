package io.counterweight.compute.cuda;

import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.StepSettings.LookAhead;
import io.counterweight.compute.TrainingState;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.Adam;
import io.counterweight.support.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Events per second of bilevel steps without anchor and of batched prediction, {@code cuda} beside
 * {@code vector} (one thread) in one run: 10 concepts of 3 features, 64-64-32, order 2, rank 8, as
 * the PyTorch peer has them. {@code src/test/cuda/bench} starts it.
 */
final class CudaBench {
  private static final int[] KEYS = {1, 16, 256};
  private static final int[] BATCHES = {16, 256, 1024, 4096, 16_384, 65_536};

  /** Largest total of one row; the rest would measure memory. */
  private static final int MOST_EVENTS = 262_144;

  private static final StepSettings SETTINGS =
      Steps.steering()
          .weights("loss", WeightNormalisation.MEAN)
          .lookAhead(LookAhead.SGD)
          .lower(Adam.withRate(0.001f), 0, 0)
          .settings();

  private CudaBench() {}

  public static void main(String[] arguments) {
    List<ComputeBackend> backends = new ArrayList<>();
    try {
      for (String name : List.of("cuda", "vector")) {
        Backends.Choice choice = Backends.choose(name);
        System.out.println(choice.reason());
        backends.add(choice.backend());
      }
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
    System.out.println("| keys | batch | backend | step, events/s | prediction, events/s |");
    System.out.println("|---|---|---|---|---|");
    for (int keys : KEYS) {
      for (int batch : BATCHES) {
        if (keys * batch <= MOST_EVENTS) {
          backends.forEach(backend -> row(backend, keys, batch));
        }
      }
    }
  }

  private static void row(ComputeBackend backend, int keys, int n) {
    BatmSpec spec = spec();
    SeededRandom random = new SeededRandom(1);
    List<StepRequest> requests = new ArrayList<>();
    for (int key = 0; key < keys; key++) {
      TrainingState state = TrainingState.fresh(spec, SETTINGS, random);
      requests.add(
          StepRequest.onLabels(
              state, batch(spec, n, random), batch(spec, n, random), null, SETTINGS, null));
    }
    float[] logits = new float[spec.outputs() * n];
    float[] concepts = new float[spec.conceptCount() * n];
    try (BatmCompute compute = backend.open(spec)) {
      double step =
          median(
              () -> {
                if (compute.stepAll(requests).stream().anyMatch(report -> !report.applied())) {
                  throw new IllegalStateException("A step was not finite");
                }
              });
      StepRequest first = requests.get(0);
      double predict =
          median(() -> compute.predict(first.state(), first.train(), logits, concepts));
      System.out.printf(
          "| %d | %d | %s | %,.0f | %,.0f |%n",
          keys, n, backend.name(), (double) keys * n / step, n / predict);
    }
  }

  /** Seconds of one call: half a second of warm-up, then the median of a second of calls. */
  private static double median(Runnable call) {
    for (long start = System.nanoTime(); System.nanoTime() - start < 500_000_000; ) {
      call.run();
    }
    List<Double> times = new ArrayList<>();
    for (long start = System.nanoTime();
        times.size() < 5 || System.nanoTime() - start < 1_000_000_000; ) {
      long before = System.nanoTime();
      call.run();
      times.add((System.nanoTime() - before) * 1e-9);
    }
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static Batch batch(BatmSpec spec, int n, SeededRandom random) {
    float[] x = new float[spec.features() * n];
    float[] y = new float[n];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    for (int e = 0; e < n; e++) {
      y[e] = random.nextInt(spec.outputs());
    }
    return new Batch(n, x, y);
  }

  private static BatmSpec spec() {
    List<Concept> concepts = new ArrayList<>();
    for (int c = 0; c < 10; c++) {
      concepts.add(new Concept("c" + c, List.of(3 * c, 3 * c + 1, 3 * c + 2)));
    }
    return new BatmSpec(
        30,
        2,
        concepts,
        Arrays.asList(64, 64, 32),
        true,
        BatmSpec.InputLayer.LINEAR,
        BatmSpec.Normalisation.RUNNING,
        0.05f,
        1e-5f,
        0,
        0.01f,
        2,
        8,
        BatmSpec.Initialisation.TAYLOR,
        0,
        0);
  }
}
