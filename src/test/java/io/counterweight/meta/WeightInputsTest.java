package io.counterweight.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightInputsTest {

  @ParameterizedTest
  @ValueSource(strings = {"loss", "z-loss", "loss+label", "z-loss+concepts", "loss+label+concepts"})
  void whatIsParsedIsWhatIsPrinted(String text) {
    WeightInputs inputs = WeightInputs.parse(text);

    assertThat(inputs).hasToString(text);
    assertThat(inputs.size(3, 5))
        .isEqualTo(1 + (text.contains("label") ? 3 : 0) + (text.contains("concepts") ? 5 : 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "label", "loss+", "loss+loss", "label+loss", "loss+class", "Loss"})
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> WeightInputs.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
