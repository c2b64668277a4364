package io.counterweight.learner;

import io.counterweight.meta.ConceptErrors;
import io.counterweight.meta.FlipRates;
import java.io.Serializable;

/**
 * How far labels are believed (SPEC 4.4).
 *
 * @param flipRates how often labels are wrong
 * @param conceptErrors how that depends on the concepts
 * @param pairing ordinary labels that wait for their trusted one, at least 1
 * @param labelHorizon labels that the class shares remember, at least 2
 */
public record BeliefSettings(
    FlipRates flipRates, ConceptErrors conceptErrors, int pairing, int labelHorizon)
    implements Serializable {
  public BeliefSettings {
    if (pairing < 1 || labelHorizon < 2) {
      throw new IllegalArgumentException(
          "pairing is "
              + pairing
              + " and labelHorizon "
              + labelHorizon
              + ", expected at least 1 and at least 2");
    }
  }
}
