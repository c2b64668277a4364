package io.counterweight.bench;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.learner.LearnerState;
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
import org.openjdk.jmh.annotations.Warmup;

/** A learner of default lanes to bytes and back, its reservoir full. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class LearnerStateBenchmark {
  @Param({"SMALL", "MEDIUM", "LARGE"})
  public Shape shape;

  private LearnerState state;
  private byte[] bytes;

  @Setup(Level.Trial)
  public void train() {
    state = Learners.trained(Learners.settings(shape), 300);
    bytes = LearnerStateCodec.encode(state);
  }

  @Benchmark
  public byte[] encode() {
    return LearnerStateCodec.encode(state);
  }

  @Benchmark
  public LearnerState decode() {
    return LearnerStateCodec.decode(bytes);
  }
}
