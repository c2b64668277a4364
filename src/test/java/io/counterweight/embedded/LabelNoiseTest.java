package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.embedded.LabelNoise.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelNoiseTest {

  @Test
  void readsEveryKindAndItsDefaults() {
    assertThat(LabelNoise.parse("none")).isEqualTo(LabelNoise.NONE);
    assertThat(LabelNoise.parse("sym:0.2")).isEqualTo(new LabelNoise(Kind.SYMMETRIC, 0.2, 0));
    assertThat(LabelNoise.parse("miss:0.4")).isEqualTo(new LabelNoise(Kind.MISSED, 0.4, 0));
    assertThat(LabelNoise.parse(" miss:0.4, false:0.01 "))
        .isEqualTo(new LabelNoise(Kind.MISSED, 0.4, 0.01));
    assertThat(LabelNoise.parse("instance:0.3"))
        .isEqualTo(new LabelNoise(Kind.INSTANCE, 0.3, 0.05));
    assertThat(LabelNoise.parse("instance:0.3,false:0"))
        .isEqualTo(new LabelNoise(Kind.INSTANCE, 0.3, 0));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "sym:0.2", "miss:0.4,false:0.01", "instance:1.0,false:0.0"})
  void itsTextReadsBackAsItself(String text) {
    LabelNoise noise = LabelNoise.parse(text);

    assertThat(LabelNoise.parse(noise.toString())).isEqualTo(noise);
    assertThat(noise).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flip:0.2                 | 'flip' is no kind of noise",
        "false:0.2                | 'false' is no kind of noise",
        "sym                      | 'sym' has no number",
        "''                       | '' has no number",
        "none,sym:0.1             | 'none' has no number",
        "sym:lots                 | 'lots' of sym is not a number",
        "sym:1.5                  | sym is 1.5, outside [0, 1]",
        "miss:0.4,false:-1        | false is -1, outside [0, 1]",
        "sym:NaN                  | sym is NaN, outside [0, 1]",
        "sym:0.1,false:0.1        | 'false' does not belong to sym",
        "miss:0.1,miss:0.2        | 'miss' is given twice",
        "miss:0.1,                | '' has no number"
      })
  void refusesOtherTextNamingItAndTheRule(String text, String reason) {
    assertThatThrownBy(() -> LabelNoise.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Label noise '" + text + "'")
        .hasMessageContaining(reason)
        .hasMessageContaining("expected none, sym:RATE");
  }

  @Test
  void refusesRatesThatDoNotBelongTogether() {
    assertThatThrownBy(() -> new LabelNoise(Kind.NONE, 0.1, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new LabelNoise(Kind.SYMMETRIC, 0.1, 0.1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LabelNoise.parse(null)).hasMessageContaining("missing");
  }
}
