package io.counterweight.compute.nd4j;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.ParameterLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Parameters, a direction or a gradient outside the heap, in an order that suits products over all
 * concepts at once: the first layers' weights lie together, every concept's group of features
 * padded to the largest group G, and so do their biases. All that follows is as in {@link
 * ParameterLayout}.
 *
 * <p>First weights are {@code [C x h0 x G]} ({@code [C x G x h0]} for EXU), first biases {@code [C
 * x h0 x 1]} ({@code [C x G x 1]}).
 */
final class PackedParameters implements AutoCloseable {
  /** Floats that are neighbours in both orders. */
  private record Run(int flatAt, int packedAt, int length) {}

  private final BatmSpec spec;
  private final ParameterLayout layout;
  private final List<Run> runs = new ArrayList<>();
  private final float[] packed;
  private final NativeFloats floats;
  private final Map<String, INDArray> blocks = new HashMap<>();

  private final boolean exu;

  /** Features of the largest group. */
  private final int group;

  private final int firstBiasAt;

  /** Where what is not of the first layer begins, here and in the flat array. */
  private final int restAt;

  private final int flatRestAt;

  /**
   * Zeros.
   *
   * @param padding of the first weights: what makes padded features count for nothing
   */
  PackedParameters(BatmSpec spec, float padding) {
    this.spec = spec;
    layout = ParameterLayout.parameters(spec);
    exu = spec.inputLayer() == InputLayer.EXU;
    group = largestGroup(spec);
    int concepts = spec.conceptCount();
    if (spec.encoder()) {
      int width = spec.hidden().get(0);
      firstBiasAt = concepts * width * group;
      restAt = firstBiasAt + concepts * (exu ? group : width);
      flatRestAt = layout.offset("enc1.W");
    } else {
      firstBiasAt = 0;
      restAt = 0;
      flatRestAt = 0;
    }
    packed = new float[restAt + layout.size() - flatRestAt];
    Arrays.fill(packed, 0, firstBiasAt, padding);
    floats = new NativeFloats(packed.length);
    listRuns();
    nameBlocks();
  }

  private void listRuns() {
    for (int c = 0; spec.encoder() && c < spec.conceptCount(); c++) {
      int width = spec.hidden().get(0);
      int features = spec.concepts().get(c).features().size();
      int weights = layout.offset("enc0." + c + ".W");
      int weightsHere = c * width * group;
      int biases = layout.offset("enc0." + c + ".b");
      if (exu) {
        runs.add(new Run(weights, weightsHere, features * width));
        runs.add(new Run(biases, firstBiasAt + c * group, features));
      } else {
        for (int o = 0; o < width; o++) {
          runs.add(new Run(weights + o * features, weightsHere + o * group, features));
        }
        runs.add(new Run(biases, firstBiasAt + c * width, width));
      }
    }
    runs.add(new Run(flatRestAt, restAt, packed.length - restAt));
  }

  static int largestGroup(BatmSpec spec) {
    return spec.concepts().stream().mapToInt(concept -> concept.features().size()).max().orElse(1);
  }

  private void nameBlocks() {
    int concepts = spec.conceptCount();
    if (spec.encoder()) {
      int width = spec.hidden().get(0);
      blocks.put(
          "enc0.W",
          exu ? floats.block(0, concepts, group, width) : floats.block(0, concepts, width, group));
      blocks.put("enc0.b", floats.block(firstBiasAt, concepts, exu ? group : width, 1));
    }
    for (ParameterLayout.Block block : layout.blocks()) {
      if (block.offset() < flatRestAt) {
        continue;
      }
      long[] shape = block.shape().stream().mapToLong(Integer::longValue).toArray();
      boolean matrix = block.name().matches("enc\\d+\\.W|[OG]\\d");
      int at = restAt + block.offset() - flatRestAt;
      if (block.name().startsWith("I")) {
        for (int j = 0; j < shape[0]; j++) {
          blocks.put(
              block.name() + "." + j,
              floats.block(at + j * shape[1] * shape[2], shape[1], shape[2]));
        }
      } else {
        long[] column = Arrays.copyOf(shape, shape.length + 1);
        column[shape.length] = 1;
        blocks.put(block.name(), floats.block(at, matrix ? shape : column));
      }
    }
  }

  /**
   * A view of a block by its name in {@link ParameterLayout}, but {@code enc0.W} and {@code enc0.b}
   * for all concepts, and {@code I{k}.{j}} {@code [r x C]} for one input factor. What is no matrix
   * is a column: its last extent is 1.
   */
  INDArray block(String name) {
    return blocks.get(name);
  }

  /** Copies a flat array here. */
  void write(float[] flat) {
    for (Run run : runs) {
      System.arraycopy(flat, run.flatAt, packed, run.packedAt, run.length);
    }
    floats.write(packed, packed.length);
  }

  /** Adds what is here to a flat array. */
  void addTo(float[] flat) {
    floats.read(packed, packed.length);
    for (Run run : runs) {
      for (int i = 0; i < run.length; i++) {
        flat[run.flatAt + i] += packed[run.packedAt + i];
      }
    }
  }

  @Override
  public void close() {
    floats.close();
  }
}
