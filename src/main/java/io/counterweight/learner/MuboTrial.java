package io.counterweight.learner;

import io.counterweight.compute.Batch;
import io.counterweight.compute.LabelTargets;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.AcceptRule;
import io.counterweight.sampling.MuboState;
import io.counterweight.sampling.RowBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One mini-batch of a {@code MUBO} lane (SPEC 6). The lane first trains on its current set, that is
 * on draws from its buffers: all events of the rare class, accepted ones of the frequent class. The
 * mini-batch's events of the frequent class are the micro-sample: a copy of the lane trains on them
 * and as many of the rare class. If the loss of the frequent class on buffer and micro-sample does
 * not rise by that, the copy becomes the lane and the micro-sample joins the buffer. Otherwise the
 * copy is thrown away: what was rejected has changed nothing.
 *
 * <p>The first micro-sample has nothing to be compared with and is accepted, as in the paper. And
 * without the step on the current set a lane soon rejects everything: accepted steps are those that
 * favour the frequent class, until every step would correct that and is rejected (docs/mubo.md).
 */
final class MuboTrial {
  private static final int CLASSES = 2;

  private final LaneSettings lane;
  private final LaneComputes computes;
  private final MuboState sampling;
  private final TrainingState present;

  private final int majority;
  private final List<float[]> microSample = new ArrayList<>();
  private TrainingState candidate;
  private boolean skipped;

  MuboTrial(
      LaneSettings lane,
      LaneComputes computes,
      MuboState sampling,
      TrainingState present,
      List<PendingEvent> pending,
      double[] shares) {
    this.lane = lane;
    this.computes = computes;
    this.sampling = sampling;
    this.present = present;
    majority = shares[1] > shares[0] ? 1 : 0;
    for (PendingEvent event : pending) {
      if (event.label() == majority) {
        microSample.add(event.inputs());
      } else {
        sampling.rows[1 - majority].add(event.inputs());
      }
    }
  }

  /**
   * Trains on the current set, then makes the step of the copy.
   *
   * @param anchor trusted events, or null
   * @param random of this mini-batch
   */
  StepRequest request(Batch anchor, SeededRandom random) {
    RowBuffer frequent = sampling.rows[majority];
    RowBuffer rare = sampling.rows[1 - majority];
    int rows = Math.max(1, microSample.size());
    if (frequent.size() > 0 && rare.size() > 0) {
      StepReport report =
          computes.of(lane).step(step(present, draw(frequent, rows, random), rows, anchor, random));
      skipped = !report.applied();
    }
    computes.sync(present);
    candidate = present.copy();
    return step(candidate, microSample, rows, anchor, random);
  }

  private StepRequest step(
      TrainingState model,
      List<float[]> frequent,
      int rareRows,
      Batch anchor,
      SeededRandom random) {
    List<float[]> rows = new ArrayList<>(frequent);
    rows.addAll(draw(sampling.rows[1 - majority], rareRows, random));
    float[] labels = new float[rows.size()];
    float[] ones = new float[rows.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i < frequent.size() ? majority : 1 - majority;
      ones[i] = 1;
    }
    return new StepRequest(
        model,
        Batch.ofRows(rows.toArray(float[][]::new), labels),
        LabelTargets.hard(CLASSES, labels, ones, new float[CLASSES]),
        null,
        false,
        null,
        anchor,
        lane.step(),
        random);
  }

  /** With replacement; none from an empty buffer. */
  private static List<float[]> draw(RowBuffer buffer, int count, SeededRandom random) {
    List<float[]> from = buffer.rows();
    List<float[]> drawn = new ArrayList<>();
    for (int i = 0; i < count && !from.isEmpty(); i++) {
      drawn.add(from.get(random.nextInt(from.size())));
    }
    return drawn;
  }

  /**
   * Decides.
   *
   * @return the lane from now on: the copy, or what was there
   */
  TrainingState conclude(StepReport report) {
    computes.sync(candidate);
    List<float[]> judged = sampling.rows[majority].rows();
    judged.addAll(microSample);
    boolean first = sampling.rows[majority].size() == 0;
    AcceptRule rule =
        AcceptRule.lastAccepted(first ? AcceptRule.STARTING_LOSS : loss(present, judged));
    boolean accepted = report.applied() && rule.accepts(loss(candidate, judged));
    computes.release(accepted ? present : candidate);
    if (hasMicroSample()) {
      sampling.accepted += accepted ? 1 : 0;
      sampling.rejected += accepted ? 0 : 1;
    }
    if (accepted) {
      sampling.rows[majority].addAll(microSample);
    }
    return accepted ? candidate : present;
  }

  /**
   * Mean log-loss of the frequent class at the newest parameters, in nats; 0 without any row. Their
   * average would follow earlier steps more than this one.
   */
  private double loss(TrainingState trained, List<float[]> rows) {
    TrainingState model = trained.withAveraging(false);
    int n = rows.size();
    if (n == 0) {
      return 0;
    }
    float[] logits = new float[CLASSES * n];
    float[] concepts = new float[model.conceptMeans.length * n];
    computes
        .of(lane)
        .predict(model, Batch.ofRows(rows.toArray(float[][]::new), null), logits, concepts);
    if (model != trained) {
      computes.release(model);
    }
    double sum = 0;
    for (int e = 0; e < n; e++) {
      double margin = logits[majority * n + e] - logits[(1 - majority) * n + e];
      sum += Math.log1p(Math.exp(-Math.abs(margin))) + Math.max(0, -margin);
    }
    return sum / n;
  }

  /** Whether the mini-batch has any event of the frequent class. */
  boolean hasMicroSample() {
    return !microSample.isEmpty();
  }

  /** Whether the step on the current set was left out because a gradient was not finite. */
  boolean skipped() {
    return skipped;
  }

  LearnReport.Mubo report(boolean accepted) {
    return new LearnReport.Mubo(
        lane.name(), accepted, sampling.rows[1 - majority].size(), sampling.rows[majority].size());
  }

  /** 1 for events of the rare class and for an accepted micro-sample, 0 for a rejected one. */
  void weigh(List<PendingEvent> pending, boolean accepted, float[] weights) {
    for (int e = 0; e < weights.length; e++) {
      weights[e] = accepted || pending.get(e).label() != majority ? 1 : 0;
    }
  }
}
