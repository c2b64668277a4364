package io.counterweight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.Normalisation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BatmSpecTest {

  static Stream<Arguments> brokenRules() {
    return Stream.of(
        rule("features is 0, expected at least 1", s -> s.features = 0),
        rule("outputs is 0, expected at least 1", s -> s.outputs = 0),
        rule("order is 0, expected 1, 2 or 3", s -> s.order = 0),
        rule("order is 4, expected 1, 2 or 3", s -> s.order = 4),
        rule("rank is 0, expected 1 to 64", s -> s.rank = 0),
        rule("rank is 65, expected 1 to 64", s -> s.rank = 65),
        rule("dropout is 1.0, expected in [0, 1)", s -> s.dropout = 1),
        rule("dropout is NaN", s -> s.dropout = Float.NaN),
        rule("dropout is -0.1", s -> s.dropout = -0.1f),
        rule("leakySlope is 1.0, expected in [0, 1)", s -> s.leakySlope = 1),
        rule("normalisationEpsilon is 0.0, expected positive", s -> s.epsilon = 0),
        rule("normalisationEpsilon is NaN", s -> s.epsilon = Float.NaN),
        rule("normalisationMomentum is 0.0, expected in (0, 1]", s -> s.momentum = 0),
        rule("normalisationMomentum is 1.5", s -> s.momentum = 1.5f),
        rule("outputPenalty is -1.0, expected at least 0", s -> s.outputPenalty = -1),
        rule(
            "expansionPoint is Infinity, expected a finite number",
            s -> s.expansionPoint = Float.POSITIVE_INFINITY),
        rule("hidden is [], expected at least one width", s -> s.hidden = List.of()),
        rule("expected empty without an encoder", s -> s.encoder = false),
        rule("hidden is [4, 0], expected widths of 1 to 4096", s -> s.hidden = List.of(4, 0)),
        rule("hidden is [4097]", s -> s.hidden = List.of(4097)),
        rule("concepts is [], expected at least one", s -> s.concepts = List.of()),
        rule(
            "concepts is twin, expected unique names",
            s ->
                s.concepts =
                    List.of(new Concept("twin", List.of(0)), new Concept("twin", List.of(1)))),
        rule(
            "concept 'far' is 3, expected feature indices of 0 to 2",
            s -> s.concepts = List.of(new Concept("far", List.of(0, 3)))),
        rule(
            "concept 'below' is -1", s -> s.concepts = List.of(new Concept("below", List.of(-1)))));
  }

  private static Arguments rule(String message, Consumer<Specs> breakIt) {
    return Arguments.of(message, breakIt);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("brokenRules")
  void aBrokenRuleIsNamed(String message, Consumer<Specs> breakIt) {
    Specs specs = new Specs();
    breakIt.accept(specs);

    assertThatThrownBy(specs::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void withoutAnEncoderConceptsAreTheFeaturesInOrder() {
    Specs swapped = Specs.withoutEncoder(2);
    swapped.concepts = List.of(new Concept("b", List.of(1)), new Concept("a", List.of(0)));
    Specs fewer = Specs.withoutEncoder(3);
    fewer.concepts = fewer.concepts.subList(0, 2);

    assertThatCode(Specs.withoutEncoder(2)::build).doesNotThrowAnyException();
    for (Specs wrong : List.of(swapped, fewer)) {
      assertThatThrownBy(wrong::build)
          .hasMessageContaining("one concept for each feature, in order, without an encoder");
    }
  }

  @Test
  void aConceptHasANameAndFeatures() {
    assertThatThrownBy(() -> new Concept(" ", List.of(1))).hasMessageContaining("has no name");
    assertThatThrownBy(() -> new Concept("empty", List.of()))
        .hasMessageContaining("Concept 'empty' has no features");
  }

  @Test
  void listsAreCopied() {
    List<Integer> hidden = new ArrayList<>(List.of(4));
    Specs specs = new Specs();
    specs.hidden = hidden;
    BatmSpec spec = specs.build();

    hidden.set(0, 5);

    assertThat(spec.hidden()).containsExactly(4);
  }

  @Test
  void normalisedMeansAnEncoderWithNormalisation() {
    Specs none = new Specs();
    none.normalisation = Normalisation.NONE;

    assertThat(new Specs().build().isNormalised()).isTrue();
    assertThat(none.build().isNormalised()).isFalse();
    assertThat(Specs.withoutEncoder(2).build().isNormalised()).isFalse();
  }

  @Test
  void oneOutputIsARegression() {
    Specs regression = new Specs();
    regression.outputs = 1;

    assertThat(regression.build().isClassifier()).isFalse();
    assertThat(new Specs().build().isClassifier()).isTrue();
  }
}
