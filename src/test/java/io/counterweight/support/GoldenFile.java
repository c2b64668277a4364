package io.counterweight.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.Initialisation;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Golden vectors of the float64 reference: a configuration, parameters, batches, and what the
 * reference computes from them. The numbers are printed with 12 significant digits.
 *
 * <p>Parameters, statistics and gradients come flat, in the order of {@link ParameterLayout}, after
 * a check of every block's shape.
 */
public final class GoldenFile {

  /** System property that names another folder of golden files. */
  public static final String DIRECTORY_PROPERTY = "golden.dir";

  private static final String DEFAULT_DIRECTORY = "src/test/resources/golden";

  /**
   * A mini-batch.
   *
   * @param x {@code [events x features]}
   * @param y {@code [events]}
   */
  public record Batch(double[][] x, double[] y) {}

  /**
   * What belongs to the learner and not to the model.
   *
   * @param weightInputs loss, zloss, loss+class or zloss+class
   * @param weightNetHidden width of the weight net
   * @param weightNormalisation sum or mean
   * @param lookaheadMetric sgd or adam
   * @param metaMix weight of the meta batch in the real step
   * @param learningRate of the model
   * @param metaLearningRate of the weight net
   * @param groupLasso lambda
   * @param beta1 of both optimisers
   * @param beta2 of both optimisers
   * @param epsilon of both optimisers
   * @param weightDecay of both optimisers
   */
  public record Settings(
      String weightInputs,
      int weightNetHidden,
      String weightNormalisation,
      String lookaheadMetric,
      double metaMix,
      double learningRate,
      double metaLearningRate,
      double groupLasso,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay) {}

  private final Path path;
  private final JsonNode root;
  private final BatmSpec spec;
  private final Settings settings;

  private GoldenFile(Path path, JsonNode root) {
    this.path = path;
    this.root = root;
    spec = readSpec();
    settings = readSettings();
  }

