package io.counterweight.learner;

import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.drift.DriftMonitor;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.meta.LabelPairs;
import io.counterweight.meta.TrustedExample;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.BatmSpec;
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
  private final LearnerSettings settings;
  private final BatmSpec spec;
  private final LaneComputes computes;
  private final Standardizer standardizer;
  private final LabelBelief beliefs;
  private final LaneTargets targets;
  private final DriftMonitor monitor;

  private final FreshLearners fresh;
  private final Forecast forecast;
  private final Succession succession;
  private final DriftReactions reactions;
  private final Adoption adoption;
  private final Inheritance inheritance;

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
    LaneMixture mixture = new LaneMixture(settings.mixture(), settings.lanes());
    monitor = new DriftMonitor(settings.drift(), spec.outputs(), spec.features());
    fresh = new FreshLearners(settings, mixture, monitor);
    forecast = new Forecast(settings, computes);
    succession = new Succession(mixture, computes, forecast, fresh);
    reactions = new DriftReactions(settings, computes, standardizer, beliefs, succession, fresh);
    adoption = new Adoption(settings, monitor, mixture, fresh);
    inheritance = new Inheritance(fresh, standardizer);
  }

  public LearnerSettings settings() {
    return settings;
  }

  /**
   * A key's learner before its first event. The same seed and key give the same learner anywhere.
   */
  public LearnerState create(String modelKey) {
    return fresh.create(modelKey);
  }

  /**
   * A key's learner before its first event, which begins where another key's stands: it predicts
   * what that one predicts, bit for bit while no challenger runs there, and goes its own way from
   * there. What it takes over, and what not, docs/operations.md tells.
   *
   * @param parent adopted by this learner, its arrays current; not changed
   */
  public LearnerState create(String modelKey, LearnerState parent) {
    return inheritance.inherit(modelKey, parent);
  }

  /**
   * Predicts an event; if it is labelled, it joins the pending mini-batch.
   *
   * @throws IllegalArgumentException if the event does not fit the model
   */
  public Prediction observe(LearnerState state, Event event) {
    checkFits(event);
    float[] inputs = new float[spec.features()];
    Standardizer.Quality quality = run(state, event, inputs);
    Prediction prediction = forecast.predict(state, event, quality);
    standardizer.update(state.standardizer, event.features());
    state.predicted++;
    state.latestEventTime = Math.max(state.latestEventTime, event.eventTime());
    if (event.isLabelled()) {
      observeLabel(state, event, inputs);
    }
    return prediction;
  }

  /**
   * Predicts an event and changes nothing.
   *
   * @throws IllegalArgumentException if the event does not fit the model
   */
  public Prediction score(LearnerState state, Event event) {
    checkFits(event);
    float[] inputs = new float[spec.features()];
    Standardizer.Quality quality = run(state, event, inputs);
    return forecast.predict(state, event, quality);
  }

  /**
   * Predicts an event as the learner would that the model was made of, bit for bit.
   *
   * @throws IllegalArgumentException if the event does not fit the model
   */
  public Prediction score(ScoringModel model, Event event) {
    return score(model.state(), event);
  }

  /**
   * Log-loss of a model on a learner's trusted events, as if all classes were equally frequent: the
   * mean over the classes of their means, in nats; infinite where a prediction is not finite.
   * Changes nothing.
   *
   * <p>A learner keeps trusted events as it standardised them. The model is shown them as its own
   * statistics standardise events of today's distribution, which is the learner's: they are taken
   * back by the learner's statistics, then standardised by the model's.
   *
   * @param holder of this or another version of the same key
   * @return NaN unless there are events of two classes
   */
  public double trustedLoss(ScoringModel model, LearnerState holder) {
    TrustedReservoir trusted = holder.reservoir;
    float[] inputs = new float[spec.features()];
    double sum = 0;
    int classes = 0;
    for (int k = 0; k < trusted.classes(); k++) {
      List<TrustedExample> examples = new ArrayList<>(trusted.seasoned(k));
      examples.addAll(trusted.fresh(k));
      double loss = 0;
      for (TrustedExample example : examples) {
        standardizer.move(
            holder.standardizer, model.state().standardizer, example.inputs(), inputs);
        forecast.run(model.state(), inputs);
        double one = Forecast.scores(forecast.mixed())[k];
        loss += (Double.isNaN(one) ? Double.POSITIVE_INFINITY : one) / examples.size();
      }
      sum += loss;
      classes += examples.isEmpty() ? 0 : 1;
    }
    return classes < 2 ? Double.NaN : sum / classes;
  }

  /**
   * A label that has come for an event that was predicted when it had none. It joins the pending
   * mini-batch as the model would predict the event now; input statistics have seen it already.
   *
   * @param event dated at its label
   * @throws IllegalArgumentException if the event has no label or does not fit the model
   */
  public void observeLabelled(LearnerState state, Event event) {
    checkFits(event);
    if (!event.isLabelled()) {
      throw new IllegalArgumentException("Event " + event.eventId() + " has no label");
    }
    float[] inputs = new float[spec.features()];
    run(state, event, inputs);
    state.latestEventTime = Math.max(state.latestEventTime, event.eventTime());
    observeLabel(state, event, inputs);
  }

  /**
   * Standardises an event and runs every model on it.
   *
   * @param inputs receives what the models see {@code [features]}
   */
  private Standardizer.Quality run(LearnerState state, Event event, float[] inputs) {
    Standardizer.Quality quality =
        standardizer.standardise(state.standardizer, event.features(), inputs);
    forecast.run(state, inputs);
    return quality;
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
            event.isWeak() ? settings.weakWeight() : 1,
            inputs,
            forecast.loss(state, label),
            belief,
            conceptBelief);
    if (!trusted) {
      succession.judge(state, label, state.belief.observedShares);
    }
    reactions.react(
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
    run(state, event, inputs);
    state.trustedCounts[label]++;
    succession.judge(state, label, counts(state.trustedCounts));
    double[] losses = Arrays.copyOf(forecast.losses(state, label), state.models().size());
    succession.settle(state);
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
    reactions.react(
        state,
        event.eventTime(),
        monitor.trusted(state.drift, event.eventTime(), label, scores[label], wrong, observed));
    boolean mislabelled = observed != LabelPairs.UNKNOWN && observed != label;
    long age = state.latestEventTime - state.reservoir.oldest();
    return new TrustedReport(losses, observed, belief, mislabelled, age);
  }

  /** What has drifted since the last time this was asked; of the keys that were worked on since. */
  public List<DriftEvent> takeDriftEvents() {
    return reactions.take();
  }

  /**
   * Does what a confirmed drift of the concept asks for, on the word of someone who knows of it.
   *
   * @param eventTime now, milliseconds since the epoch
   * @param onset since when the concept is another one, milliseconds since the epoch
   */
  public void tellOfConceptDrift(LearnerState state, long eventTime, long onset) {
    reactions.tellOfConceptDrift(state, eventTime, onset);
  }

  private static double[] counts(long[] counts) {
    return Arrays.stream(counts).asDoubleStream().toArray();
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
    List<TrainingRound> rounds = new ArrayList<>();
    List<StepRequest> requests = new ArrayList<>();
    List<LaneSettings> lanes = new ArrayList<>();
    for (LearnerState state : states) {
      TrainingRound round = new TrainingRound(settings, computes, beliefs, targets, state);
      rounds.add(round);
      round.addRequests(requests, lanes);
    }
    List<StepReport> reports = computes.stepAll(requests, lanes);
    List<LearnReport> learned = new ArrayList<>();
    int from = 0;
    for (TrainingRound round : rounds) {
      int models = round.steps();
      learned.add(round.conclude(reports.subList(from, from + models)));
      from += models;
    }
    return learned;
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

  /**
   * Takes over a restored state: checks that it belongs to these settings, and fits to them what
   * can be fitted: lanes that came or went, sizes of buffers, averages.
   *
   * @throws IllegalStateException naming what differs and what to do
   */
  public void adopt(LearnerState state) {
    adoption.adopt(state);
  }

  /**
   * A restored model under these settings; lanes may have come or gone.
   *
   * @throws IllegalStateException naming what differs and what to do
   */
  public ScoringModel adopt(ScoringModel model) {
    return adoption.adopt(model);
  }

  /** Frees what the backend keeps for a model, which will not be used again. */
  public void release(ScoringModel model) {
    release(model.state());
  }

  @Override
  public void close() {
    computes.close();
  }
}
