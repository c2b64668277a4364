package io.counterweight.compute.cuda;

import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;

/**
 * The backend {@code cuda} on an emulated device, for tests that look at a state after each step.
 */
public final class EmulatedCuda implements ComputeBackend {
  static final long PLENTY = 1L << 30;

  /** Whether this machine can compile the emulator. */
  public static boolean isAvailable() {
    return Emulator.isAvailable();
  }

  @Override
  public String name() {
    return "emulated-cuda";
  }

  @Override
  public BatmCompute open(BatmSpec spec) {
    return new HomeAfterEachStep(compute(spec, new EmulatedDevice(EmulatedDevice.Order.UP)));
  }

  public NetworkPasses passes(BatmSpec spec) {
    return new EmulatedPasses(spec, new EmulatedDevice(EmulatedDevice.Order.UP));
  }

  static CudaCompute compute(BatmSpec spec, Device device) {
    return new CudaCompute(new ArchitectureTable(spec), device, PLENTY, PLENTY);
  }

  private record HomeAfterEachStep(CudaCompute compute) implements BatmCompute {
    @Override
    public void predict(TrainingState state, Batch batch, float[] logits, float[] concepts) {
      compute.predict(state, batch, logits, concepts);
    }

    @Override
    public StepReport step(
        TrainingState state,
        Batch train,
        Batch meta,
        Batch anchor,
        StepSettings settings,
        SeededRandom dropout) {
      StepReport report = compute.step(state, train, meta, anchor, settings, dropout);
      compute.sync(state);
      return report;
    }

    @Override
    public void close() {
      compute.close();
    }
  }
}
