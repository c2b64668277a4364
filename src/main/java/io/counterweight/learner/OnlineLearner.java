package io.counterweight.learner;

import io.counterweight.compute.Batch;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.LabelTargets;
import io.counterweight.compute.SteerRequest;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.drift.DriftChange;
import io.counterweight.drift.DriftMonitor;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.meta.LabelPairs;
import io.counterweight.meta.TrustedExample;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.meta.TrustedReservoir.LabelledExample;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The learner of every key: test, then train. An event is predicted by the model as it stands; a
 * labelled one then waits in the pending mini-batch; {@link #learn} trains every lane on that
 * mini-batch while trusted events steer. The state of a key is passed in, so one learner serves all
 * keys of a slot. Owns scratch memory; not thread-safe.
 */
public final class OnlineLearner implements AutoCloseable {
  /** Trusted events in a row after which the share of a challenger counts as settled. */
  private static final int SETTLED_AFTER = 20;

  /** After so many the two generations are as good as each other, and the larger one stays. */
  private static final int LONGEST_CHALLENGE = 300;

  private static final double TOOK_OVER = 0.97;

  private static final double SHARE_AT_WARNING = 0.1;
  private static final double SHARE_AT_DRIFT = 0.5;

  /** After a drift of the prior the class shares forget as if only so many labels had been seen. */
  private static final long HASTENED_LABELS = 200;

  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final LaneComputes computes;
  private final Standardizer standardizer;
  private final LabelBelief beliefs;
  private final LaneTargets targets;
  private final LaneMixture mixture;
  private final DriftMonitor monitor;

  /** Of the newest calls, not yet taken. */
  private final List<DriftEvent> raised = new ArrayList<>();

  private final Forecast forecast;

  /** What {@link #adopt} compares with; drawing parameters takes longer than a step. */
  private final LearnerState expected;

  public OnlineLearner(LearnerSettings settings, ComputeBackend backend) {
    this(settings, backend, null);
  }

  /**
   * A learner for an evaluation with oracle lanes.
   *
   * @param truth what these lanes know; null without any
   */
  public OnlineLearner(LearnerSettings settings, ComputeBackend backend, TrueLabels truth) {
    this.settings = settings;
    spec = settings.spec();
    boolean oracle =
        settings.lanes().stream().anyMatch(lane -> lane.policy() == LaneSettings.Policy.ORACLE);
    if (oracle && truth == null) {
      throw new IllegalArgumentException(
          "An oracle lane knows the truth, which only an evaluation has");
    }
    computes = new LaneComputes(settings, backend);
    standardizer = new Standardizer(settings.standardiserHorizon(), settings.standardiserClip());
    beliefs =
        new LabelBelief(settings.belief(), spec.outputs(), settings.trusted().minimumPerClass());
    targets = new LaneTargets(spec.outputs(), truth);
    mixture = new LaneMixture(settings.mixture(), settings.lanes());
    monitor = new DriftMonitor(settings.drift(), spec.outputs(), spec.features());
    forecast = new Forecast(settings, computes);
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
    return new LearnerState(
        modelKey,
        settings.architecture(),
        new StandardizerState(spec.features()),
        freshLanes(start),
        mixture.startingWeights(),
        new TrustedReservoir(spec.outputs(), settings.trusted().perClass()),
        new long[spec.outputs()],
        new BeliefState(spec.outputs(), spec.conceptCount(), settings.belief().pairing()),
        monitor.fresh(),
        settings.sets().fresh(spec.outputs()),
        random);
  }

  /** Lanes with the same number of start begin with the same parameters. */
  private List<TrainingState> freshLanes(long start) {
    List<TrainingState> lanes = new ArrayList<>();
    for (LaneSettings lane : settings.lanes()) {
      long own = start + lane.start() * 0x9e3779b97f4a7c15L;
      lanes.add(TrainingState.fresh(spec, lane.step(), new SeededRandom(own)));
    }
    return lanes;
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
    forecast.run(state, inputs);
    Prediction prediction = forecast.predict(state, event, quality);
    standardizer.update(state.standardizer, event.features());
    state.predicted++;
    state.latestEventTime = Math.max(state.latestEventTime, event.eventTime());
    if (event.isLabelled()) {
      observeLabel(state, event, inputs);
    }
    return prediction;
  }

  /** Believes the label as far as is known before any model has learned from it. */
  private void observeLabel(LearnerState state, Event event, float[] inputs) {
    int label = event.label();
    boolean trusted = hasTrusted(state);
    float[] belief;
    float[] conceptBelief;
    if (trusted && beliefs.isKnown(state.belief)) {
      double[][] rates = beliefs.rates(state.belief);
      belief = beliefs.believe(state.belief, rates, forecast.mixed(), label);
      conceptBelief =
          settings.asksForConceptErrors()
              ? beliefs.believe(state.belief, rates, forecast.mixed(), label, forecast.concepts())
              : belief;
    } else {
      belief = LabelBelief.certain(spec.outputs(), label);
      conceptBelief = belief;
    }
    PendingEvent pending =
        new PendingEvent(
            event.eventId(),
            event.eventTime(),
            label,
            inputs,
            forecast.loss(state, label),
            belief,
            conceptBelief);
    if (!trusted) {
      judge(state, label, state.belief.observedShares);
    }
    react(
        state,
        event.eventTime(),
        monitor.labelled(
            state.drift,
            event.eventTime(),
            label,
            Forecast.scores(forecast.mixed())[label],
            inputs));
    beliefs.count(state.belief, label);
    int trueLabel = state.belief.pairs.observe(event.eventId(), label);
    if (trueLabel != LabelPairs.UNKNOWN) {
      beliefs.pair(state.belief, trueLabel, label);
    }
    state.pending.add(pending);
    if (settings.steers()) {
      state.pool.add(pending);
      if (state.pool.size() > settings.upper().pool()) {
        state.pool.remove();
      }
    }
  }

  /** Whether trusted events of two classes at least are there to judge and to steer. */
  private boolean hasTrusted(LearnerState state) {
    return state.reservoir.readyClasses(settings.trusted().minimumPerClass()).size() >= 2;
  }

  /**
   * Judges the lanes by a trusted event, then keeps it to steer with.
   *
   * @throws IllegalArgumentException if the event has no label or does not fit the model
   */
  public TrustedReport observeTrusted(LearnerState state, Event event) {
    checkFits(event);
    if (!event.isLabelled()) {
      throw new IllegalArgumentException("Trusted event " + event.eventId() + " has no label");
    }
    int label = event.label();
    float[] inputs = new float[spec.features()];
    standardizer.standardise(state.standardizer, event.features(), inputs);
    forecast.run(state, inputs);
    state.trustedCounts[label]++;
    judge(state, label, counts(state.trustedCounts));
    double[] losses = Arrays.copyOf(forecast.losses(state, label), state.models().size());
    settleChallenger(state);
    double[] scores = Forecast.scores(forecast.mixed());
    settings.sets().learn(state.sets, scores, label);
    int observed = state.belief.pairs.trust(event.eventId(), label);
    float belief = Float.NaN;
    if (observed != LabelPairs.UNKNOWN) {
      double[][] rates = beliefs.rates(state.belief);
      belief = beliefs.believe(state.belief, rates, forecast.mixed(), observed)[observed];
      beliefs.pair(state.belief, label, observed);
    }
    state.reservoir.add(label, new TrustedExample(event.eventTime(), inputs, observed));
    state.latestEventTime = Math.max(state.latestEventTime, event.eventTime());
    boolean wrong = Arrays.stream(scores).min().orElseThrow() < scores[label];
    react(
        state,
        event.eventTime(),
        monitor.trusted(state.drift, event.eventTime(), label, scores[label], wrong, observed));
    boolean mislabelled = observed != LabelPairs.UNKNOWN && observed != label;
    long age = state.latestEventTime - state.reservoir.oldest();
    return new TrustedReport(losses, observed, belief, mislabelled, age);
  }

  /** What has drifted since the last time this was asked; of the keys that were worked on since. */
  public List<DriftEvent> takeDriftEvents() {
    if (raised.isEmpty()) {
      return List.of();
    }
    List<DriftEvent> taken = List.copyOf(raised);
    raised.clear();
    return taken;
  }

  /** Tells of changes and does what SPEC 5 asks for. */
  private void react(LearnerState state, long eventTime, List<DriftChange> changes) {
    for (DriftChange change : changes) {
      raised.add(
          new DriftEvent(
              state.modelKey,
              eventTime,
              change.onset(),
              change.state(),
              change.kind(),
              change.signal(),
              change.detector(),
              change.statistic(),
              change.threshold(),
              state.version,
              change.affected()));
      boolean trusted = change.signal().startsWith("trusted");
      if (change.state() == DriftState.WARNING && trusted && settings.drift().challenge()) {
        challenge(state, SHARE_AT_WARNING);
      } else if (change.state() == DriftState.DRIFT) {
        reactToDrift(state, change);
      }
    }
  }

  /**
   * Does what a confirmed drift of the concept asks for, on the word of someone who knows of it.
   *
   * @param eventTime now, milliseconds since the epoch
   * @param onset since when the concept is another one, milliseconds since the epoch
   */
  public void tellOfConceptDrift(LearnerState state, long eventTime, long onset) {
    react(
        state,
        eventTime,
        List.of(
            new DriftChange(
                DriftState.DRIFT,
                DriftKind.CONCEPT,
                onset,
                "told",
                "none",
                Double.NaN,
                Double.NaN,
                List.of())));
  }

  private void reactToDrift(LearnerState state, DriftChange change) {
    if (change.kind() == DriftKind.CONCEPT && settings.drift().purge()) {
      state.reservoir.expire(change.onset());
      state.pool.removeIf(event -> event.eventTime() < change.onset());
    }
    if (change.kind() == DriftKind.CONCEPT && settings.drift().challenge()) {
      challenge(state, SHARE_AT_DRIFT);
    }
    if (settings.drift().reset()) {
      switch (change.kind()) {
        case NOISE -> beliefs.forget(state.belief);
        case COVARIATE -> standardizer.hasten(state.standardizer);
        case PRIOR -> state.belief.labels = Math.min(state.belief.labels, HASTENED_LABELS);
        default -> {
          // A concept's drift is answered above.
        }
      }
      if (change.kind() == DriftKind.NOISE) {
        resetWeightNets(state);
      }
    }
  }

  /** Fresh lanes train beside the present ones from now on, if none do yet. */
  private void challenge(LearnerState state, double share) {
    if (state.challenger == null) {
      List<TrainingState> fresh = freshLanes(state.random.nextLong());
      state.challenger = new Challenger(fresh, mixture.startingWeights(), share, 0, 0);
    }
    state.challenger.share = Math.max(state.challenger.share, share);
  }

  private void resetWeightNets(LearnerState state) {
    state.models().forEach(computes::sync);
    List<TrainingState> fresh = freshLanes(state.random.nextLong());
    for (int m = 0; m < state.models().size(); m++) {
      TrainingState from = fresh.get(m % fresh.size());
      TrainingState to = state.models().get(m);
      System.arraycopy(from.weightNet, 0, to.weightNet, 0, to.weightNet.length);
      Arrays.fill(to.weightAdam.firstMoment, 0);
      Arrays.fill(to.weightAdam.secondMoment, 0);
      to.weightAdam.steps = 0;
    }
  }

  private static double[] counts(long[] counts) {
    return Arrays.stream(counts).asDoubleStream().toArray();
  }

  private void judge(LearnerState state, int label, double[] classCounts) {
    double weight = LaneMixture.classWeight(classCounts, label);
    double[] losses = forecast.losses(state, label);
    Challenger challenger = state.challenger;
    if (challenger != null) {
      double present = forecast.generationLoss(state, false, label);
      double fresh = forecast.generationLoss(state, true, label);
      challenger.share = mixture.judge(challenger.share, fresh, present, weight);
      mixture.judge(challenger.weights, losses, state.laneWeights.length, weight);
    }
    mixture.judge(state.laneWeights, losses, 0, weight);
  }

  /** Once the challenger's share has stayed at either end, one of the two generations goes. */
  private void settleChallenger(LearnerState state) {
    Challenger challenger = state.challenger;
    if (challenger == null) {
      return;
    }
    int streak = challenger.streak;
    if (challenger.share > TOOK_OVER) {
      challenger.streak = Math.max(streak, 0) + 1;
    } else if (challenger.share < 1 - TOOK_OVER) {
      challenger.streak = Math.min(streak, 0) - 1;
    } else {
      challenger.streak = 0;
    }
    challenger.age++;
    boolean undecided = challenger.age >= LONGEST_CHALLENGE;
    if (challenger.streak >= SETTLED_AFTER || undecided && challenger.share >= 0.5) {
      takeOver(state);
    } else if (challenger.streak <= -SETTLED_AFTER || undecided) {
      dropChallenger(state);
    }
  }

  private void takeOver(LearnerState state) {
    List<TrainingState> retired = state.lanes;
    state.lanes = state.challenger.lanes;
    state.laneWeights = state.challenger.weights;
    state.challenger = null;
    retired.forEach(computes::release);
  }

  private void dropChallenger(LearnerState state) {
    List<TrainingState> dropped = state.challenger.lanes;
    state.challenger = null;
    dropped.forEach(computes::release);
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
    List<Round> rounds = new ArrayList<>();
    List<StepRequest> requests = new ArrayList<>();
    List<LaneSettings> lanes = new ArrayList<>();
    for (LearnerState state : states) {
      Round round = new Round(state);
      rounds.add(round);
      round.addRequests(requests, lanes);
    }
    List<StepReport> reports = computes.stepAll(requests, lanes);
    List<LearnReport> learned = new ArrayList<>();
    int from = 0;
    for (Round round : rounds) {
      int models = round.models.size();
      learned.add(round.conclude(reports.subList(from, from + models)));
      from += models;
    }
    return learned;
  }

  /** One key's mini-batch. */
  private final class Round {
    final LearnerState state;
    final List<TrainingState> models;
    final Batch train;
    final TrustedBatches trusted;

    /** How far each lane counted each label, {@code [models][n]}. */
    final List<float[]> laneWeights = new ArrayList<>();

    float metaLoss = Float.NaN;

    Round(LearnerState state) {
      this.state = state;
      beliefs.updateShares(state.belief);
      models = state.models();
      train = batchOfPending(state.pending);
      trusted = drawTrusted(state);
      learnErrors();
    }

    /** Where labels go wrong, from drawn trusted events whose ordinary label is known. */
    private void learnErrors() {
      if (!settings.asksForConceptErrors() || trusted.pairs.isEmpty()) {
        return;
      }
      int n = trusted.pairs.size();
      int[] labels = new int[n];
      boolean[] mislabelled = new boolean[n];
      for (int i = 0; i < n; i++) {
        LabelledExample pair = trusted.pairs.get(i);
        labels[i] = pair.label();
        mislabelled[i] = pair.example().observed() != pair.label();
      }
      float[] z = new float[spec.conceptCount() * n];
      computes
          .of(settings.lanes().get(0))
          .predict(state.lanes.get(0), batchOf(trusted.pairs), new float[spec.outputs() * n], z);
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
        requests.add(request(lane, models.get(m), new SeededRandom(dropout)));
      }
    }

    private StepRequest request(LaneSettings lane, TrainingState model, SeededRandom dropout) {
      float[] weights = new float[train.size()];
      laneWeights.add(weights);
      Arrays.fill(weights, 1);
      if (lane.isPlain()) {
        return StepRequest.onLabels(model, train, null, trusted.anchor, lane.step(), dropout);
      }
      boolean steered = trusted.meta != null;
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
          model, train, aims, odds, weighed, null, trusted.anchor, lane.step(), dropout);
    }

    private void steer(LaneSettings lane, TrainingState model) {
      List<PendingEvent> pool = List.copyOf(state.pool);
      LabelTargets aims = targets.of(lane, state.belief, pool, null, new float[pool.size()]);
      metaLoss =
          computes
              .of(lane)
              .steer(steerRequest(lane, model, batchOfPending(pool), aims, logOdds(pool)));
    }

    private SteerRequest steerRequest(
        LaneSettings lane, TrainingState model, Batch pool, LabelTargets aims, float[] odds) {
      return new SteerRequest(model, pool, aims, odds, trusted.meta, lane.step());
    }

    LearnReport conclude(List<StepReport> reports) {
      int skipped = (int) reports.stream().filter(report -> !report.applied()).count();
      state.version++;
      state.skippedSteps += skipped;
      for (PendingEvent event : state.pending) {
        state.trainedUntil = Math.max(state.trainedUntil, event.eventTime());
      }
      float[] emitted = emittedWeights(reports);
      List<SampleWeight> weights = sampleWeights(emitted);
      state.pending.clear();
      return new LearnReport(
          weights, trusted.meta != null, metaLoss, effectiveSampleSize(emitted), skipped);
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

  /**
   * Makes the state's arrays current, wherever the backend keeps them; before it is stored or
   * copied.
   */
  public void sync(LearnerState state) {
    state.models().forEach(computes::sync);
  }

  /**
   * Frees what the backend keeps for the state, which must be synced and will not be used again.
   */
  public void release(LearnerState state) {
    state.models().forEach(computes::release);
  }

  private static Batch batchOfPending(List<PendingEvent> events) {
    int n = events.size();
    float[][] rows = new float[n][];
    float[] y = new float[n];
    for (int i = 0; i < n; i++) {
      rows[i] = events.get(i).inputs();
      y[i] = events.get(i).label();
    }
    return Batch.ofRows(rows, y);
  }

  /**
   * What was drawn. Either batch may be null: no steering, or no anchor yet.
   *
   * @param pairs drawn for the anchor, those whose ordinary label is known
   */
  private record TrustedBatches(Batch meta, Batch anchor, List<LabelledExample> pairs) {}

  /** All lanes get the same draw, so that they differ by policy only. */
  private TrustedBatches drawTrusted(LearnerState state) {
    TrustedSettings trusted = settings.trusted();
    state.reservoir.expire(state.latestEventTime - trusted.maximumAge());
    List<Integer> ready = state.reservoir.readyClasses(trusted.minimumPerClass());
    if (ready.size() < 2) {
      return new TrustedBatches(null, null, List.of());
    }
    List<LabelledExample> anchor = state.reservoir.drawAnchor(ready, trusted.batch(), state.random);
    List<LabelledExample> meta = state.reservoir.drawMeta(ready, trusted.batch(), state.random);
    List<LabelledExample> pairs =
        anchor.stream().filter(drawn -> drawn.example().observed() != LabelPairs.UNKNOWN).toList();
    return new TrustedBatches(batchOf(meta), anchor.isEmpty() ? null : batchOf(anchor), pairs);
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
    state.belief.pairs = state.belief.pairs.resized(settings.belief().pairing());
    if (!monitor.fits(state.drift)) {
      state.drift = monitor.fresh();
    }
    if (state.sets.length != spec.outputs()) {
      state.sets = settings.sets().fresh(spec.outputs());
    }
    Arrays.setAll(state.sets, k -> settings.sets().fitted(state.sets[k]));
    state.lanes = withAverages(state.lanes);
  }

  /** Lanes that were stored without an average begin one where they stand, and the other way. */
  private List<TrainingState> withAverages(List<TrainingState> lanes) {
    List<TrainingState> adopted = new ArrayList<>();
    for (int l = 0; l < lanes.size(); l++) {
      adopted.add(lanes.get(l).withAveraging(settings.lanes().get(l).step().averaging() > 0));
    }
    return List.copyOf(adopted);
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
    computes.close();
  }
}
