package io.counterweight.compute.cpu;

import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;

/** The passes of the concepts' encoders. */
record ConceptEncoder(
    EncoderLayout layout,
    EncoderPrediction prediction,
    EncoderForward forward,
    EncoderBackward backward,
    EncoderTangent tangent) {

  static ConceptEncoder of(BatmSpec spec, ParameterLayout parameters, Kernels kernels) {
    EncoderLayout layout = new EncoderLayout(spec, parameters, kernels);
    return new ConceptEncoder(
        layout,
        new EncoderPrediction(layout, kernels),
        new EncoderForward(layout, kernels),
        new EncoderBackward(layout, kernels),
        new EncoderTangent(layout, kernels));
  }
}
