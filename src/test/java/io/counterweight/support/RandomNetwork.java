package io.counterweight.support;

import io.counterweight.compute.StepSettings;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.Initializer;
import io.counterweight.model.ParameterLayout;
import io.counterweight.model.SeededRandom;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A model of awkward sizes with random parameters, statistics and batches, all floats, so that a
 * backend and the twin start from the same numbers. Every draw depends on the seed and its own
 * arguments only.
 */
public record RandomNetwork(String name, BatmSpec spec, long seed) {

  /** The models that the contract of the backends is checked on. */
  public static Stream<RandomNetwork> all() {
    List<Concept> awkward = groups(17, 1);
    List<Concept> shared =
        List.of(
            new Concept("both", List.of(0, 2)),
            new Concept("own", List.of(1)),
            new Concept("again", List.of(2, 0, 1)));
    List<Concept> single = BatmSpec.oneConceptEach(BatmSpec.featureNames(3));
    return Stream.of(
        of("running", Normalisation.RUNNING, awkward, List.of(5, 3), 2, 4, 2, 0, 0),
        of("running-narrow", Normalisation.RUNNING, awkward, List.of(1), 1, 1, 2, 0, 0),
        of("running-cubic", Normalisation.RUNNING, shared, List.of(33, 5), 3, 3, 3, 0, 0.3f),
        of("running-regression", Normalisation.RUNNING, shared, List.of(5), 2, 2, 1, 0, 0),
        of("batch-ten-classes", Normalisation.BATCH, awkward, List.of(5, 33), 2, 2, 10, 0, 0),
        of("batch-cubic", Normalisation.BATCH, shared, List.of(5, 1), 3, 3, 2, 0, -0.2f),
        of("none-regression", Normalisation.NONE, awkward, List.of(33), 2, 3, 1, 0, 0),
        of("none-shared", Normalisation.NONE, shared, List.of(5, 5), 2, 2, 4, 0, 0.5f),
        of("running-dropout", Normalisation.RUNNING, shared, List.of(33, 5), 2, 3, 2, 0.4f, 0),
        of("batch-dropout", Normalisation.BATCH, awkward, List.of(5, 5), 2, 2, 3, 0.25f, 0),
        of("none-dropout", Normalisation.NONE, shared, List.of(5), 1, 2, 2, 0.5f, 0),
        exu("exu-none", Normalisation.NONE, single, 11),
        exu("exu-running", Normalisation.RUNNING, shared, 12),
        exu("exu-batch", Normalisation.BATCH, single, 13),
        withoutEncoder("bare-linear", 7, 1, 2, 0),
        withoutEncoder("bare-cubic", 3, 3, 5, -0.5f));
  }

  private static List<Concept> groups(int... sizes) {
    int[] next = {0};
    return IntStream.range(0, sizes.length)
        .mapToObj(
            c ->
                new Concept(
                    "group" + c, IntStream.range(0, sizes[c]).mapToObj(i -> next[0]++).toList()))
        .toList();
  }

  private static RandomNetwork of(
      String name,
      Normalisation normalisation,
      List<Concept> concepts,
      List<Integer> hidden,
      int order,
      int rank,
      int outputs,
      float dropout,
      float expansionPoint) {
    return new RandomNetwork(
        name,
        spec(
            concepts,
            hidden,
            true,
            InputLayer.LINEAR,
            normalisation,
            dropout,
            order,
            rank,
            outputs,
            expansionPoint),
        name.hashCode());
  }

  private static RandomNetwork exu(
      String name, Normalisation normalisation, List<Concept> concepts, long seed) {
    return new RandomNetwork(
        name,
        spec(concepts, List.of(5, 3), true, InputLayer.EXU, normalisation, 0, 2, 2, 2, 0),
        seed);
  }

  private static RandomNetwork withoutEncoder(
      String name, int features, int order, int outputs, float expansionPoint) {
    return new RandomNetwork(
        name,
        spec(
            BatmSpec.oneConceptEach(BatmSpec.featureNames(features)),
            List.of(),
            false,
            InputLayer.LINEAR,
            Normalisation.RUNNING,
            0,
            order,
            3,
            outputs,
            expansionPoint),
        features);
  }

  private static BatmSpec spec(
      List<Concept> concepts,
      List<Integer> hidden,
      boolean encoder,
      InputLayer inputLayer,
      Normalisation normalisation,
      float dropout,
      int order,
      int rank,
      int outputs,
      float expansionPoint) {
    int features =
        1
            + concepts.stream()
                .flatMap(concept -> concept.features().stream())
                .mapToInt(Integer::intValue)
                .max()
                .orElseThrow();
    return new BatmSpec(
        features,
        outputs,
        concepts,
        hidden,
        encoder,
        inputLayer,
        normalisation,
        0.05f,
        1e-5f,
        dropout,
        0.01f,
        order,
        rank,
        BatmSpec.Initialisation.TAYLOR,
        expansionPoint,
        0.1f);
  }

