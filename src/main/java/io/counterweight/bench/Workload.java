package io.counterweight.bench;

import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.FloatingPointWork;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepSettings;
import io.counterweight.compute.TrainingState;
import io.counterweight.meta.WeightInputs;
import io.counterweight.meta.WeightNormalisation;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.Adam;
import java.util.function.Function;

/**
 * Steps and predictions on made-up events, the same for every backend: the whole steered step of
 * SPEC 4.3, with as many trusted events as labelled ones, weight net of 100 hidden units on the
 * loss, look-ahead by plain gradient.
 *
 * <p>A tenth of the labels are wrong, several batches take turns and the model begins anew now and
 * then: a model that knew its only batch by heart would work with vanishing numbers.
 */
public final class Workload implements AutoCloseable {
  private static final int BATCHES = 8;
  private static final int SINGLE_EVENTS = 64;
  private static final int STEPS_BEFORE = 4;
  private static final int STEPS_UNTIL_ANEW = 500;
  private static final float WRONG_LABELS = 0.1f;
  private static final float ANCHOR = 0.3f;

  private final BatmSpec spec;
  private final int size;
  private final boolean anchor;
  private final BatmCompute compute;
  private final StepSettings settings;
  private final Batch[] train = new Batch[BATCHES];
  private final Batch[] trusted = new Batch[BATCHES];
  private final Batch[] single = new Batch[SINGLE_EVENTS];
  private final SeededRandom dropout = new SeededRandom(2);
  private final float[] logits;
  private final float[] concepts;
  private final TrainingState begun;
  private final TrainingState state;
  private int turn;
  private int steps;

  /**
   * Makes it ready to run.
   *
   * @param size events of a batch, at least 1
   * @param anchor whether the trusted events are in the lower loss too
   * @param open opens the architecture
   */
  public Workload(BatmSpec spec, int size, boolean anchor, Function<BatmSpec, BatmCompute> open) {
    this.spec = spec;
    this.size = size;
    this.anchor = anchor;
    compute = open.apply(spec);
    settings =
        new StepSettings(
            true,
            Adam.withRate(0.002f),
            0,
            0,
            anchor ? ANCHOR : 0,
            100,
            WeightInputs.parse("loss"),
            Adam.withRate(0.001f),
            WeightNormalisation.SUM,
            StepSettings.LookAhead.SGD,
            1000,
            1,
            5);
    SeededRandom random = new SeededRandom(1);
    for (int i = 0; i < BATCHES; i++) {
      train[i] = batch(size, WRONG_LABELS, random);
      trusted[i] = batch(size, 0, random);
    }
    for (int i = 0; i < SINGLE_EVENTS; i++) {
      single[i] = batch(1, 0, random);
    }
    logits = new float[spec.outputs() * size];
    concepts = new float[spec.conceptCount() * size];
    begun = TrainingState.fresh(spec, settings, random);
    state = TrainingState.fresh(spec, settings, random);
    for (int i = 0; i < STEPS_BEFORE; i++) {
      compute.step(begun, train[i], trusted[i], trusted[i], settings, dropout);
    }
    beginAnew();
  }

  private Batch batch(int events, float wrongLabels, SeededRandom random) {
    float[] x = new float[spec.features() * events];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    float[] y = new float[events];
    for (int e = 0; e < events; e++) {
      boolean positive = x[e] > 1;
      y[e] = positive ^ random.nextFloat() < wrongLabels ? 1 : 0;
    }
    return new Batch(events, x, y);
  }

  private void beginAnew() {
    copy(begun.parameters, state.parameters);
    copy(begun.adam.firstMoment, state.adam.firstMoment);
    copy(begun.adam.secondMoment, state.adam.secondMoment);
    state.adam.steps = begun.adam.steps;
    copy(begun.statistics, state.statistics);
    copy(begun.conceptMeans, state.conceptMeans);
    copy(begun.weightNet, state.weightNet);
    copy(begun.weightAdam.firstMoment, state.weightAdam.firstMoment);
    copy(begun.weightAdam.secondMoment, state.weightAdam.secondMoment);
    state.weightAdam.steps = begun.weightAdam.steps;
  }

  private static void copy(float[] from, float[] to) {
    System.arraycopy(from, 0, to, 0, to.length);
  }

  /**
   * One training step.
   *
   * @throws IllegalStateException if it was skipped because something was not finite
   */
  public StepReport step() {
    if (++steps % STEPS_UNTIL_ANEW == 0) {
      beginAnew();
    }
    int i = turn++ % BATCHES;
    StepReport report =
        compute.step(state, train[i], trusted[i], anchor ? trusted[i] : null, settings, dropout);
    if (!report.applied()) {
      throw new IllegalStateException("Step " + steps + " was skipped: something was not finite");
    }
    return report;
  }

  /** Predicts a batch; returns the logits {@code [classes x n]}, overwritten by the next call. */
  public float[] predict() {
    compute.predict(state, train[turn++ % BATCHES], logits, concepts);
    return logits;
  }

  /** Predicts one event; returns its logits first in an array that the next call overwrites. */
  public float[] predictOne() {
    compute.predict(state, single[turn++ % SINGLE_EVENTS], logits, concepts);
    return logits;
  }

  /** Floating point operations of {@link #step}. */
  public double stepOperations() {
    return FloatingPointWork.of(spec).step(size, size, anchor ? size : 0);
  }

  /** Floating point operations of {@link #predict}. */
  public double predictOperations() {
    return FloatingPointWork.of(spec).prediction(size);
  }

  @Override
  public void close() {
    compute.close();
  }
}
