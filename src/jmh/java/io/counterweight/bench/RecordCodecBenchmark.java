package io.counterweight.bench;

import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.model.SeededRandom;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.util.LinkedHashMap;
import java.util.Map;
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

/** Avro, single-object encoding, of the records that pass for every event. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordCodecBenchmark {
  /** Of the event; the prediction has a concept for each three of them. */
  @Param({"15", "30"})
  public int features;

  private final RecordCodec<Event> events = RecordType.EVENT.newCodec();
  private final RecordCodec<Prediction> predictions = RecordType.PREDICTION.newCodec();
  private final RecordCodec<SampleWeight> weights = RecordType.SAMPLE_WEIGHT.newCodec();
  private Event event;
  private byte[] eventBytes;
  private Prediction prediction;
  private SampleWeight weight;

  @Setup(Level.Trial)
  public void makeRecords() {
    SeededRandom random = new SeededRandom(1);
    float[] x = new float[features];
    for (int i = 0; i < features; i++) {
      x[i] = (float) random.nextGaussian();
    }
    Map<String, String> attributes = Map.of("customer", "4711", "terminal", "815");
    event = new Event("payment-123456", "default", 1_704_067_200_000L, x, 1, "report", attributes);
    eventBytes = events.encode(event);
    Map<String, Float> contributions = new LinkedHashMap<>();
    for (int c = 0; c < features / 3; c++) {
      contributions.put("concept-" + c, random.nextFloat());
    }
    prediction = TrivialRecords.prediction(event, contributions);
    weight = TrivialRecords.weight(event);
  }

  @Benchmark
  public byte[] encodeEvent() {
    return events.encode(event);
  }

  @Benchmark
  public Event decodeEvent() throws DecodeException {
    return events.decode(eventBytes);
  }

  @Benchmark
  public byte[] encodePrediction() {
    return predictions.encode(prediction);
  }

  @Benchmark
  public byte[] encodeWeight() {
    return weights.encode(weight);
  }
}
