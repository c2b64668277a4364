package io.counterweight.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.model.ParameterLayout.Block;
import io.counterweight.support.RandomNetwork;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ParameterLayoutTest {

  @ParameterizedTest
  @MethodSource("io.counterweight.support.RandomNetwork#all")
  void blocksFollowEachOtherWithoutGaps(RandomNetwork network) {
    for (ParameterLayout layout :
        List.of(
            ParameterLayout.parameters(network.spec()),
            ParameterLayout.statistics(network.spec()))) {
      int next = 0;
      for (Block block : layout.blocks()) {
        assertThat(block.offset()).as(block.name()).isEqualTo(next);
        assertThat(layout.block(block.name())).isEqualTo(block);
        assertThat(layout.offset(block.name())).isEqualTo(next);
        next += block.size();
      }
      assertThat(layout.size()).isEqualTo(next);
      assertThat(layout.blocks()).extracting(Block::name).doesNotHaveDuplicates();
    }
  }

  @Test
  void namesAndShapesAreTheDocumentedOnes() {
    ParameterLayout layout = ParameterLayout.parameters(new Specs().build());

    assertThat(layout.blocks().stream().map(block -> block.name() + block.shape()))
        .containsExactly(
            "enc0.0.W[4, 2]",
            "enc0.0.b[4]",
            "enc0.1.W[4, 2]",
            "enc0.1.b[4]",
            "enc1.W[2, 3, 4]",
            "enc1.b[2, 3]",
            "enc2.W[2, 1, 3]",
            "enc2.b[2, 1]",
            "bn0.gamma[2, 4]",
            "bn0.beta[2, 4]",
            "bn1.gamma[2, 3]",
            "bn1.beta[2, 3]",
            "const[2]",
            "O1[2, 2]",
            "I1[1, 2, 2]",
            "G1[2, 2]",
            "O2[2, 2]",
            "I2[2, 2, 2]",
            "G2[2, 4]");
  }

  @Test
  void exuHasOneShiftForEachFeature() {
    Specs specs = new Specs();
    specs.inputLayer = InputLayer.EXU;
    ParameterLayout layout = ParameterLayout.parameters(specs.build());

    assertThat(layout.block("enc0.0.W").shape()).containsExactly(2, 4);
    assertThat(layout.block("enc0.0.b").shape()).containsExactly(2);
  }

  @Test
  void statisticsDependOnTheNormalisation() {
    Specs batch = new Specs();
    batch.normalisation = Normalisation.BATCH;
    Specs none = new Specs();
    none.normalisation = Normalisation.NONE;

    assertThat(names(new Specs()))
        .containsExactly("bn0.mean", "bn0.var", "bn1.mean", "bn1.var", "count");
    assertThat(names(batch)).containsExactly("bn0.mean", "bn0.var", "bn1.mean", "bn1.var");
    assertThat(names(none)).isEmpty();
    assertThat(names(Specs.withoutEncoder(3))).isEmpty();
  }

  private static List<String> names(Specs specs) {
    return ParameterLayout.statistics(specs.build()).blocks().stream().map(Block::name).toList();
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    ParameterLayout layout = ParameterLayout.parameters(Specs.withoutEncoder(2).build());

    assertThatThrownBy(() -> layout.block("O9"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'O9'")
        .hasMessageContaining("O1");
  }
}
