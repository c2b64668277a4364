package io.counterweight.mubo;

import io.counterweight.model.SeededRandom;
import io.counterweight.sampling.Indices;
import io.counterweight.sampling.LabelledRows;
import libsvm.svm;
import libsvm.svm_model;
import libsvm.svm_node;
import libsvm.svm_parameter;
import libsvm.svm_problem;

/**
 * Which rare rows support a support-vector machine (LIBSVM): a Gaussian kernel of width 1/features
 * on standardised rows, C = 1. Its time grows with the square of the rows, so of more than {@value
 * #MOST_ROWS} it sees a random part.
 */
final class SupportVectors {
  static final int MOST_ROWS = 5000;
  private static final double CACHE_MEGABYTES = 100;
  private static final double TOLERANCE = 1e-3;

  private SupportVectors() {}

  /** For each rare row, in the order of {@code rows.indices(MINORITY)}. */
  static boolean[] ofRare(LabelledRows rows, long seed) {
    svm.svm_set_print_string_function(text -> {});
    int[] rare = rows.indices(LabelledRows.MINORITY);
    int[] order = rows.size() <= MOST_ROWS ? Indices.range(rows.size()) : drawn(rows, seed);
    svm_problem problem = new svm_problem();
    problem.l = order.length;
    problem.x = new svm_node[order.length][];
    problem.y = new double[order.length];
    for (int i = 0; i < order.length; i++) {
      problem.x[i] = nodes(rows.x()[order[i]]);
      problem.y[i] = rows.y()[order[i]] == LabelledRows.MINORITY ? 1 : -1;
    }
    svm_model model = svm.svm_train(problem, parameters(rows.x()[0].length));
    boolean[] supports = new boolean[rows.size()];
    for (int index : model.sv_indices) {
      supports[order[index - 1]] = true;
    }
    boolean[] ofRare = new boolean[rare.length];
    for (int i = 0; i < rare.length; i++) {
      ofRare[i] = supports[rare[i]];
    }
    return ofRare;
  }

  private static int[] drawn(LabelledRows rows, long seed) {
    SeededRandom random = new SeededRandom(seed);
    int[] all = Indices.range(rows.size());
    int[] drawn = new int[MOST_ROWS];
    for (int i = 0; i < MOST_ROWS; i++) {
      int j = i + random.nextInt(all.length - i);
      drawn[i] = all[j];
      all[j] = all[i];
    }
    return drawn;
  }

  private static svm_node[] nodes(float[] row) {
    svm_node[] nodes = new svm_node[row.length];
    for (int f = 0; f < row.length; f++) {
      nodes[f] = new svm_node();
      nodes[f].index = f + 1;
      nodes[f].value = row[f];
    }
    return nodes;
  }

  private static svm_parameter parameters(int features) {
    svm_parameter parameters = new svm_parameter();
    parameters.svm_type = svm_parameter.C_SVC;
    parameters.kernel_type = svm_parameter.RBF;
    parameters.gamma = 1.0 / features;
    parameters.C = 1;
    parameters.cache_size = CACHE_MEGABYTES;
    parameters.eps = TOLERANCE;
    parameters.shrinking = 1;
    return parameters;
  }
}
