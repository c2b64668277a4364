package io.counterweight.compute.cuda;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What the kernels must know of an architecture: {@code Architecture} of {@code layout.cuh}, and
 * where the rows of the activation matrix {@code [rows x stride]} lie.
 */
final class ArchitectureTable {
  /** Deeper encoders are refused. */
  static final int MAX_LAYERS = 8;

  private static final int MAX_ORDER = 3;

  /** Rows of larger Kronecker products are refused: they would not fit a GPU with any batch. */
  private static final long MAX_ROWS = 1 << 22;

  static final int STRUCT_BYTES = 548;

  private final BatmSpec spec;
  private final ParameterLayout parameters;
  private final ParameterLayout statistics;
  private final int layers;
  private final int concepts;
  private final int[] widths;
  private final int[] channelAt;
  private final int channels;
  private final int widest;

  private final int[] normalisedRow;
  private final int[] activeRow;
  private final int gateRow;
  private final int evenRow;
  private final int oddRow;
  private final int conceptRow;
  private final int logitRow;
  private final int outputRow;
  private final int conceptGradientRow;
  private final int outputGradientRow;
  private final int[] projectionRow;
  private final int[] coreRow;
  private final int[] kroneckerRow = new int[MAX_ORDER * MAX_ORDER];
  private final int projectionScratchRow;
  private final int coreScratchRow;
  private final int[] kroneckerScratchRow;
  private long rows;

  /**
   * Lays out an architecture.
   *
   * @throws IllegalArgumentException if the kernels do not take it, saying why
   */
  ArchitectureTable(BatmSpec spec) {
    this.spec = spec;
    layers = spec.hidden().size();
    if (layers > MAX_LAYERS) {
      throw new IllegalArgumentException(
          "compute.backend cuda takes encoders of at most "
              + MAX_LAYERS
              + " hidden layers, this one has "
              + layers
              + "; use the backend vector");
    }
    parameters = ParameterLayout.parameters(spec);
    statistics = ParameterLayout.statistics(spec);
    concepts = spec.conceptCount();
    widths = spec.hidden().stream().mapToInt(Integer::intValue).toArray();
    channelAt = new int[layers];
    normalisedRow = new int[layers];
    activeRow = new int[layers];
    int channel = 0;
    int most = 0;
    for (int l = 0; l < layers; l++) {
      channelAt[l] = channel;
      channel += concepts * widths[l];
      most = Math.max(most, widths[l]);
      normalisedRow[l] = rows(concepts * widths[l]);
      activeRow[l] = rows(concepts * widths[l]);
    }
    channels = channel;
    widest = most;
    gateRow = isExu() ? rows(concepts * widths[0]) : 0;
    evenRow = rows(concepts * widest);
    oddRow = rows(concepts * widest);
    conceptRow = rows(concepts);
    logitRow = rows(spec.outputs());
    outputRow = rows(spec.outputs());
    conceptGradientRow = rows(concepts);
    outputGradientRow = rows(spec.outputs());
    int order = spec.order();
    projectionRow = new int[order];
    coreRow = new int[order];
    kroneckerScratchRow = new int[order];
    for (int k = 1; k <= order; k++) {
      projectionRow[k - 1] = rows(k * spec.rank());
      coreRow[k - 1] = rows(spec.rank());
      for (int factors = 1; factors <= k; factors++) {
        kroneckerRow[(k - 1) * MAX_ORDER + factors - 1] = rows(power(factors));
      }
      kroneckerScratchRow[k - 1] = rows(power(k));
    }
    projectionScratchRow = rows(order * spec.rank());
    coreScratchRow = rows(spec.rank());
    if (rows > MAX_ROWS) {
      throw new IllegalArgumentException(
          "compute.backend cuda would keep "
              + rows
              + " floats for each event of this architecture, at most "
              + MAX_ROWS
              + " are possible; lower the order, the rank or the widths");
    }
  }

  private int rows(int count) {
    long first = rows;
    rows += count;
    return (int) Math.min(first, Integer.MAX_VALUE);
  }

  private int power(int factors) {
    int power = 1;
    for (int i = 0; i < factors; i++) {
      power *= spec.rank();
    }
    return power;
  }

  private boolean isExu() {
    return spec.encoder() && spec.inputLayer() == BatmSpec.InputLayer.EXU;
  }

  BatmSpec spec() {
    return spec;
  }

  /** Floats of an event's activations. */
  int rows() {
    return (int) rows;
  }

  int layers() {
    return layers;
  }

  int widest() {
    return widest;
  }

  /** Hidden units of all concepts and layers. */
  int channels() {
    return channels;
  }

  int parameterCount() {
    return parameters.size();
  }

  int statisticCount() {
    return statistics.size();
  }

  /** First row of the concepts; those of the logits follow. */
  int conceptRow() {
    return conceptRow;
  }

