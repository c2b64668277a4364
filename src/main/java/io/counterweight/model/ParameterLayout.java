package io.counterweight.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each named block lies in a flat array. Parameters, gradients, optimiser moments and
 * tangents of one model all share one layout, so that whatever treats every parameter alike is a
 * loop over an array.
 *
 * <p>Blocks are row-major. Parameters, for concept c, layer l, order k (widths h, classes K, rank
 * r, concepts C):
 *
 * <ul>
 *   <li>{@code enc0.c.W} {@code [h0 x group]} ({@code [group x h0]} for EXU), {@code enc0.c.b}
 *       {@code [h0]} ({@code [group]} for EXU)
 *   <li>{@code enc{l}.W} {@code [C x out x in]}, {@code enc{l}.b} {@code [C x out]}; the last layer
 *       has one output
 *   <li>{@code bn{l}.gamma}, {@code bn{l}.beta} {@code [C x h]}, where the model is normalised
 *   <li>{@code const} {@code [K]}; {@code O{k}} {@code [K x r]} output factors, {@code I{k}} {@code
 *       [k x r x C]} input factors, {@code G{k}} {@code [r x r^k]} core tensor, factor 0 the
 *       fastest index
 * </ul>
 *
 * <p>Statistics: {@code bn{l}.mean}, {@code bn{l}.var} {@code [C x h]}, and {@code count} {@code
 * [1]} with running normalisation.
 */
public final class ParameterLayout {

  /**
   * One named block.
   *
   * @param name as listed above
   * @param shape extents, slowest first
   * @param offset of the first entry in the flat array
   */
  public record Block(String name, List<Integer> shape, int offset) {
    /** Number of entries. */
    public int size() {
      int size = 1;
      for (int extent : shape) {
        size = Math.multiplyExact(size, extent);
      }
      return size;
    }
  }

  private final Map<String, Block> blocks = new LinkedHashMap<>();
  private int size;

  private ParameterLayout() {}

  /** Layout of the trainable parameters of a model. */
  public static ParameterLayout parameters(BatmSpec spec) {
    ParameterLayout layout = new ParameterLayout();
    int concepts = spec.conceptCount();
    int rank = spec.rank();
    if (spec.encoder()) {
      List<Integer> widths = spec.hidden();
      for (int c = 0; c < concepts; c++) {
        int group = spec.concepts().get(c).features().size();
        if (spec.inputLayer() == BatmSpec.InputLayer.EXU) {
          layout.add("enc0." + c + ".W", group, widths.get(0));
          layout.add("enc0." + c + ".b", group);
        } else {
          layout.add("enc0." + c + ".W", widths.get(0), group);
          layout.add("enc0." + c + ".b", widths.get(0));
        }
      }
      for (int l = 1; l <= widths.size(); l++) {
        int out = l < widths.size() ? widths.get(l) : 1;
        layout.add("enc" + l + ".W", concepts, out, widths.get(l - 1));
        layout.add("enc" + l + ".b", concepts, out);
      }
      if (spec.isNormalised()) {
        for (int l = 0; l < widths.size(); l++) {
          layout.add("bn" + l + ".gamma", concepts, widths.get(l));
          layout.add("bn" + l + ".beta", concepts, widths.get(l));
        }
      }
    }
    layout.add("const", spec.outputs());
    int power = 1;
    for (int k = 1; k <= spec.order(); k++) {
      power = Math.multiplyExact(power, rank);
      layout.add("O" + k, spec.outputs(), rank);
      layout.add("I" + k, k, rank, concepts);
      layout.add("G" + k, rank, power);
    }
    return layout;
  }

  /** Layout of the normalisation statistics of a model; empty where nothing is normalised. */
  public static ParameterLayout statistics(BatmSpec spec) {
    ParameterLayout layout = new ParameterLayout();
    if (spec.isNormalised()) {
      for (int l = 0; l < spec.hidden().size(); l++) {
        layout.add("bn" + l + ".mean", spec.conceptCount(), spec.hidden().get(l));
        layout.add("bn" + l + ".var", spec.conceptCount(), spec.hidden().get(l));
      }
      if (spec.normalisation() == BatmSpec.Normalisation.RUNNING) {
        layout.add("count", 1);
      }
    }
    return layout;
  }

  private void add(String name, Integer... shape) {
    Block block = new Block(name, List.copyOf(Arrays.asList(shape)), size);
    blocks.put(name, block);
    size = Math.addExact(size, block.size());
  }

  /** Entries of the whole flat array. */
  public int size() {
    return size;
  }

  /** All blocks in order of their offsets. */
  public List<Block> blocks() {
    return new ArrayList<>(blocks.values());
  }

  /**
   * The block of that name.
   *
   * @throws IllegalArgumentException if the layout has none
   */
  public Block block(String name) {
    Block block = blocks.get(name);
    if (block == null) {
      throw new IllegalArgumentException(
          "No block '" + name + "' in this layout; it has " + blocks.keySet());
    }
    return block;
  }

  /** Offset of the block of that name. */
  public int offset(String name) {
    return block(name).offset();
  }
}
