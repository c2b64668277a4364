package io.counterweight.support;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.Initialisation;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Small random models and batches for checks of derivatives, all drawn from one seed. Every
 * parameter is away from 0 and 1, so that no derivative vanishes by accident.
 *
 * @param seed all draws' seed
 * @param spec of the model
 * @param parameters in layout order
 * @param statistics in layout order, as after some batches
 */
record RandomProblem(long seed, BatmSpec spec, double[] parameters, double[] statistics) {

  /** Options of a small model; see {@link BatmSpec}. */
  record Options(
      Normalisation normalisation,
      InputLayer inputLayer,
      int order,
      int outputs,
      boolean encoder,
      boolean dropout,
      float expansionPoint) {

    BatmSpec spec() {
      int features = encoder ? 5 : 3;
      List<Concept> concepts = new ArrayList<>();
      if (encoder) {
        // A feature serves two concepts, and one concept has a single feature.
        concepts.add(new Concept("c0", List.of(0, 3)));
        concepts.add(new Concept("c1", List.of(1)));
        concepts.add(new Concept("c2", List.of(2, 3, 4)));
      } else {
        concepts = BatmSpec.oneConceptEach(BatmSpec.featureNames(features));
      }
      return new BatmSpec(
          features,
          outputs,
          concepts,
          encoder ? List.of(4, 3) : List.of(),
          encoder,
          inputLayer,
          normalisation,
          0.05f,
          1e-5f,
          dropout ? 0.4f : 0,
          0.01f,
          order,
          2,
          Initialisation.TAYLOR,
          expansionPoint,
          0.1f);
    }
  }

  static RandomProblem draw(Options options, long seed) {
    Random random = new Random(seed);
    BatmSpec spec = options.spec();
    ParameterLayout layout = ParameterLayout.parameters(spec);
    boolean exu = spec.encoder() && spec.inputLayer() == InputLayer.EXU;
    double[] parameters = new double[layout.size()];
    for (ParameterLayout.Block block : layout.blocks()) {
      boolean gamma = block.name().endsWith("gamma");
      double scale = exu && block.name().startsWith("enc0") ? 0.4 : 0.7;
      for (int j = 0; j < block.size(); j++) {
        parameters[block.offset() + j] = scale * random.nextGaussian() + (gamma ? 1 : 0);
      }
    }
    ParameterLayout statisticsLayout = ParameterLayout.statistics(spec);
    double[] statistics = new double[statisticsLayout.size()];
    for (ParameterLayout.Block block : statisticsLayout.blocks()) {
      for (int j = 0; j < block.size(); j++) {
        double variance = (exu ? 0.1 : 0.5) + random.nextDouble();
        double mean = 0.3 * random.nextGaussian();
        statistics[block.offset() + j] =
            switch (block.name()) {
              case "count" -> 5;
              default -> block.name().endsWith("var") ? variance : mean;
            };
      }
    }
    return new RandomProblem(seed, spec, parameters, statistics);
  }

  /** A batch of its own draw; EXU sees features in (0, 1), where it does not always clip. */
  ReferenceBilevelStep.Batch batch(int events, int draw) {
    Random random = new Random(seed * 31 + draw);
    boolean exu = spec.encoder() && spec.inputLayer() == InputLayer.EXU;
    double[][] x = new double[events][spec.features()];
    double[] y = new double[events];
    for (int i = 0; i < events; i++) {
      for (int j = 0; j < spec.features(); j++) {
        x[i][j] = exu ? random.nextDouble() : random.nextGaussian();
      }
      // Every class occurs, so that every label's weights have a sum.
      y[i] = spec.isClassifier() ? i % spec.outputs() : random.nextGaussian();
    }
    return new ReferenceBilevelStep.Batch(
        x, y, null, spec.dropout() > 0 ? masks(random, events) : null);
  }

  double[] vector(int size, int draw) {
    Random random = new Random(seed * 37 + draw);
    return random.doubles(size, -1, 1).toArray();
  }

  private double[][][][] masks(Random random, int events) {
    double keep = 1 - ReferenceBatm.decimal(spec.dropout());
    double[][][][] masks = new double[spec.hidden().size()][events][spec.conceptCount()][];
    for (int l = 0; l < masks.length; l++) {
      for (double[][] event : masks[l]) {
        for (int c = 0; c < event.length; c++) {
          event[c] = new double[spec.hidden().get(l)];
          for (int o = 0; o < event[c].length; o++) {
            event[c][o] = random.nextDouble() < keep ? 1 / keep : 0;
          }
        }
      }
    }
    return masks;
  }
}