  /** First parameter of the polynomial, which lies behind the encoders. */
  int polynomialAt() {
    return parameters.offset("const");
  }

  boolean isRunning() {
    return spec.isNormalised() && spec.normalisation() == Normalisation.RUNNING;
  }

  boolean isBatch() {
    return spec.isNormalised() && spec.normalisation() == Normalisation.BATCH;
  }

  /** Bytes of the table. */
  int bytes() {
    return STRUCT_BYTES + 4 * (4 * concepts + listedFeatures());
  }

  private int listedFeatures() {
    return spec.encoder() ? spec.concepts().stream().mapToInt(c -> c.features().size()).sum() : 0;
  }

  /** Writes the structure and, behind it, the concepts. */
  void write(ByteBuffer to) {
    writeStruct(new StructWriter(to));
    int first = 0;
    for (int c = 0; c < concepts; c++) {
      int group = spec.concepts().get(c).features().size();
      to.putInt(spec.encoder() ? parameters.offset("enc0." + c + ".W") : 0);
      to.putInt(spec.encoder() ? parameters.offset("enc0." + c + ".b") : 0);
      to.putInt(first);
      to.putInt(group);
      first += group;
    }
    for (int c = 0; spec.encoder() && c < concepts; c++) {
      spec.concepts().get(c).features().forEach(to::putInt);
    }
  }

  void writeStruct(StructWriter to) {
    to.word("features", spec.features());
    to.word("outputs", spec.outputs());
    to.word("concepts", concepts);
    to.word("layers", layers);
    to.word("order", spec.order());
    to.word("rank", spec.rank());
    to.word("exu", isExu());
    to.word("normalisation", isBatch() ? 2 : isRunning() ? 1 : 0);
    to.word("parameters", parameters.size());
    to.word("statistics", statistics.size());
    to.word("countAt", isRunning() ? statistics.offset("count") : -1);
    to.word("channels", channels);
    to.word("widest", widest);
    to.word("momentum", spec.normalisationMomentum());
    to.word("epsilon", spec.normalisationEpsilon());
    to.word("slope", spec.leakySlope());
    to.word("expansionPoint", spec.expansionPoint());
    to.words("width", MAX_LAYERS, widths);
    to.words("channelAt", MAX_LAYERS, channelAt);
    to.words("weightAt", MAX_LAYERS + 1, offsets(parameters, 0, layers + 1, "enc", ".W"));
    to.words("biasAt", MAX_LAYERS + 1, offsets(parameters, 0, layers + 1, "enc", ".b"));
    int normalised = spec.isNormalised() ? layers : 0;
    to.words("gammaAt", MAX_LAYERS, offsets(parameters, 0, normalised, "bn", ".gamma"));
    to.words("betaAt", MAX_LAYERS, offsets(parameters, 0, normalised, "bn", ".beta"));
    to.words("meanAt", MAX_LAYERS, offsets(statistics, 0, normalised, "bn", ".mean"));
    to.words("varianceAt", MAX_LAYERS, offsets(statistics, 0, normalised, "bn", ".var"));
    to.word("constAt", parameters.offset("const"));
    for (String tensor : List.of("O", "I", "G")) {
      String name = tensor.equals("O") ? "outputAt" : tensor.equals("I") ? "inputAt" : "coreAt";
      to.words(name, MAX_ORDER, offsets(parameters, 1, spec.order() + 1, tensor, ""));
    }
    to.words("normalisedRow", MAX_LAYERS, normalisedRow);
    to.words("activeRow", MAX_LAYERS, activeRow);
    to.word("gateRow", gateRow);
    to.word("evenRow", evenRow);
    to.word("oddRow", oddRow);
    to.word("conceptRow", conceptRow);
    to.word("logitRow", logitRow);
    to.word("outputRow", outputRow);
    to.word("conceptGradientRow", conceptGradientRow);
    to.word("outputGradientRow", outputGradientRow);
    to.words("projectionRow", MAX_ORDER, projectionRow);
    to.words("coreRow", MAX_ORDER, coreRow);
    to.words("kroneckerRow", MAX_ORDER * MAX_ORDER, kroneckerRow);
    to.word("projectionScratchRow", projectionScratchRow);
    to.word("coreScratchRow", coreScratchRow);
    to.words("kroneckerScratchRow", MAX_ORDER, kroneckerScratchRow);
  }

  /** Offsets of the blocks prefix + i + suffix for i in [from, to); 0 where the layout has none. */
  private static int[] offsets(
      ParameterLayout layout, int from, int to, String prefix, String suffix) {
    int[] offsets = new int[Math.max(0, to - from)];
    for (int i = from; i < to; i++) {
      String name = prefix + i + suffix;
      boolean known = layout.blocks().stream().anyMatch(block -> block.name().equals(name));
      offsets[i - from] = known ? layout.offset(name) : 0;
    }
    return offsets;
  }
}
