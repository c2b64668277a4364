package io.counterweight.operator;

import io.counterweight.compute.Backends;
import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.SteerRequest;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.optim.AdamState;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The scalar backend on copies of the states, as a device would hold them: a state's own arrays
 * learn what the copy has learned when they are synced, and not before.
 */
final class StayingBackend implements ComputeBackend {
  /** The copies of every architecture that was opened, by the states that they were made of. */
  final Map<TrainingState, TrainingState> copies = new IdentityHashMap<>();

  final List<TrainingState> released = new ArrayList<>();

  @Override
  public String name() {
    return "staying";
  }

  @Override
  public BatmCompute open(BatmSpec spec) {
    return new Compute(spec);
  }

  private static List<float[]> arrays(TrainingState state) {
    return List.of(
        state.parameters,
        state.adam.firstMoment,
        state.adam.secondMoment,
        state.averaged,
        state.statistics,
        state.conceptMeans,
        state.weightNet,
        state.weightAdam.firstMoment,
        state.weightAdam.secondMoment);
  }

  private static TrainingState copy(TrainingState state) {
    return new TrainingState(
        state.parameters.clone(),
        copy(state.adam),
        state.averaged.clone(),
        state.statistics.clone(),
        state.conceptMeans.clone(),
        state.weightNet.clone(),
        copy(state.weightAdam));
  }

  private static AdamState copy(AdamState adam) {
    return new AdamState(adam.firstMoment.clone(), adam.secondMoment.clone(), adam.steps);
  }

  private final class Compute implements BatmCompute {
    private final BatmCompute scalar;
    private final int polynomialAt;

    private Compute(BatmSpec spec) {
      scalar = Backends.named("scalar").open(spec);
      polynomialAt = ParameterLayout.parameters(spec).offset("const");
    }

    private TrainingState copyOf(TrainingState state) {
      return copies.computeIfAbsent(state, StayingBackend::copy);
    }

    @Override
    public void predict(TrainingState state, Batch batch, float[] logits, float[] concepts) {
      scalar.predict(copyOf(state), batch, logits, concepts);
    }

    @Override
    public float steer(SteerRequest r) {
      TrainingState copy = copyOf(r.state());
      return scalar.steer(
          new SteerRequest(copy, r.pool(), r.targets(), r.beliefs(), r.meta(), r.settings()));
    }

    @Override
    public float[] align(SteerRequest r) {
      TrainingState copy = copyOf(r.state());
      return scalar.align(
          new SteerRequest(copy, r.pool(), r.targets(), r.beliefs(), r.meta(), r.settings()));
    }

    @Override
    public StepReport step(StepRequest r) {
      TrainingState state = r.state();
      TrainingState copy = copyOf(state);
      StepReport report =
          scalar.step(
              new StepRequest(
                  copy,
                  r.train(),
                  r.targets(),
                  r.beliefs(),
                  r.weighed(),
                  r.meta(),
                  r.anchor(),
                  r.settings(),
                  r.dropout()));
      int polynomial = copy.parameters.length - polynomialAt;
      System.arraycopy(copy.parameters, polynomialAt, state.parameters, polynomialAt, polynomial);
      System.arraycopy(copy.conceptMeans, 0, state.conceptMeans, 0, copy.conceptMeans.length);
      state.adam.steps = copy.adam.steps;
      state.weightAdam.steps = copy.weightAdam.steps;
      return report;
    }

    /** The arrays are the host's again, so the next call copies them anew. */
    @Override
    public void sync(TrainingState state) {
      TrainingState copy = copies.remove(state);
      if (copy != null) {
        List<float[]> learned = arrays(copy);
        List<float[]> own = arrays(state);
        for (int i = 0; i < own.size(); i++) {
          System.arraycopy(learned.get(i), 0, own.get(i), 0, own.get(i).length);
        }
      }
    }

    @Override
    public void release(TrainingState state) {
      released.add(state);
      copies.remove(state);
    }

    @Override
    public void close() {
      scalar.close();
    }
  }
}
