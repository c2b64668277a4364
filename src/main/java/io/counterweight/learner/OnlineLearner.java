package io.counterweight.learner;

import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.meta.TrustedExample;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.meta.TrustedReservoir.LabelledExample;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * The learner of every key: test, then train. An event is predicted by the model as it stands; a
 * labelled one then waits in the pending mini-batch; {@link #learn} trains every lane on that
 * mini-batch while trusted events steer. The state of a key is passed in, so one learner serves all
 * keys of a slot. Owns scratch memory; not thread-safe.
 */
public final class OnlineLearner implements AutoCloseable {
  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final BatmCompute compute;
  private final Standardizer standardizer;
  private final LaneMixture mixture;
  private final Forecast forecast;

  /** What {@link #adopt} compares with; drawing parameters takes longer than a step. */
  private final LearnerState expected;

  public OnlineLearner(LearnerSettings settings, ComputeBackend backend) {
    this.settings = settings;
    spec = settings.spec();
    compute = backend.open(spec);
    standardizer = new Standardizer(settings.standardiserHorizon(), settings.standardiserClip());
    mixture = new LaneMixture(settings.mixture());
    forecast = new Forecast(settings, compute);
    expected = create("");
  }

  public LearnerSettings settings() {
    return settings;
  }

  /**
   * A key's learner before its first event. The same seed and key give the same learner anywhere.
   */
  public LearnerState create(String modelKey) {
    SeededRandom random = SeededRandom.forKey(settings.seed(), modelKey);
    long start = random.nextLong();
    List<TrainingState> lanes = new ArrayList<>();
    for (LaneSettings lane : settings.lanes()) {
      // Every lane begins with the same parameters: what differs between two lanes is their
      // policy's doing.
      lanes.add(TrainingState.fresh(spec, lane.step(), new SeededRandom(start)));
    }
    return new LearnerState(
        modelKey,
        settings.architecture(),
        new StandardizerState(spec.features()),
        lanes,
        LaneMixture.equalWeights(lanes.size()),
        new TrustedReservoir(spec.outputs(), settings.trusted().perClass()),
        new long[spec.outputs()],
        random);
  }

  /**
   * Predicts an event; if it is labelled, it joins the pending mini-batch.
   *
   * @throws IllegalArgumentException if the event does not fit the model
   */
  public Prediction observe(LearnerState state, Event event) {
    checkFits(event);
    float[] inputs = new float[spec.features()];
    Standardizer.Quality quality =
        standardizer.standardise(state.standardizer, event.features(), inputs);
    Prediction prediction = forecast.predict(state, event, inputs, quality);
    standardizer.update(state.standardizer, event.features());
    state.predicted++;
    state.latestEventTime = Math.max(state.latestEventTime, event.eventTime());
    if (event.isLabelled()) {
      state.pending.add(
          new PendingEvent(event.eventId(), event.eventTime(), event.label(), inputs));
    }
    return prediction;
  }

  /**
   * Judges the lanes by a trusted event, then keeps it to steer with.
   *
   * @return each lane's log-loss on it, in nats
   * @throws IllegalArgumentException if the event has no label or does not fit the model
   */
  public double[] observeTrusted(LearnerState state, Event event) {
    checkFits(event);
    if (!event.isLabelled()) {
      throw new IllegalArgumentException("Trusted event " + event.eventId() + " has no label");
    }
    float[] inputs = new float[spec.features()];
    standardizer.standardise(state.standardizer, event.features(), inputs);
    double[] losses = forecast.losses(state, inputs, event.label());
    mixture.judge(state.laneWeights, losses, event.label(), state.trustedCounts);
    state.reservoir.add(event.label(), new TrustedExample(event.eventTime(), inputs));
    state.latestEventTime = Math.max(state.latestEventTime, event.eventTime());
    return losses;
  }

  private void checkFits(Event event) {
    if (event.features().length != spec.features()) {
      throw new IllegalArgumentException(
          "Event "
              + event.eventId()
              + " has "
              + event.features().length
              + " features, the model has "
              + spec.features());
    }
    if (event.label() >= spec.outputs()) {
      throw new IllegalArgumentException(
          "Event "
              + event.eventId()
              + " has label "
              + event.label()
              + ", the model has classes 0 to "
              + (spec.outputs() - 1));
    }
  }

  /** Whether the pending mini-batch has its full size. */
  public boolean isBatchFull(LearnerState state) {
    return state.pending.size() >= settings.miniBatch();
  }

  /**
   * Trains every lane on the pending mini-batch, however many events it holds, and empties it.
   *
   * @throws IllegalStateException if nothing is pending
   */
  public LearnReport learn(LearnerState state) {
    return learnAll(List.of(state)).get(0);
  }

  /**
   * As {@link #learn} for different keys, whose lanes a device steps side by side.
   *
   * @return one report for each key, in their order
   * @throws IllegalStateException if nothing is pending for one of them; then nothing is changed
   */
  public List<LearnReport> learnAll(List<LearnerState> states) {
    for (LearnerState state : states) {
      if (state.pending.isEmpty()) {
        throw new IllegalStateException("Nothing is pending for key " + state.modelKey);
      }
    }
    List<StepRequest> requests = new ArrayList<>();
    for (LearnerState state : states) {
      addRequests(state, requests);
    }
    List<StepReport> reports = compute.stepAll(requests);
    int lanes = settings.lanes().size();
    List<LearnReport> learned = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      boolean steered = requests.get(i * lanes).meta() != null;
      learned.add(conclude(states.get(i), steered, reports.subList(i * lanes, (i + 1) * lanes)));
    }
    return learned;
  }

  /** One step for each lane, on the same events and the same draws. */
  private void addRequests(LearnerState state, List<StepRequest> requests) {
    Batch train = pendingBatch(state);
    TrustedBatches trusted = drawTrusted(state);
    long dropout = state.random.nextLong();
    for (int l = 0; l < state.lanes.size(); l++) {
      requests.add(
          new StepRequest(
              state.lanes.get(l),
              train,
              trusted.meta,
              trusted.anchor,
              settings.lanes().get(l).step(),
              new SeededRandom(dropout)));
    }
  }

  private LearnReport conclude(LearnerState state, boolean steered, List<StepReport> reports) {
    int skipped = (int) reports.stream().filter(report -> !report.applied()).count();
    StepReport emitted = reports.get(settings.weightsLaneIndex());
    state.version++;
    state.skippedSteps += skipped;
    for (PendingEvent event : state.pending) {
      state.trainedUntil = Math.max(state.trainedUntil, event.eventTime());
    }
    List<SampleWeight> weights = sampleWeights(state, emitted);
    state.pending.clear();
    return new LearnReport(
        weights, steered, emitted.metaLoss(), effectiveSampleSize(emitted.weights()), skipped);
  }

  /**
   * Makes the state's arrays current, wherever the backend keeps them; before it is stored or
   * copied.
   */
  public void sync(LearnerState state) {
    state.lanes.forEach(compute::sync);
  }

  /**
   * Frees what the backend keeps for the state, which must be synced and will not be used again.
   */
  public void release(LearnerState state) {
    state.lanes.forEach(compute::release);
  }

  private Batch pendingBatch(LearnerState state) {
    int n = state.pending.size();
    float[][] rows = new float[n][];
    float[] y = new float[n];
    for (int i = 0; i < n; i++) {
      rows[i] = state.pending.get(i).inputs();
      y[i] = state.pending.get(i).label();
    }
    return Batch.ofRows(rows, y);
  }

  /** Either may be null: no steering, or no anchor yet. */
  private record TrustedBatches(Batch meta, Batch anchor) {}

  /** All lanes get the same draw, so that they differ by policy only. */
  private TrustedBatches drawTrusted(LearnerState state) {
    TrustedSettings trusted = settings.trusted();
    state.reservoir.expire(state.latestEventTime - trusted.maximumAge());
    List<Integer> ready = state.reservoir.readyClasses(trusted.minimumPerClass());
    if (ready.size() < 2) {
      return new TrustedBatches(null, null);
    }
    List<LabelledExample> anchor = state.reservoir.drawAnchor(ready, trusted.batch(), state.random);
    List<LabelledExample> meta = state.reservoir.drawMeta(ready, trusted.batch(), state.random);
    return new TrustedBatches(batchOf(meta), anchor.isEmpty() ? null : batchOf(anchor));
  }

  private static Batch batchOf(List<LabelledExample> examples) {
    float[][] rows = new float[examples.size()][];
    float[] y = new float[examples.size()];
    for (int i = 0; i < y.length; i++) {
      rows[i] = examples.get(i).example().inputs();
      y[i] = examples.get(i).label();
    }
    return Batch.ofRows(rows, y);
  }

  private List<SampleWeight> sampleWeights(LearnerState state, StepReport report) {
    List<SampleWeight> weights = new ArrayList<>(state.pending.size());
    boolean steered = report.rawWeights() != null;
    for (int i = 0; i < state.pending.size(); i++) {
      PendingEvent event = state.pending.get(i);
      weights.add(
          new SampleWeight(
              event.eventId(),
              state.modelKey,
              event.eventTime(),
              event.label(),
              report.losses()[i],
              report.weights()[i],
              steered ? report.rawWeights()[i] : null,
              steered ? report.alignments()[i] : null,
              steered && report.weights()[i] < settings.suspectBelow(),
              state.version,
              settings.weightsLane()));
    }
    return weights;
  }

  private static float effectiveSampleSize(float[] weights) {
    double sum = 0;
    double squares = 0;
    for (float weight : weights) {
      sum += weight;
      squares += (double) weight * weight;
    }
    return squares > 0 ? (float) (sum * sum / squares) : 0;
  }

  /**
   * Takes over a restored state: checks that it belongs to these settings, and trims its reservoir
   * to theirs.
   *
   * @throws IllegalStateException naming what differs and what to do
   */
  public void adopt(LearnerState state) {
    check(state, "features", state.standardizer.mean.length, spec.features());
    check(state, "classes", state.trustedCounts.length, spec.outputs());
    check(state, "lanes", state.lanes.size(), settings.lanes().size());
    for (int l = 0; l < state.lanes.size(); l++) {
      String lane = "of lane '" + settings.lanes().get(l).name() + "'";
      TrainingState found = state.lanes.get(l);
      TrainingState wanted = expected.lanes.get(l);
      check(state, "parameters " + lane, found.parameters.length, wanted.parameters.length);
      check(state, "concepts " + lane, found.conceptMeans.length, wanted.conceptMeans.length);
      check(state, "statistics " + lane, found.statistics.length, wanted.statistics.length);
      check(
          state, "weight-net parameters " + lane, found.weightNet.length, wanted.weightNet.length);
    }
    if (state.architecture != expected.architecture) {
      throw new IllegalStateException(
          "The restored learner of key '"
              + state.modelKey
              + "' has another architecture of the same sizes: concepts, lanes, kind of layer or order differ;"
              + " restore with the configuration that wrote it, or start from an empty state");
    }
    state.reservoir.resize(settings.trusted().perClass());
  }

  private static void check(LearnerState state, String what, int found, int expected) {
    if (found != expected) {
      throw new IllegalStateException(
          "The restored learner of key '"
              + state.modelKey
              + "' has "
              + found
              + " "
              + what
              + ", the configuration asks for "
              + expected
              + "; restore with the configuration that wrote it, or start from an empty state");
    }
  }

  @Override
  public void close() {
    compute.close();
  }
}
