package io.counterweight.config;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the model's architecture out of option values; resolves feature names. */
final class ModelAssembly {
  /** Beyond it a lane's parameters and moments take more than a gibibyte. */
  private static final double MOST_PARAMETERS = 1e8;

  private final OptionValues values;
  private final List<String> features;

  ModelAssembly(OptionValues values) {
    this.values = values;
    features = values.get(Options.FEATURES);
  }

  BatmSpec spec() {
    List<Integer> hidden = values.get(Options.HIDDEN);
    List<Concept> concepts = concepts(values.find(Options.CONCEPTS).orElse(Map.of()));
    if (hidden.isEmpty() && !concepts.equals(BatmSpec.oneConceptEach(features))) {
      throw Options.HIDDEN.violation(
          hidden, "at least one width where " + Options.CONCEPTS.key() + " groups features");
    }
    checkSize(concepts, hidden);
    return new BatmSpec(
        features.size(),
        values.get(Options.CLASSES),
        concepts,
        hidden,
        !hidden.isEmpty(),
        values.get(Options.INPUT_LAYER),
        values.get(Options.NORMALISATION),
        values.get(Options.NORMALISATION_MOMENTUM),
        values.get(Options.NORMALISATION_EPSILON),
        values.get(Options.DROPOUT),
        values.get(Options.LEAKY_SLOPE),
        values.get(Options.ORDER),
        values.get(Options.RANK),
        values.get(Options.INITIALISATION),
        values.get(Options.EXPANSION_POINT),
        values.get(Options.OUTPUT_PENALTY));
  }

  private List<Concept> concepts(Map<String, List<String>> groups) {
    List<Concept> concepts = new ArrayList<>();
    Set<Integer> grouped = new HashSet<>();
    groups.forEach(
        (name, references) -> {
          List<Integer> indices = references.stream().map(text -> index(name, text)).toList();
          if (!ListType.isDistinct(indices)) {
            throw violation(name, String.join(", ", references), "each feature once");
          }
          grouped.addAll(indices);
          concepts.add(new Concept(name, indices));
        });
    for (int i = 0; i < features.size(); i++) {
      if (!grouped.contains(i)) {
        if (groups.containsKey(features.get(i))) {
          throw violation(features.get(i), features.get(i), "a name that no other concept has");
        }
        concepts.add(new Concept(features.get(i), List.of(i)));
      }
    }
    return concepts;
  }

  private int index(String concept, String reference) {
    int index =
        reference.matches("\\d{1,9}") ? Integer.parseInt(reference) : features.indexOf(reference);
    if (index < 0 || index >= features.size()) {
      throw violation(
          concept,
          reference,
          "names from " + Options.FEATURES.key() + " or indices of 0 to " + (features.size() - 1));
    }
    return index;
  }

  private ConfigException violation(String concept, String value, String rule) {
    return ConfigException.invalid(Options.CONCEPTS.key() + "." + concept, value, rule);
  }

  /** Counts the encoders' matrices, in double: an absurd model must not overflow its layout. */
  private static void checkSize(List<Concept> concepts, List<Integer> hidden) {
    double weights = 0;
    double inputs = concepts.stream().mapToInt(concept -> concept.features().size()).sum();
    for (int width : hidden) {
      weights += inputs * width;
      inputs = (double) concepts.size() * width;
    }
    if (weights > MOST_PARAMETERS) {
      throw Options.HIDDEN.violation(hidden, "a model of at most 100 million parameters");
    }
  }
}
