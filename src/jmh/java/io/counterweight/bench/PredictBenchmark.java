package io.counterweight.bench;

import io.counterweight.compute.Backends;
import io.counterweight.model.BatmSpec.Normalisation;
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

/** Predictions of one lane's model; a batch of 1 is the single event of the engine. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PredictBenchmark {
  @Param("auto")
  public String backend;

  @Param({"SMALL", "MEDIUM", "LARGE"})
  public Shape shape;

  @Param({"1", "16", "64", "256", "1024"})
  public int batch;

  @Param("RUNNING")
  public Normalisation normalisation;

  private Workload workload;

  @Setup(Level.Trial)
  public void open() {
    workload = new Workload(shape.spec(normalisation), batch, false, Backends.named(backend)::open);
  }

  @TearDown(Level.Trial)
  public void close() {
    workload.close();
  }

  @Benchmark
  public float[] predict() {
    return batch == 1 ? workload.predictOne() : workload.predict();
  }
}
