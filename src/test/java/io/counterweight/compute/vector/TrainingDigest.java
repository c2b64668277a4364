package io.counterweight.compute.vector;

import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.Initialisation;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.SeededRandom;
import io.counterweight.support.Steps;
import java.util.List;
import java.util.zip.CRC32;

/** Trains small models of awkward sizes and prints a checksum of every bit that came of it. */
final class TrainingDigest {
  private static final int STEPS = 12;

  private TrainingDigest() {}

  public static void main(String[] args) {
    CRC32 digest = new CRC32();
    for (Normalisation normalisation : Normalisation.values()) {
      for (int events : new int[] {1, 7, 16, 70}) {
        train(spec(normalisation), events, digest);
      }
    }
    System.out.println(Backends.choose("vector").reason() + ": " + digest.getValue());
  }

  private static BatmSpec spec(Normalisation normalisation) {
    return new BatmSpec(
        7,
        3,
        List.of(
            new Concept("a", List.of(0, 1, 2)),
            new Concept("b", List.of(3)),
            new Concept("c", List.of(4, 5, 6, 0))),
        List.of(33, 16, 5),
        true,
        InputLayer.LINEAR,
        normalisation,
        0.05f,
        1e-5f,
        0,
        0.01f,
        3,
        3,
        Initialisation.KAIMING,
        0,
        1e-4f);
  }

  private static void train(BatmSpec spec, int events, CRC32 digest) {
    StepSettings settings = Steps.steering().lower(Steps.ADAM, 1e-3f, 0.3f).settings();
    SeededRandom random = new SeededRandom(events);
    TrainingState state = TrainingState.fresh(spec, settings, random);
    float[] logits = new float[spec.outputs() * events];
    float[] concepts = new float[spec.conceptCount() * events];
    try (BatmCompute compute = Backends.named("vector").open(spec)) {
      for (int step = 0; step < STEPS; step++) {
        Batch train = batch(spec, events, random);
        Batch trusted = batch(spec, 9, random);
        StepReport report = compute.step(state, train, trusted, trusted, settings, random);
        add(report.losses(), digest);
        add(report.weights(), digest);
        add(report.alignments(), digest);
        compute.predict(state, train, logits, concepts);
        add(logits, digest);
        add(concepts, digest);
      }
    }
    add(state.parameters, digest);
    add(state.statistics, digest);
    add(state.weightNet, digest);
  }

  private static Batch batch(BatmSpec spec, int events, SeededRandom random) {
    float[] x = new float[spec.features() * events];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    float[] y = new float[events];
    for (int e = 0; e < events; e++) {
      y[e] = x[e] > 1 ? 2 : x[e] > 0 ? 1 : 0;
    }
    return new Batch(events, x, y);
  }

  private static void add(float[] values, CRC32 digest) {
    for (float value : values) {
      int bits = Float.floatToRawIntBits(value);
      for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
        digest.update(bits >>> shift);
      }
    }
  }
}
