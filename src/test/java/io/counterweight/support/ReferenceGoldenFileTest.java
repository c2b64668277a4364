package io.counterweight.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceGoldenFileTest {

  private static final Path ORIGINAL =
      Path.of("src/test/resources/golden/running_multiclass_order3.json");

  @TempDir Path directory;

  @Test
  void configurationBecomesTheSpec() {
    BatmSpec spec = GoldenFile.read(ORIGINAL).spec();

    assertThat(spec.features()).isEqualTo(6);
    assertThat(spec.outputs()).isEqualTo(4);
    assertThat(spec.concepts()).contains(new Concept("c2", List.of(3, 4, 5)));
    assertThat(spec.hidden()).containsExactly(7);
    assertThat(spec.normalisation()).isEqualTo(Normalisation.RUNNING);
    assertThat(spec.normalisationMomentum()).isEqualTo(0.1f);
    assertThat(spec.inputLayer()).isEqualTo(InputLayer.LINEAR);
    assertThat(spec.order()).isEqualTo(3);
    assertThat(spec.rank()).isEqualTo(3);
  }

  @Test
  void noGroupsMeansOneConceptForEachFeature() throws IOException {
    GoldenFile golden = changed(root -> ((ObjectNode) root.get("config")).putNull("groups"));

    assertThat(golden.spec().conceptCount()).isEqualTo(6);
    assertThat(golden.spec().concepts().get(5)).isEqualTo(new Concept("c5", List.of(5)));
  }

  @Test
  void wrongShapeOfAParameterIsRefused() throws IOException {
    GoldenFile golden =
        changed(root -> ((ArrayNode) root.at("/parameters/G2/shape")).removeAll().add(9).add(3));

    assertThatThrownBy(golden::parameters)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("changed.json")
        .hasMessageContaining("/parameters/G2 has the shape [9, 3], expected [3, 9]");
  }

  @Test
  void missingEntriesAreRefused() throws IOException {
    GoldenFile golden = changed(root -> ((ArrayNode) root.at("/parameters/const/data")).remove(0));

    assertThatThrownBy(golden::parameters).hasMessageContaining("3 entries, expected 4");
  }

  @Test
  void parameterThatTheLayoutDoesNotKnowIsRefused() throws IOException {
    GoldenFile golden = changed(root -> ((ObjectNode) root.get("parameters")).putObject("surplus"));

    assertThatThrownBy(golden::parameters).hasMessageContaining("expected the 20 of the layout");
  }

  @Test
  void wordInPlaceOfANumberIsRefused() throws IOException {
    GoldenFile golden = changed(root -> ((ArrayNode) root.at("/held_out/data")).set(2, "NaN"));

    assertThatThrownBy(golden::heldOut).hasMessageContaining("/held_out/data/2");
  }

  private GoldenFile changed(Consumer<JsonNode> change) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    JsonNode root = mapper.readTree(ORIGINAL.toFile());
    change.accept(root);
    Path file = directory.resolve("changed.json");
    mapper.writeValue(file.toFile(), root);
    return GoldenFile.read(file);
  }
}
