package io.counterweight.compute;

import io.counterweight.model.BatmSpec;
import java.util.List;

/**
 * Floating point operations that an architecture needs, so that times can be compared with what a
 * machine can do. A multiply-add counts as two. Only matrix products are counted (normalisation,
 * LeakyReLU, Kronecker products, losses, the weight net and the optimisers are not), so a share of
 * the peak computed from it is a lower bound.
 *
 * <p>With F the products of a forward pass and F₀ those that touch the inputs (the encoders' first
 * layers, or the polynomial's input factors without an encoder):
 *
 * <ul>
 *   <li>a prediction or a forward pass is F;
 *   <li>a backward pass is 2F − F₀: the inputs need no gradient;
 *   <li>a tangent pass is 2F − F₀: the inputs have no tangent.
 * </ul>
 *
 * A steered step is forward, two backward passes and a tangent on the train batch, and forward and
 * backward on the trusted one: 7F − 3F₀ and 3F − F₀. It is counted so however a backend does it.
 *
 * @param forward F, operations of one event
 * @param first F₀, operations of one event
 */
public record FloatingPointWork(double forward, double first) {

  /** Of an architecture without dropout, which under running normalisation costs another F. */
  public static FloatingPointWork of(BatmSpec spec) {
    double encoder = 0;
    double encoderFirst = 0;
    if (spec.encoder()) {
      List<Integer> hidden = spec.hidden();
      for (BatmSpec.Concept concept : spec.concepts()) {
        encoderFirst += (double) concept.features().size() * hidden.get(0);
        for (int l = 1; l < hidden.size(); l++) {
          encoder += (double) hidden.get(l - 1) * hidden.get(l);
        }
        encoder += hidden.get(hidden.size() - 1);
      }
    }
    double inputFactors = 0;
    double rest = 0;
    for (int k = 1; k <= spec.order(); k++) {
      inputFactors += (double) k * spec.rank() * spec.conceptCount();
      rest += Math.pow(spec.rank(), k + 1.0) + (double) spec.outputs() * spec.rank();
    }
    double all = encoderFirst + encoder + inputFactors + rest;
    return new FloatingPointWork(2 * all, 2 * (spec.encoder() ? encoderFirst : inputFactors));
  }

  /** Operations of a prediction of {@code events} events. */
  public double prediction(int events) {
    return events * forward;
  }

  /**
   * Operations of a steered step.
   *
   * @param train labelled events
   * @param trusted events of the upper level
   * @param anchor trusted events of the lower level, 0 for none
   */
  public double step(int train, int trusted, int anchor) {
    return train * (7 * forward - 3 * first) + (trusted + anchor) * (3 * forward - first);
  }
}
