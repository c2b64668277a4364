package io.counterweight.support;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReferenceComparisonTest {

  @Test
  void failureNamesFileQuantityIndexExpectedAndFound() {
    double[] expected = {1, 2, 3};
    double[] found = {1, 2.5, 3.1};

    assertThatThrownBy(
            () -> ReferenceComparison.assertClose("a.json", "logits", expected, found, 1e-3))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("a.json")
        .hasMessageContaining("logits at index 1")
        .hasMessageContaining("expected 2.0")
        .hasMessageContaining("found 2.5");
  }

  @Test
  void toleranceIsRelativeToTheLargestExpectedEntry() {
    double[] expected = {0, -100};

    assertThatCode(
            () ->
                ReferenceComparison.assertClose(
                    "case", "value", expected, new double[] {0.09, -100}, 1e-3))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () ->
                ReferenceComparison.assertClose(
                    "case", "value", expected, new double[] {0.11, -100}, 1e-3))
        .hasMessageContaining("index 0");
  }

  @Test
  void nanIsNeverClose() {
    assertThatThrownBy(() -> ReferenceComparison.assertClose("case", "value", 1, Double.NaN, 1e9))
        .hasMessageContaining("NaN");
  }

  @Test
  void lengthsMustAgree() {
    assertThatThrownBy(
            () -> ReferenceComparison.assertClose("case", "value", new double[2], new double[3], 1))
        .hasMessageContaining("expected 2 entries but found 3");
  }
}
