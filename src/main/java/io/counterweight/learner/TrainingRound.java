package io.counterweight.learner;

import io.counterweight.compute.Batch;
import io.counterweight.compute.LabelTargets;
import io.counterweight.compute.SteerRequest;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.event.SampleWeight;
import io.counterweight.meta.TrustedReservoir.LabelledExample;
import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.MuboState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One key's mini-batch on its way through all lanes: what each lane is taught, the steps, and what
 * is emitted. Used once.
 */
final class TrainingRound {
  private final LearnerSettings settings;
  private final LaneComputes computes;
  private final LabelBelief beliefs;
  private final LaneTargets targets;
  private final LearnerState state;
  private final List<TrainingState> models;
  private final Batch train;
  private final TrustedDraw trusted;

  /** How far each lane counted each label, {@code [models][n]}. */
  private final List<float[]> laneWeights = new ArrayList<>();

  /** Of {@code MUBO} lanes, by model. */
  private final Map<Integer, MuboTrial> trials = new TreeMap<>();

  private float metaLoss = Float.NaN;

  TrainingRound(
      LearnerSettings settings,
      LaneComputes computes,
      LabelBelief beliefs,
      LaneTargets targets,
      LearnerState state) {
    this.settings = settings;
    this.computes = computes;
    this.beliefs = beliefs;
    this.targets = targets;
    this.state = state;
    state.drawnFrom = null;
    beliefs.updateShares(state.belief);
    models = state.models();
    train = batchOf(state.pending);
    trusted = TrustedDraw.of(settings.trusted(), state);
    learnErrors();
  }

  /** Where labels go wrong, from drawn trusted events whose ordinary label is known. */
  private void learnErrors() {
    if (!settings.asksForConceptErrors() || trusted.pairs().isEmpty()) {
      return;
    }
    int n = trusted.pairs().size();
    int[] labels = new int[n];
    boolean[] mislabelled = new boolean[n];
    for (int i = 0; i < n; i++) {
      LabelledExample pair = trusted.pairs().get(i);
      labels[i] = pair.label();
      mislabelled[i] = pair.example().observed() != pair.label();
    }
    float[] z = new float[settings.spec().conceptCount() * n];
    computes
        .of(settings.lanes().get(0))
        .predict(
            state.lanes.get(0),
            TrustedDraw.batchOf(trusted.pairs()),
            new float[settings.spec().outputs() * n],
            z);
    settings
        .belief()
        .conceptErrors()
        .learn(state.belief.errors, beliefs.rates(state.belief), labels, mislabelled, z);
  }

  /** One step for each lane, on the same events and the same draws. */
  void addRequests(List<StepRequest> requests, List<LaneSettings> lanes) {
    long dropout = state.random.nextLong();
    for (int m = 0; m < models.size(); m++) {
      LaneSettings lane = settings.lanes().get(m % settings.lanes().size());
      lanes.add(lane);
      SeededRandom random = new SeededRandom(dropout);
      requests.add(
          lane.policy() == LaneSettings.Policy.MUBO
              ? tryMicroSample(lane, m, random)
              : request(lane, models.get(m), random));
    }
  }

  private StepRequest tryMicroSample(LaneSettings lane, int m, SeededRandom random) {
    laneWeights.add(new float[train.size()]);
    List<MuboState> generation = m < state.lanes.size() ? state.mubo : state.challenger.mubo;
    int earlier = (int) trials.keySet().stream().filter(t -> isOfGeneration(t, m)).count();
    MuboTrial trial =
        new MuboTrial(
            lane,
            computes,
            generation.get(earlier),
            models.get(m),
            state.pending,
            state.belief.observedShares);
    trials.put(m, trial);
    return trial.request(trusted.anchor(), random);
  }

  private boolean isOfGeneration(int one, int other) {
    return one < state.lanes.size() == other < state.lanes.size();
  }

  private StepRequest request(LaneSettings lane, TrainingState model, SeededRandom dropout) {
    float[] weights = new float[train.size()];
    laneWeights.add(weights);
    Arrays.fill(weights, 1);
    if (lane.isPlain() && state.pending.stream().noneMatch(event -> event.weight() < 1)) {
      return StepRequest.onLabels(model, train, null, trusted.anchor(), lane.step(), dropout);
    }
    boolean steered = trusted.meta() != null;
    float[] alignments = null;
    if (lane.policy() == LaneSettings.Policy.ALIGNMENT && steered) {
      LabelTargets each = targets.of(lane, state.belief, state.pending, null, weights);
      alignments = computes.of(lane).align(steerRequest(lane, model, train, each, null));
    }
    LabelTargets aims = targets.of(lane, state.belief, state.pending, alignments, weights);
    boolean weighed = lane.policy() == LaneSettings.Policy.BILEVEL && steered;
    if (weighed && state.version % settings.upper().every() == 0) {
      steer(lane, model);
    }
    float[] odds = weighed ? logOdds(state.pending) : null;
    return new StepRequest(
        model, train, aims, odds, weighed, null, trusted.anchor(), lane.step(), dropout);
  }

