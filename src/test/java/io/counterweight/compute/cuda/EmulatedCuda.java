package io.counterweight.compute.cuda;

import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.NetworkPasses;
import io.counterweight.compute.SteerRequest;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import java.util.List;

/**
 * The backend {@code cuda} on an emulated device, for tests that look at a state after each step.
 */
public final class EmulatedCuda implements ComputeBackend {
  static final long PLENTY = 1L << 30;

  private static final boolean REAL = "real".equals(System.getProperty("cuda.device"));

  /** Whether this machine can compile the emulator, or shall use its GPU. */
  public static boolean isAvailable() {
    return REAL || Emulator.isAvailable();
  }

  private static Device device() {
    return REAL ? CudaBackend.openDevice() : new EmulatedDevice(EmulatedDevice.Order.UP);
  }

  @Override
  public String name() {
    return REAL ? "cuda" : "emulated-cuda";
  }

  @Override
  public BatmCompute open(BatmSpec spec) {
    return new HomeAfterEachStep(compute(spec, device()));
  }

  /** As the real one: what the lanes learn stays on the device until it is asked for. */
  public static ComputeBackend staying() {
    return new ComputeBackend() {
      @Override
      public String name() {
        return "emulated-cuda-staying";
      }

      @Override
      public BatmCompute open(BatmSpec spec) {
        return compute(spec, device());
      }
    };
  }

  public NetworkPasses passes(BatmSpec spec) {
    return new EmulatedPasses(spec, device());
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
    public StepReport step(StepRequest request) {
      StepReport report = compute.step(request);
      compute.sync(request.state());
      return report;
    }

    @Override
    public float steer(SteerRequest request) {
      return compute.steer(request);
    }

    @Override
    public float[] align(SteerRequest request) {
      return compute.align(request);
    }

    @Override
    public List<StepReport> stepAll(List<StepRequest> requests) {
      List<StepReport> reports = compute.stepAll(requests);
      requests.forEach(request -> compute.sync(request.state()));
      return reports;
    }

    @Override
    public void close() {
      compute.close();
    }
  }
}
