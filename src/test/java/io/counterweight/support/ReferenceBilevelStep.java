package io.counterweight.support;

import io.counterweight.model.BatmSpec.Normalisation;
import java.util.Arrays;

/**
 * The bilevel step (SPEC 4.3): look-ahead on the train batch, meta-gradient from the meta batch,
 * Adam step of the weight net, then the real step with the new weights, and the proximal group
 * lasso. Stateless; no method changes its arguments.
 *
 * @param batm the model
 * @param net the weight net
 * @param lower optimiser of the model; its learning rate is also the look-ahead's
 * @param upper optimiser of the weight net
 * @param metric of the look-ahead
 * @param metaMix weight of the anchor batch's mean loss in the real step
 * @param groupLasso lambda of the group lasso
 */
public record ReferenceBilevelStep(
    ReferenceBatm batm,
    ReferenceWeightNet net,
    ReferenceAdam lower,
    ReferenceAdam upper,
    Metric metric,
    double metaMix,
    double groupLasso) {

  /** Metric of the look-ahead. */
  public enum Metric {
    SGD,
    ADAM
  }

  /**
   * A mini-batch.
   *
   * @param x {@code [events x features]}
   * @param y {@code [events]}
   * @param prior logit of each event's weight {@code [events]}, or null
   * @param masks dropout as in {@link ReferenceBatm#stepForward}, or null; the same in look-ahead
   *     and real step
   */
  public record Batch(double[][] x, double[] y, double[] prior, double[][][][] masks) {
    public Batch(double[][] x, double[] y) {
      this(x, y, null, null);
    }
  }

  /** All that a step changes. */
  public record Learner(
      double[] parameters,
      double[] statistics,
      ReferenceAdam.State lower,
      double[] theta,
      ReferenceAdam.State upper) {
    /** A learner whose optimisers have made no step. */
    public static Learner start(double[] parameters, double[] statistics, double[] theta) {
      return new Learner(
          parameters,
          statistics,
          ReferenceAdam.State.start(parameters.length),
          theta,
          ReferenceAdam.State.start(theta.length));
    }
  }

  /**
   * The upper level's view of a look-ahead.
   *
   * @param metaLoss mean loss of the meta batch at the look-ahead
   * @param s inner products ⟨D ∇meta loss, ∇lossᵢ⟩ {@code [train events]}
   * @param hypergradient of the meta loss by Θ
   * @param parameters the look-ahead itself
   */
  public record Lookahead(
      double metaLoss, double[] s, double[] hypergradient, double[] parameters) {}

  /**
   * A step's result.
   *
   * @param learner after the step
   * @param lookahead of the step
   * @param objective Σ wᵢ lossᵢ + penalty + metaMix · anchor loss, before the step with the new Θ
   * @param weights w with the new Θ {@code [train events]}
   */
  public record Result(Learner learner, Lookahead lookahead, double objective, double[] weights) {}

  /**
   * Look-ahead p̂ = p − α D ∇[Σ wᵢ(Θ) lossᵢ + penalty] and the exact derivative of its meta loss by
   * Θ: −α Σ sᵢ ∂wᵢ/∂Θ.
   *
   * @param diagonal D {@code [parameters]}
   */
  public Lookahead lookahead(
      double[] parameters,
      double[] statistics,
      double[] theta,
      double[] diagonal,
      Batch train,
      Batch meta) {
    ReferenceBatm.Pass pass = batm.stepForward(parameters, statistics, train.x(), train.masks());
    double[][] u = inputs(pass, train);
    double[] weights = net.weights(theta, u, train.prior(), train.y());
    double[] gradient = batm.gradient(pass, train.y(), weights, batm.outputPenalty());
    double[] ahead = parameters.clone();
    for (int j = 0; j < ahead.length; j++) {
      ahead[j] -= lower.learningRate() * diagonal[j] * gradient[j];
    }

    ReferenceBatm.Pass metaPass = batm.stepForward(ahead, statistics, meta.x(), meta.masks());
    double[] direction = batm.gradient(metaPass, meta.y(), uniform(meta), 0);
    for (int j = 0; j < direction.length; j++) {
      direction[j] *= diagonal[j];
    }
    double[] s = batm.lossTangents(pass, train.y(), direction);
    double[] upstream = new double[s.length];
    for (int i = 0; i < s.length; i++) {
      upstream[i] = -lower.learningRate() * s[i];
    }
    return new Lookahead(
        batm.objective(metaPass, meta.y(), uniform(meta), 0),
        s,
        net.vjp(theta, u, train.prior(), train.y(), upstream),
        ahead);
  }

  /**
   * One step of both levels.
   *
   * @param anchor trusted batch in the real step; the meta batch itself in the reference. Not used
   *     where metaMix is 0
   */
  public Result step(Learner learner, Batch train, Batch meta, Batch anchor) {
    double[] parameters = learner.parameters();
    boolean running = batm.spec().normalisation() == Normalisation.RUNNING;
    double[] statistics =
        running
            ? batm.foldRunning(parameters, learner.statistics(), train.x())
            : learner.statistics();

    Lookahead lookahead =
        lookahead(parameters, statistics, learner.theta(), diagonal(learner), train, meta);
    ReferenceAdam.Update theta =
        upper.step(learner.upper(), learner.theta(), lookahead.hypergradient());

    ReferenceBatm.Pass pass = batm.stepForward(parameters, statistics, train.x(), train.masks());
    double[] weights =
        net.weights(theta.parameters(), inputs(pass, train), train.prior(), train.y());
    double objective = batm.objective(pass, train.y(), weights, batm.outputPenalty());
    double[] gradient = batm.gradient(pass, train.y(), weights, batm.outputPenalty());
    if (metaMix > 0) {
      ReferenceBatm.Pass anchored =
          batm.stepForward(parameters, statistics, anchor.x(), anchor.masks());
      objective += metaMix * batm.objective(anchored, anchor.y(), uniform(anchor), 0);
      double[] anchorGradient = batm.gradient(anchored, anchor.y(), uniform(anchor), 0);
      for (int j = 0; j < gradient.length; j++) {
        gradient[j] += metaMix * anchorGradient[j];
      }
    }
    ReferenceAdam.Update stepped = lower.step(learner.lower(), parameters, gradient);
    double[] updated = stepped.parameters();
    if (groupLasso > 0) {
      updated = batm.proxConceptGroupLasso(updated, lower.learningRate() * groupLasso);
    }
    if (!running) {
      statistics = batm.foldBatch(pass, statistics);
    }
    Learner after =
        new Learner(updated, statistics, stepped.state(), theta.parameters(), theta.state());
    return new Result(after, lookahead, objective, weights);
  }

  /** D of the learner's next look-ahead. */
  public double[] diagonal(Learner learner) {
    if (metric == Metric.ADAM) {
      return lower.metric(learner.lower());
    }
    double[] ones = new double[learner.parameters().length];
    Arrays.fill(ones, 1);
    return ones;
  }

  private double[][] inputs(ReferenceBatm.Pass pass, Batch train) {
    return net.inputs(batm.losses(pass, train.y()), train.y(), pass.concepts());
  }

  private static double[] uniform(Batch batch) {
    double[] weights = new double[batch.y().length];
    Arrays.fill(weights, 1.0 / weights.length);
    return weights;
  }
}
