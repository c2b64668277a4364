package io.counterweight.model;

import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.Initialisation;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import java.util.List;

/** A valid spec to vary. */
final class Specs {
  int features = 3;
  int outputs = 2;
  List<Concept> concepts =
      List.of(new Concept("first", List.of(0, 1)), new Concept("second", List.of(2, 0)));
  List<Integer> hidden = List.of(4, 3);
  boolean encoder = true;
  InputLayer inputLayer = InputLayer.LINEAR;
  Normalisation normalisation = Normalisation.RUNNING;
  float momentum = 0.05f;
  float epsilon = 1e-5f;
  float dropout = 0;
  float leakySlope = 0.01f;
  int order = 2;
  int rank = 2;
  Initialisation initialisation = Initialisation.TAYLOR;
  float expansionPoint = 0;
  float outputPenalty = 0;

  BatmSpec build() {
    return new BatmSpec(
        features,
        outputs,
        concepts,
        hidden,
        encoder,
        inputLayer,
        normalisation,
        momentum,
        epsilon,
        dropout,
        leakySlope,
        order,
        rank,
        initialisation,
        expansionPoint,
        outputPenalty);
  }

  /** One concept for each feature, no encoder. */
  static Specs withoutEncoder(int features) {
    Specs specs = new Specs();
    specs.features = features;
    specs.concepts = BatmSpec.oneConceptEach(BatmSpec.featureNames(features));
    specs.hidden = List.of();
    specs.encoder = false;
    return specs;
  }
}
