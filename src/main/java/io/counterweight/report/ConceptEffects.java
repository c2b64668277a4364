package io.counterweight.report;

import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.TaylorHead;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What concepts add to a lane's logits, against the lane's typical event, whose concepts are the
 * running means that reason codes compare with too. With two classes there is one line: logit of
 * class 1 minus logit of class 0. With more there is one for each class: its logit minus the mean
 * of the others. In nats. Not thread-safe.
 */
public final class ConceptEffects {
  private final float[] parameters;
  private final TaylorHead head;
  private final double[] baseline;
  private final double[] point;
  private final double[] phi;
  private final double[][] mixes;

  /**
   * Of a lane.
   *
   * @throws IllegalArgumentException if the lane is of another architecture
   */
  public ConceptEffects(BatmSpec spec, TrainingState lane) {
    ParameterLayout layout = ParameterLayout.parameters(spec);
    if (lane.parameters.length != layout.size()
        || lane.conceptMeans.length != spec.conceptCount()) {
      throw new IllegalArgumentException(
          "The lane has "
              + lane.parameters.length
              + " parameters, expected "
              + layout.size()
              + " of this architecture");
    }
    parameters = lane.predicting();
    head = new TaylorHead(spec, layout);
    baseline = new double[spec.conceptCount()];
    for (int c = 0; c < baseline.length; c++) {
      baseline[c] = lane.conceptMeans[c];
    }
    point = baseline.clone();
    phi = new double[baseline.length];
    mixes = mixes(spec.outputs());
  }

  private static double[][] mixes(int classes) {
    if (classes == 2) {
      return new double[][] {{-1, 1}};
    }
    double[][] mixes = new double[classes][classes];
    for (int k = 0; k < classes; k++) {
      Arrays.fill(mixes[k], -1.0 / (classes - 1));
      mixes[k][k] = 1;
    }
    return mixes;
  }

  /** 1 with two classes, else the number of classes. */
  public int lines() {
    return mixes.length;
  }

  /** The typical value of a concept. */
  public double typical(int concept) {
    return baseline[concept];
  }

  /** What the concept alone adds at a value, all others being typical; 0 at the typical value. */
  public double alone(int line, int concept, double value) {
    point[concept] = value;
    head.contributions(parameters, mixes[line], point, baseline, phi);
    point[concept] = baseline[concept];
    return phi[concept];
  }

  /**
   * Factors of what two concepts add together beyond each alone, of a model of order 2: the effect
   * is the factor times both distances from the typical values.
   *
   * @return {@code [concepts x concepts]}, entry i C + j for i &lt; j
   * @throws IllegalStateException if the model's order is not 2
   */
  public double[] together(int line) {
    int concepts = baseline.length;
    double[] beyond = new double[concepts];
    Arrays.setAll(beyond, c -> baseline[c] + 1);
    double[] pairs = new double[concepts * concepts];
    int[] all = IntStream.range(0, concepts).toArray();
    head.addPairs(parameters, mixes[line], beyond, baseline, all, 1, pairs);
    return pairs;
  }
}
