package io.counterweight.optim;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;

/**
 * Proximal step of the concept-wise group lasso (SPEC 4.1, sparsity). The group of concept c is all
 * input factors {@code I_k[:, :, c]} of every order jointly; a group that reaches zero removes the
 * concept from the polynomial exactly.
 */
public final class GroupLasso {
  private final int order;
  private final int rank;
  private final int concepts;
  private final int[] offsets;
  private final double rootOfGroupSize;

  public GroupLasso(BatmSpec spec, ParameterLayout layout) {
    order = spec.order();
    rank = spec.rank();
    concepts = spec.conceptCount();
    offsets = new int[order + 1];
    for (int k = 1; k <= order; k++) {
      offsets[k] = layout.offset("I" + k);
    }
    rootOfGroupSize = Math.sqrt(rank * order * (order + 1) / 2.0);
  }

  /**
   * Shrinks each group's norm by {@code threshold · √(group size)}, to zero at the least. Changes
   * {@code parameters}.
   *
   * @param threshold learning rate times λ, at least 0
   */
  public void shrink(float[] parameters, float threshold) {
    for (int c = 0; c < concepts; c++) {
      double norm = norm(parameters, c);
      float scale = (float) Math.max(0, 1 - threshold * rootOfGroupSize / Math.max(norm, 1e-30));
      for (int k = 1; k <= order; k++) {
        for (int row = 0; row < k * rank; row++) {
          parameters[offsets[k] + row * concepts + c] *= scale;
        }
      }
    }
  }

  /** Euclidean norm of the group of a concept; 0 means that the model does not use it. */
  public double norm(float[] parameters, int concept) {
    double squares = 0;
    for (int k = 1; k <= order; k++) {
      for (int row = 0; row < k * rank; row++) {
        double value = parameters[offsets[k] + row * concepts + concept];
        squares += value * value;
      }
    }
    return Math.sqrt(squares);
  }
}
