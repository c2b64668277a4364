package io.counterweight.optim;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Adam with decoupled weight decay (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019,
 * algorithm 2). Cost of a step: one pass over the parameters.
 *
 * @param learningRate α, positive
 * @param beta1 decay of the first moment, in [0, 1)
 * @param beta2 decay of the second moment, in [0, 1)
 * @param epsilon added to the root of the second moment, positive
 * @param weightDecay λ of AdamW, at least 0
 */
public record Adam(float learningRate, float beta1, float beta2, float epsilon, float weightDecay)
    implements Serializable {

  public Adam {
    require(learningRate > 0 && learningRate <= 1, "learningRate", learningRate, "in (0, 1]");
    require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "in [0, 1)");
    require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "in [0, 1)");
    require(epsilon > 0, "epsilon", epsilon, "positive");
    require(weightDecay >= 0 && weightDecay < 1, "weightDecay", weightDecay, "in [0, 1)");
  }

  private static void require(boolean condition, String name, float value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + rule);
    }
  }

  /** The customary constants with the given rate and no weight decay. */
  public static Adam withRate(float learningRate) {
    return new Adam(learningRate, 0.9f, 0.999f, 1e-8f, 0);
  }

  /**
   * One step. Changes {@code parameters} and {@code state}.
   *
   * @param parameters to move
   * @param gradient of the loss, same layout
   */
  public void step(float[] parameters, float[] gradient, AdamState state) {
    state.steps++;
    double correction1 = 1 - Math.pow(beta1, state.steps);
    double correction2 = 1 - Math.pow(beta2, state.steps);
    float rate = (float) (learningRate / correction1);
    float rootScale = (float) (1 / Math.sqrt(correction2));
    float keep = 1 - learningRate * weightDecay;
    float[] first = state.firstMoment;
    float[] second = state.secondMoment;
    for (int i = 0; i < parameters.length; i++) {
      float g = gradient[i];
      float m = beta1 * first[i] + (1 - beta1) * g;
      float v = beta2 * second[i] + (1 - beta2) * g * g;
      first[i] = m;
      second[i] = v;
      parameters[i] =
          parameters[i] * keep - rate * m / ((float) Math.sqrt(v) * rootScale + epsilon);
    }
  }

  /**
   * The metric D of SPEC 4.3: how far the next step moves each parameter per unit of its gradient,
   * divided by the learning rate, with the second moments held still. Before the first step it is
   * the identity.
   *
   * @param state not changed
   * @param cap upper bound of an entry; a unit that never had a gradient would otherwise reach
   *     1/epsilon
   * @param metric receives D, same layout as the parameters
   */
  public void metric(AdamState state, float cap, float[] metric) {
    if (state.steps == 0) {
      Arrays.fill(metric, 1);
      return;
    }
    float scale = (float) ((1 - beta1) / (1 - Math.pow(beta1, state.steps + 1.0)));
    float rootScale = (float) (1 / Math.sqrt(1 - Math.pow(beta2, state.steps)));
    float[] second = state.secondMoment;
    for (int i = 0; i < metric.length; i++) {
      metric[i] = Math.min(cap, scale / ((float) Math.sqrt(second[i]) * rootScale + epsilon));
    }
  }
}
