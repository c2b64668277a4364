package io.counterweight.bench;

import io.counterweight.compute.ComputeBackend;
import io.counterweight.event.Event;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the learner's operator does for each event, without Kafka and Flink: predict with reason
 * codes, and train all lanes when a mini-batch is full. Passes over the same arrivals, each with a
 * new learner.
 */
public final class EngineLoop {
  private static final int LEAST_PASSES = 3;
  private static final double NANOS = 1e-9;

  /**
   * An event as it reaches the learner.
   *
   * @param trusted whether it came by the trusted stream
   */
  public record Arrival(Event event, boolean trusted) {}

  /**
   * Medians over the passes after the first half, which warms up.
   *
   * @param eventsPerSecond of all threads together, trusted events not counted
   * @param predictMicros to predict an event and explain it, one thread
   * @param learnMicros of an event's share of its mini-batch's training in all lanes, one thread
   * @param trustedMicros of a trusted event, one thread; NaN without any
   */
  public record Speed(
      double eventsPerSecond, double predictMicros, double learnMicros, double trustedMicros) {}

  private record Pass(long events, double predict, double learn, long trusted, double observe) {}

  private final LearnerSettings settings;
  private final ComputeBackend backend;
  private final List<Arrival> arrivals;

  /** A loop over arrivals, of which some are labelled. */
  public EngineLoop(LearnerSettings settings, ComputeBackend backend, List<Arrival> arrivals) {
    this.settings = settings;
    this.backend = backend;
    this.arrivals = List.copyOf(arrivals);
  }

  /**
   * Measures.
   *
   * @param threads learners at work at once, each on its own thread with its own copy of the stream
   * @param seconds to spend, about
   */
  public Speed measure(int threads, double seconds) throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<List<Pass>>> workers = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        workers.add(pool.submit(() -> passes(seconds)));
      }
      double eventsPerSecond = 0;
      double[][] micros = new double[3][threads];
      for (int t = 0; t < threads; t++) {
        List<Pass> passes = workers.get(t).get();
        List<Pass> counted = passes.subList(passes.size() / 2, passes.size());
        eventsPerSecond +=
            median(
                counted.stream()
                    .mapToDouble(p -> p.events / (p.predict + p.learn + p.observe))
                    .toArray());
        micros[0][t] = median(counted.stream().mapToDouble(p -> p.predict / p.events).toArray());
        micros[1][t] = median(counted.stream().mapToDouble(p -> p.learn / p.events).toArray());
        micros[2][t] = median(counted.stream().mapToDouble(p -> p.observe / p.trusted).toArray());
      }
      return new Speed(
          eventsPerSecond,
          1e6 * median(micros[0]),
          1e6 * median(micros[1]),
          1e6 * median(micros[2]));
    } catch (ExecutionException e) {
      throw new IllegalStateException("A pass over the events failed", e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  private static double median(double[] values) {
    return Arrays.stream(values).anyMatch(Double::isNaN) ? Double.NaN : Timing.of(values).seconds();
  }

  private List<Pass> passes(double seconds) {
    List<Pass> passes = new ArrayList<>();
    long began = System.nanoTime();
    try (OnlineLearner learner = new OnlineLearner(settings, backend)) {
      while (passes.size() < LEAST_PASSES || (System.nanoTime() - began) * NANOS < seconds) {
        passes.add(pass(learner));
      }
    }
    return passes;
  }

  private Pass pass(OnlineLearner learner) {
    LearnerState state = learner.create("bench");
    long events = 0;
    long predicting = 0;
    long learning = 0;
    long trusted = 0;
    long observing = 0;
    long before = System.nanoTime();
    for (Arrival arrival : arrivals) {
      if (arrival.trusted()) {
        learner.observeTrusted(state, arrival.event());
        long now = System.nanoTime();
        trusted++;
        observing += now - before;
        before = now;
        continue;
      }
      learner.observe(state, arrival.event());
      long now = System.nanoTime();
      events++;
      predicting += now - before;
      before = now;
      if (learner.isBatchFull(state)) {
        learner.learn(state);
        now = System.nanoTime();
        learning += now - before;
        before = now;
      }
    }
    return new Pass(events, predicting * NANOS, learning * NANOS, trusted, observing * NANOS);
  }
}
