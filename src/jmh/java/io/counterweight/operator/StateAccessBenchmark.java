package io.counterweight.operator;

import io.counterweight.bench.Learners;
import io.counterweight.bench.Shape;
import io.counterweight.event.Event;
import io.counterweight.learner.LearnerSettings;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An event without a label through the operator on RocksDB: its key's learner is live, or the cache
 * holds one learner and keys take turns, so that each event writes one learner and reads another.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class StateAccessBenchmark {
  private static final int KEYS = 32;
  private static final int EVENTS = 1024;
  private static final long NOT_EVEN_ONE = 1;
  private static final long ALL = 1L << 30;

  @Param({"SMALL", "MEDIUM", "LARGE"})
  public Shape shape;

  @Param({"hit", "miss"})
  public String cache;

  private final Event[] events = new Event[EVENTS];
  private LearnerHarness operator;
  private int turn;

  @Setup(Level.Trial)
  public void start() throws Exception {
    LearnerSettings settings = Learners.settings(shape);
    long bytes = cache.equals("hit") ? ALL : NOT_EVEN_ONE;
    LearnerOptions options =
        new LearnerOptions(Ordering.ARRIVAL, 3_600_000, bytes, 0, 0, "auto", false);
    operator = LearnerHarness.start(settings, options, LearnerHarness.Backend.ROCKSDB);
    for (int i = 0; i < EVENTS; i++) {
      events[i] = Learners.event(settings, "key-" + i % KEYS, i, Event.NO_LABEL);
    }
    for (int key = 0; key < KEYS; key++) {
      operator.event(events[key]); // making a learner takes longer than reading one
    }
  }

  @TearDown(Level.Trial)
  public void stop() {
    operator.close();
  }

  @Benchmark
  public void event() throws Exception {
    operator.event(events[turn++ % EVENTS]);
    if (turn % EVENTS == 0) {
      operator.forgetOutputs();
    }
  }
}
