package io.counterweight.bench;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Architectures that are measured; two classes, order 2, rank 8, no dropout. */
public enum Shape {
  /** 30 concepts of one feature, the default encoder 16-8. */
  SMALL(30, 1, List.of(16, 8)),
  /** 10 concepts of three features, 64-64-32: what the PyTorch peer runs. */
  MEDIUM(10, 3, List.of(64, 64, 32)),
  /** 30 concepts of one feature, 128-64. */
  LARGE(30, 1, List.of(128, 64));

  private final int concepts;
  private final int group;
  private final List<Integer> hidden;

  Shape(int concepts, int group, List<Integer> hidden) {
    this.concepts = concepts;
    this.group = group;
    this.hidden = hidden;
  }

  /** The architecture. */
  public BatmSpec spec(BatmSpec.Normalisation normalisation) {
    List<Concept> groups = new ArrayList<>();
    for (int c = 0; c < concepts; c++) {
      List<Integer> features = new ArrayList<>();
      for (int i = 0; i < group; i++) {
        features.add(c * group + i);
      }
      groups.add(new Concept("c" + c, features));
    }
    return new BatmSpec(
        concepts * group,
        2,
        groups,
        hidden,
        true,
        BatmSpec.InputLayer.LINEAR,
        normalisation,
        0.05f,
        1e-5f,
        0,
        0.01f,
        2,
        8,
        BatmSpec.Initialisation.TAYLOR,
        0,
        1e-4f);
  }

  /** As written in tables and options: {@code small}, {@code medium}, {@code large}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For people: {@code small 30x1 16-8}. */
  public String description() {
    List<String> widths = hidden.stream().map(String::valueOf).toList();
    return label() + " " + concepts + "x" + group + " " + String.join("-", widths);
  }
}