  /** Whether the first layer is EXU; its inputs are drawn where it does not always clip. */
  public boolean isExu() {
    return spec.encoder() && spec.inputLayer() == InputLayer.EXU;
  }

  /** Whether what an event gives depends on neither its neighbours nor its place in the batch. */
  public boolean isEventwise() {
    boolean batchStatistics = spec.isNormalised() && spec.normalisation() == Normalisation.BATCH;
    return !batchStatistics && spec.dropout() == 0;
  }

  public float[] parameters() {
    ParameterLayout layout = ParameterLayout.parameters(spec);
    float[] parameters = Initializer.parameters(spec, new SeededRandom(seed));
    Random random = new Random(seed);
    for (ParameterLayout.Block block : layout.blocks()) {
      boolean replaced = isExu() && block.name().startsWith("enc0.");
      for (int j = block.offset(); j < block.offset() + block.size(); j++) {
        float noise = (float) random.nextGaussian();
        parameters[j] = replaced ? 0.4f * noise : parameters[j] + 0.2f * noise;
      }
    }
    return parameters;
  }

  /** Statistics after that many batches; 0 for those before any. */
  public float[] statistics(int count) {
    float[] statistics = Initializer.statistics(spec);
    Random random = new Random(seed + 1);
    for (ParameterLayout.Block block : ParameterLayout.statistics(spec).blocks()) {
      for (int j = block.offset(); j < block.offset() + block.size() && count > 0; j++) {
        float variance = (isExu() ? 0.1f : 0.5f) + random.nextFloat();
        float mean = (float) (0.3 * random.nextGaussian());
        boolean isCount = block.name().equals("count");
        statistics[j] = isCount ? count : block.name().endsWith("var") ? variance : mean;
      }
    }
    return statistics;
  }

  /** A lane that has seen some batches; its optimisers are fresh. */
  public TrainingState state(StepSettings settings) {
    TrainingState fresh = TrainingState.fresh(spec, settings, new SeededRandom(seed + 2));
    return new TrainingState(
        parameters(),
        fresh.adam,
        fresh.averaged,
        statistics(5),
        fresh.conceptMeans,
        vector(fresh.weightNet.length, 5),
        fresh.weightAdam);
  }

  /** Inputs {@code [n x features]}, floats. */
  public double[][] inputs(int n, int draw) {
    Random random = new Random(seed * 31 + draw);
    double[][] x = new double[n][spec.features()];
    for (double[] row : x) {
      for (int f = 0; f < row.length; f++) {
        row[f] = (float) (isExu() ? random.nextDouble() : random.nextGaussian());
      }
    }
    return x;
  }

  /** Labels {@code [n]}, each class in turn; or targets. */
  public double[] labels(int n, int draw) {
    Random random = new Random(seed * 41 + draw);
    double[] y = new double[n];
    for (int e = 0; e < n; e++) {
      y[e] = spec.isClassifier() ? e % spec.outputs() : (float) random.nextGaussian();
    }
    return y;
  }

  /** Numbers in [-1, 1) of which none depends on the order of calls. */
  public float[] vector(int size, int draw) {
    Random random = new Random(seed * 37 + draw);
    float[] values = new float[size];
    for (int j = 0; j < size; j++) {
      values[j] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  /**
   * The masks that a training pass draws from an equal source: layer by layer, each {@code [concept
   * x unit x event]}. Null without dropout.
   */
  public double[][][][] masks(int n, SeededRandom random) {
    if (spec.dropout() == 0) {
      return null;
    }
    double kept = 1 / (1 - spec.dropout());
    double[][][][] masks = new double[spec.hidden().size()][n][spec.conceptCount()][];
    for (int l = 0; l < masks.length; l++) {
      int width = spec.hidden().get(l);
      for (int c = 0; c < spec.conceptCount(); c++) {
        for (int e = 0; e < n; e++) {
          masks[l][e][c] = new double[width];
        }
        for (int o = 0; o < width; o++) {
          for (int e = 0; e < n; e++) {
            masks[l][e][c][o] = random.nextFloat() < spec.dropout() ? 0 : kept;
          }
        }
      }
    }
    return masks;
  }

  @Override
  public String toString() {
    return name;
  }
}