  /**
   * The golden files of the folder, by name.
   *
   * @throws IllegalStateException if there are none, so that a wrong folder is not a passing test
   */
  public static List<Path> paths() {
    Path directory = Path.of(System.getProperty(DIRECTORY_PROPERTY, DEFAULT_DIRECTORY));
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> paths = files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
      if (paths.isEmpty()) {
        throw new IllegalStateException(
            "No *.json in " + directory.toAbsolutePath() + "; see -D" + DIRECTORY_PROPERTY);
      }
      return paths;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot list " + directory.toAbsolutePath() + "; see -D" + DIRECTORY_PROPERTY, e);
    }
  }

  public static GoldenFile read(Path path) {
    try {
      return new GoldenFile(path, new ObjectMapper().readTree(path.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + path, e);
    }
  }

  /** All files of the folder. */
  public static Stream<GoldenFile> all() {
    return paths().stream().map(GoldenFile::read);
  }

  /** File name, for messages. */
  public String name() {
    return path.getFileName().toString();
  }

  @Override
  public String toString() {
    return name();
  }

  public BatmSpec spec() {
    return spec;
  }

  public Settings settings() {
    return settings;
  }

  public double[] parameters() {
    return blocks("/parameters", ParameterLayout.parameters(spec));
  }

  /** Statistics before the first step. */
  public double[] statistics() {
    return blocks("/batch_norm_statistics", ParameterLayout.statistics(spec));
  }

  /**
   * Θ flat: {@code W1 [hidden x inputs]}, {@code b1 [hidden]}, {@code W2 [1 x hidden]}, {@code b2
   * [1]}.
   */
  public double[] weightNet() {
    return weightNet("/weight_net");
  }

  /** Train batch of each step. */
  public List<Batch> train() {
    return batches("/train");
  }

  /** Meta batch of each step. */
  public List<Batch> meta() {
    return batches("/meta");
  }

  /** Inputs {@code [events x features]} that no step trains on. */
  public double[][] heldOut() {
    return matrix("/held_out", spec.features());
  }

  /** The learner of the file before its first step. */
  public ReferenceBilevelStep.Learner referenceLearner() {
    return ReferenceBilevelStep.Learner.start(parameters(), statistics(), weightNet());
  }

  /** The twin's step with the file's settings. */
  public ReferenceBilevelStep referenceStep() {
    Settings s = settings;
    List<String> inputs = List.of(s.weightInputs().split("\\+"));
    ReferenceWeightNet net =
        new ReferenceWeightNet(
            s.weightNetHidden(),
            inputs.get(0).equals("zloss"),
            inputs.contains("class"),
            false,
            spec.outputs(),
            spec.conceptCount(),
            ReferenceWeightNet.Normalisation.valueOf(upper(s.weightNormalisation())));
    return new ReferenceBilevelStep(
        new ReferenceBatm(spec),
        net,
        new ReferenceAdam(s.learningRate(), s.beta1(), s.beta2(), s.epsilon(), s.weightDecay()),
        new ReferenceAdam(s.metaLearningRate(), s.beta1(), s.beta2(), s.epsilon(), s.weightDecay()),
        ReferenceBilevelStep.Metric.valueOf(upper(s.lookaheadMetric())),
        s.metaMix(),
        s.groupLasso());
  }

  // ---------------------------------------------------------------------------- expected values

  /** Number of steps that the reference made. */
  public int steps() {
    return at("/expected/steps").size();
  }

  /**
   * An array row-major.
   *
   * @param pointer below {@code expected}, such as {@code /train_mode/logits} or {@code
   *     /steps/0/weights}
   */
  public double[] expected(String pointer) {
    return array("/expected" + pointer, null);
  }

  /** A single number; see {@link #expected}. */
  public double expectedNumber(String pointer) {
    return number(at("/expected" + pointer), "/expected" + pointer);
  }

  /** Whether the file has that value; see {@link #expected}. */
  public boolean expects(String pointer) {
    return !root.at("/expected" + pointer).isMissingNode();
  }

  /** Named blocks flat in the order of the layout; see {@link #expected}. */
  public double[] expectedBlocks(String pointer, ParameterLayout layout) {
    return blocks("/expected" + pointer, layout);
  }

  /** The parts of a weight net flat; see {@link #expected}. */
  public double[] expectedWeightNet(String pointer) {
    return weightNet("/expected" + pointer);
  }

  // ------------------------------------------------------------------------------------ reading

  private BatmSpec readSpec() {
    int features = at("/config/num_inputs").asInt();
    boolean encoder = at("/config/encode").asBoolean();
    JsonNode groups = at("/config/groups");
    List<Concept> concepts = new ArrayList<>();
    for (int c = 0; c < (groups.isNull() ? features : groups.size()); c++) {
      List<Integer> group = groups.isNull() ? List.of(c) : integers(groups.get(c));
      concepts.add(new Concept("c" + c, group));
    }
    return new BatmSpec(
        features,
        at("/config/num_outputs").asInt(),
        concepts,
        encoder ? integers(at("/config/hidden")) : List.of(),
        encoder,
        InputLayer.valueOf(upper(at("/config/input_layer").asText())),
        at("/config/batchnorm").asBoolean()
            ? Normalisation.valueOf(upper(at("/config/normalisation").asText()))
            : Normalisation.NONE,
        decimal("bn_momentum"),
        decimal("bn_eps"),
        decimal("dropout"),
        decimal("leaky"),
        at("/config/order").asInt(),
        at("/config/rank").asInt(),
        Initialisation.valueOf(upper(at("/config/init").asText())),
        decimal("x0"),
        decimal("output_penalty"));
  }

  private Settings readSettings() {
    return new Settings(
        at("/config/v_inputs").asText(),
        at("/config/weight_net_hidden").asInt(),
        at("/config/weight_normalisation").asText(),
        at("/config/lookahead_metric").asText(),
        number("meta_mix"),
        number("learning_rate"),
        number("meta_learning_rate"),
        number("group_lasso"),
        number("adam/beta1"),
        number("adam/beta2"),
        number("adam/epsilon"),
        number("adam/weight_decay"));
  }

  private float decimal(String key) {
    return Float.parseFloat(Double.toString(number(key)));
  }

  private double number(String key) {
    return number(at("/config/" + key), "/config/" + key);
  }

  private double number(JsonNode node, String pointer) {
    if (!node.isNumber()) {
      throw new IllegalArgumentException(
          name() + ": " + pointer + " is " + node + ", expected a number");
    }
    return node.asDouble();
  }

  private static String upper(String text) {
    return text.toUpperCase(Locale.ROOT);
  }

  private static List<Integer> integers(JsonNode node) {
    List<Integer> values = new ArrayList<>();
    node.forEach(value -> values.add(value.asInt()));
    return values;
  }

  private double[] blocks(String pointer, ParameterLayout layout) {
    List<ParameterLayout.Block> blocks = layout.blocks();
    if (at(pointer).size() != blocks.size()) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s has %d blocks, expected the %d of the layout",
              name(), pointer, at(pointer).size(), blocks.size()));
    }
    double[] flat = new double[layout.size()];
    for (ParameterLayout.Block block : blocks) {
      double[] values = array(pointer + "/" + block.name(), block.shape());
      System.arraycopy(values, 0, flat, block.offset(), values.length);
    }
    return flat;
  }

  private double[] weightNet(String pointer) {
    int hidden = settings.weightNetHidden();
    int inputs = 1 + (settings.weightInputs().endsWith("+class") ? spec.outputs() : 0);
    return Stream.of(
            array(pointer + "/W1", List.of(hidden, inputs)),
            array(pointer + "/b1", List.of(hidden)),
            array(pointer + "/W2", List.of(1, hidden)),
            array(pointer + "/b2", List.of(1)))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  private List<Batch> batches(String pointer) {
    List<Batch> batches = new ArrayList<>();
    for (int t = 0; t < at(pointer).size(); t++) {
      double[][] x = matrix(pointer + "/" + t + "/x", spec.features());
      batches.add(new Batch(x, array(pointer + "/" + t + "/y", List.of(x.length))));
    }
    return batches;
  }

  private double[][] matrix(String pointer, int columns) {
    int rows = at(pointer + "/shape").path(0).asInt();
    double[] values = array(pointer, List.of(rows, columns));
    double[][] matrix = new double[rows][];
    for (int i = 0; i < rows; i++) {
      matrix[i] = Arrays.copyOfRange(values, i * columns, (i + 1) * columns);
    }
    return matrix;
  }

  /**
   * Entries of an array.
   *
   * @param shape that it must have, or null for any; a scalar has the shape {@code [1]} too
   */
  private double[] array(String pointer, List<Integer> shape) {
    List<Integer> found = integers(at(pointer + "/shape"));
    if (shape != null && !found.equals(shape) && !(found.isEmpty() && shape.equals(List.of(1)))) {
      throw new IllegalArgumentException(
          String.format("%s: %s has the shape %s, expected %s", name(), pointer, found, shape));
    }
    JsonNode data = at(pointer + "/data");
    int size = found.stream().reduce(1, Math::multiplyExact);
    if (data.size() != size) {
      throw new IllegalArgumentException(
          String.format(
              "%s: %s has %d entries, expected %d for the shape %s",
              name(), pointer, data.size(), size, found));
    }
    double[] values = new double[size];
    for (int j = 0; j < size; j++) {
      values[j] = number(data.get(j), pointer + "/data/" + j);
    }
    return values;
  }

  private JsonNode at(String pointer) {
    JsonNode node = root.at(pointer);
    if (node.isMissingNode()) {
      throw new IllegalArgumentException(name() + ": no " + pointer);
    }
    return node;
  }
}
