package io.counterweight.compute;

import io.counterweight.model.SeededRandom;

/**
 * The passes of one architecture over one mini-batch. CPU backends differ only in these; the order
 * in which a step calls them is {@link BilevelStep}'s. Instances own scratch memory and are not
 * thread-safe.
 *
 * <p>Parameters, gradients, directions and statistics are flat arrays in the layouts of {@link
 * io.counterweight.model.ParameterLayout}.
 */
public interface NetworkPasses {

  /**
   * Activations of a forward pass, kept for the passes that follow it. Owned by the backend that
   * made it.
   */
  interface Activations {
    /** Events of the batch. */
    int size();

    /** Distance of the rows of {@link #concepts} and {@link #logits}, at least {@link #size}. */
    int stride();

    /** Concepts {@code [concepts x stride]}. */
    float[] concepts();

    /** Class logits, or the regression output, {@code [outputs x stride]}. */
    float[] logits();

    /** Cross-entropy in nats, or squared error, {@code [n]}; unset without labels. */
    float[] losses();
  }

  /** Room for activations, reused from batch to batch. */
  Activations newActivations();

  /**
   * Prediction: running statistics, no dropout, nothing remembered for training.
   *
   * @param activations receives concepts and logits
   */
  void predict(float[] parameters, float[] statistics, Batch batch, Activations activations);

  /**
   * Forward pass of a training step.
   *
   * @param statistics with running normalisation the constants of the pass; changed when {@code
   *     fold} is set
   * @param fold whether the batch is folded into running statistics first (SPEC 4.1)
   * @param dropout source of the dropout masks, or null for none; unused where the architecture has
   *     no dropout
   * @param activations receives everything
   */
  void forward(
      float[] parameters,
      float[] statistics,
      Batch batch,
      boolean fold,
      SeededRandom dropout,
      Activations activations);

  /**
   * Adds the gradient of Σ_i weights_i ℓ_i + penalty · mean(z²) to {@code gradient}.
   *
   * @param activations of the forward pass with the same parameters
   * @param weights {@code [n]}
   * @param penalty coefficient of the concept penalty
   */
  void backward(
      float[] parameters,
      Activations activations,
      float[] weights,
      float penalty,
      float[] gradient);

  /**
   * Adds the gradient of an objective of the logits + penalty · mean(z²) to {@code gradient}.
   *
   * @param activations of the forward pass with the same parameters
   * @param slopes derivative of the objective by the logits, {@code [outputs x stride]}, 0 beyond n
   * @param penalty coefficient of the concept penalty
   */
  void backwardFrom(
      float[] parameters, Activations activations, float[] slopes, float penalty, float[] gradient);

  /**
   * Forward-mode pass: d/dε logits(p + ε direction) at 0, exactly, batch normalisation included.
   *
   * @param activations of the forward pass with the same parameters
   * @param tangents receives {@code [outputs x stride]}
   */
  void tangents(float[] parameters, Activations activations, float[] direction, float[] tangents);

  /**
   * Forward-mode pass: s_i = d/dε ℓ_i(p + ε direction) at 0, exactly, batch normalisation included
   * (SPEC 4.3, step 3).
   *
   * @param activations of the forward pass with the same parameters
   * @param s receives {@code [n]}
   */
  void alignments(float[] parameters, Activations activations, float[] direction, float[] s);

  /**
   * Moves the running means and variances of batch normalisation by the batch of the pass; else
   * does nothing.
   */
  void updateBatchStatistics(Activations activations, float[] statistics);

  /** Frees memory outside the heap, where a backend has any; then the passes are of no more use. */
  default void close() {}
}
