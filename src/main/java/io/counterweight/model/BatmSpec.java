package io.counterweight.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Architecture of a BATM (Bilevel Additive Taylor Model): one small encoder network per concept,
 * then a Tucker-Taylor polynomial over the concepts (SPEC 4.1).
 *
 * @param features number of input features D, at least 1
 * @param outputs number of classes K, at least 2; or 1 for regression with squared loss
 * @param concepts names and feature lists; a feature may serve several concepts. Without an encoder
 *     each feature is its own concept
 * @param hidden hidden widths of each concept's encoder; empty only without an encoder
 * @param encoder whether concepts are encoded; otherwise the polynomial acts on the inputs
 * @param inputLayer kind of the encoders' first layer
 * @param normalisation statistics used inside the encoders
 * @param normalisationMomentum weight of the newest batch in the running statistics, in (0, 1]
 * @param normalisationEpsilon added to variances, positive
 * @param dropout probability of dropping a unit in training, in [0, 1)
 * @param leakySlope slope of LeakyReLU for negative inputs, in [0, 1)
 * @param order order R of the polynomial, 1 to 3
 * @param rank Tucker rank r, at least 1
 * @param initialisation of the polynomial's tensors
 * @param expansionPoint x0, the point that the polynomial is expanded around, the same for every
 *     concept
 * @param outputPenalty coefficient of mean(z²) in the training objective, at least 0
 */
public record BatmSpec(
    int features,
    int outputs,
    List<Concept> concepts,
    List<Integer> hidden,
    boolean encoder,
    InputLayer inputLayer,
    Normalisation normalisation,
    float normalisationMomentum,
    float normalisationEpsilon,
    float dropout,
    float leakySlope,
    int order,
    int rank,
    Initialisation initialisation,
    float expansionPoint,
    float outputPenalty)
    implements Serializable {

  /**
   * A named group of features that is encoded into one number.
   *
   * @param name shown in reason codes; unique, not empty
   * @param features indices into the event's features, at least one
   */
  public record Concept(String name, List<Integer> features) implements Serializable {
    public Concept {
      features = List.copyOf(features);
      if (name == null || name.isBlank()) {
        throw new IllegalArgumentException("A concept has no name; its features are " + features);
      }
      if (features.isEmpty()) {
        throw new IllegalArgumentException("Concept '" + name + "' has no features");
      }
    }
  }

  /** First layer of a concept's encoder. */
  public enum InputLayer {
    /** W x + b. */
    LINEAR,
    /**
     * clip((x − b) exp(W), 0, 1) (Agarwal et al. 2021, Neural Additive Models); for concepts of one
     * feature.
     */
    EXU
  }

  /** Statistics by which a hidden layer's inputs are normalised. */
  public enum Normalisation {
    /** The stream's, folded in before the step and constant within it. */
    RUNNING,
    /** The mini-batch's own in training, running ones in prediction (the paper). */
    BATCH,
    NONE
  }

  /** How the polynomial's tensors start. */
  public enum Initialisation {
    /**
     * Variances chosen so that every entry of the Kronecker product has variance 1; orders above 1
     * start at zero.
     */
    TAYLOR,
    XAVIER,
    KAIMING
  }

  public BatmSpec {
    concepts = List.copyOf(concepts);
    hidden = List.copyOf(hidden);
    require(features >= 1, "features", features, "at least 1");
    require(outputs >= 1, "outputs", outputs, "at least 1");
    require(order >= 1 && order <= 3, "order", order, "1, 2 or 3");
    require(rank >= 1 && rank <= 64, "rank", rank, "1 to 64");
    require(dropout >= 0 && dropout < 1, "dropout", dropout, "in [0, 1)");
    require(leakySlope >= 0 && leakySlope < 1, "leakySlope", leakySlope, "in [0, 1)");
    require(normalisationEpsilon > 0, "normalisationEpsilon", normalisationEpsilon, "positive");
    require(
        normalisationMomentum > 0 && normalisationMomentum <= 1,
        "normalisationMomentum",
        normalisationMomentum,
        "in (0, 1]");
    require(outputPenalty >= 0, "outputPenalty", outputPenalty, "at least 0");
    require(Float.isFinite(expansionPoint), "expansionPoint", expansionPoint, "a finite number");
    require(
        encoder == !hidden.isEmpty(),
        "hidden",
        hidden,
        encoder ? "at least one width" : "empty without an encoder");
    for (int width : hidden) {
      require(width >= 1 && width <= 4096, "hidden", hidden, "widths of 1 to 4096");
    }
    require(!concepts.isEmpty(), "concepts", concepts, "at least one");
    Set<String> names = new HashSet<>();
    for (Concept concept : concepts) {
      require(names.add(concept.name()), "concepts", concept.name(), "unique names");
      for (int feature : concept.features()) {
        require(
            feature >= 0 && feature < features,
            "concept '" + concept.name() + "'",
            feature,
            "feature indices of 0 to " + (features - 1));
      }
    }
    require(
        encoder || isIdentity(concepts, features),
        "concepts",
        concepts.size(),
        "one concept for each feature, in order, without an encoder");
  }

  private static boolean isIdentity(List<Concept> concepts, int features) {
    if (concepts.size() != features) {
      return false;
    }
    for (int i = 0; i < features; i++) {
      if (!concepts.get(i).features().equals(List.of(i))) {
        return false;
      }
    }
    return true;
  }

  private static void require(boolean condition, String name, Object value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(name + " is " + value + ", expected " + rule);
    }
  }

  /** One concept per feature, named after it. */
  public static List<Concept> oneConceptEach(List<String> featureNames) {
    List<Concept> concepts = new ArrayList<>();
    for (int i = 0; i < featureNames.size(); i++) {
      concepts.add(new Concept(featureNames.get(i), List.of(i)));
    }
    return concepts;
  }

  /** Names {@code x0}, {@code x1}, … for features that have none. */
  public static List<String> featureNames(int features) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < features; i++) {
      names.add("x" + i);
    }
    return names;
  }

  /** Number of concepts C, the inputs of the polynomial. */
  public int conceptCount() {
    return concepts.size();
  }

  /** Whether hidden layers are normalised. */
  public boolean isNormalised() {
    return encoder && normalisation != Normalisation.NONE;
  }

  /** Whether the outputs are class logits; otherwise one regression output. */
  public boolean isClassifier() {
    return outputs > 1;
  }

  /** The same architecture with another memory of its running statistics. */
  public BatmSpec withNormalisationMomentum(float momentum) {
    return new BatmSpec(
        features,
        outputs,
        concepts,
        hidden,
        encoder,
        inputLayer,
        normalisation,
        momentum,
        normalisationEpsilon,
        dropout,
        leakySlope,
        order,
        rank,
        initialisation,
        expansionPoint,
        outputPenalty);
  }
}