  private void steer(LaneSettings lane, TrainingState model) {
    List<PendingEvent> pool = List.copyOf(state.pool);
    LabelTargets aims = targets.of(lane, state.belief, pool, null, new float[pool.size()]);
    metaLoss =
        computes.of(lane).steer(steerRequest(lane, model, batchOf(pool), aims, logOdds(pool)));
  }

  private SteerRequest steerRequest(
      LaneSettings lane, TrainingState model, Batch pool, LabelTargets aims, float[] odds) {
    return new SteerRequest(model, pool, aims, odds, trusted.meta(), lane.step());
  }

  LearnReport conclude(List<StepReport> reports) {
    long skippedSteps =
        reports.stream().filter(report -> !report.applied()).count()
            + trials.values().stream().filter(MuboTrial::skipped).count();
    int skipped = Math.toIntExact(skippedSteps);
    state.version++;
    state.skippedSteps += skipped;
    for (PendingEvent event : state.pending) {
      state.trainedUntil = Math.max(state.trainedUntil, event.eventTime());
    }
    List<LearnReport.Mubo> mubo = decide(reports);
    float[] emitted = emittedWeights(reports);
    List<SampleWeight> weights = sampleWeights(emitted);
    state.pending.clear();
    return new LearnReport(
        weights, trusted.meta() != null, metaLoss, effectiveSampleSize(emitted), skipped, mubo);
  }

  /** The trials' copies take the place of their lanes, or are dropped. */
  private List<LearnReport.Mubo> decide(List<StepReport> reports) {
    List<LearnReport.Mubo> decided = new ArrayList<>();
    List<TrainingState> present = new ArrayList<>(state.lanes);
    List<TrainingState> fresh =
        new ArrayList<>(state.challenger == null ? List.of() : state.challenger.lanes);
    int lanes = present.size();
    trials.forEach(
        (m, trial) -> {
          TrainingState kept = trial.conclude(reports.get(m));
          boolean accepted = kept != models.get(m);
          trial.weigh(state.pending, accepted, laneWeights.get(m));
          if (m < lanes) {
            present.set(m, kept);
            if (trial.hasMicroSample()) {
              decided.add(trial.report(accepted));
            }
          } else {
            fresh.set(m - lanes, kept);
          }
        });
    state.lanes = List.copyOf(present);
    if (state.challenger != null) {
      state.challenger.lanes = List.copyOf(fresh);
    }
    return decided;
  }

  /** Of the configured lane, or of all, mixed as their logits are. */
  private float[] emittedWeights(List<StepReport> reports) {
    double[] shares = state.modelShares();
    float[] emitted = new float[train.size()];
    for (int m = 0; m < models.size(); m++) {
      LaneSettings lane = settings.lanes().get(m % settings.lanes().size());
      boolean own = lane.name().equals(settings.weightsLane()) && m < state.lanes.size();
      double share =
          settings.weightsLane().equals(LearnerSettings.MIXTURE) ? shares[m] : own ? 1 : 0;
      float[] raw = reports.get(m).rawWeights();
      float[] weights = raw == null ? laneWeights.get(m) : raw;
      for (int e = 0; e < emitted.length; e++) {
        emitted[e] += (float) (share * weights[e]);
      }
    }
    for (int e = 0; e < emitted.length; e++) {
      emitted[e] *= state.pending.get(e).weight();
    }
    return emitted;
  }

  private List<SampleWeight> sampleWeights(float[] emitted) {
    double mean = 0;
    for (float weight : emitted) {
      mean += weight / emitted.length;
    }
    List<SampleWeight> weights = new ArrayList<>(emitted.length);
    for (int e = 0; e < emitted.length; e++) {
      PendingEvent event = state.pending.get(e);
      float[] q = settings.asksForConceptErrors() ? event.conceptBelief() : event.belief();
      float belief = q[event.label()];
      weights.add(
          new SampleWeight(
              event.eventId(),
              state.modelKey,
              event.eventTime(),
              event.label(),
              event.loss(),
              (float) (emitted[e] / Math.max(mean, Float.MIN_NORMAL)),
              emitted[e],
              null,
              belief < 1 - settings.suspectPrecision(),
              state.version,
              settings.weightsLane(),
              belief));
    }
    return weights;
  }

  /** Lane steps in this round. */
  int steps() {
    return models.size();
  }

  /** Log-odds that each label is right. */
  private static float[] logOdds(List<PendingEvent> events) {
    float[] odds = new float[events.size()];
    for (int i = 0; i < odds.length; i++) {
      PendingEvent event = events.get(i);
      double right = Math.max(1e-3, Math.min(1 - 1e-3, event.belief()[event.label()]));
      odds[i] = (float) Math.log(right / (1 - right));
    }
    return odds;
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

  private static Batch batchOf(List<PendingEvent> events) {
    int n = events.size();
    float[][] rows = new float[n][];
    float[] y = new float[n];
    for (int i = 0; i < n; i++) {
      rows[i] = events.get(i).inputs();
      y[i] = events.get(i).label();
    }
    return Batch.ofRows(rows, y);
  }
}
