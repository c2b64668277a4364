package io.counterweight.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.counterweight.model.BatmSpec.Concept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Concepts written as JSON: {@code {"customer": ["age", "income"], "place": ["country"]}}. A column
 * may be in several groups; one that is in none becomes a concept of its own.
 */
final class ConceptFile {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private ConceptFile() {}

  /**
   * Reads the groups and completes them.
   *
   * @param file the JSON file
   * @param featureNames the feature columns, in order
   * @throws FeedException if the file is not as described or names an unknown column
   */
  static List<Concept> read(Path file, List<String> featureNames) {
    Map<String, List<String>> groups;
    try {
      if (!Files.isRegularFile(file)) {
        throw new FeedException("There is no concepts file " + file + "; check the path");
      }
      groups =
          JSON.readValue(
              Files.readAllBytes(file),
              new TypeReference<LinkedHashMap<String, List<String>>>() {});
    } catch (JsonProcessingException e) {
      throw new FeedException(
          String.format(
              "%s is not a JSON object of concept names to lists of columns: %s",
              file, e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new FeedException(file + " cannot be read: " + e.getMessage(), e);
    }
    if (groups == null) {
      throw new FeedException(file + " holds null, expected concept names to lists of columns");
    }
    return complete(file, groups, featureNames);
  }

  private static List<Concept> complete(
      Path file, Map<String, List<String>> groups, List<String> featureNames) {
    List<Concept> concepts = new ArrayList<>();
    Set<Integer> grouped = new HashSet<>();
    groups.forEach(
        (name, columns) -> {
          List<Integer> features = new ArrayList<>();
          for (String column : columns == null ? List.<String>of() : columns) {
            int feature = featureNames.indexOf(column);
            if (feature < 0) {
              throw new FeedException(
                  String.format(
                      "%s: concept '%s' has column '%s', which is no feature; the features are %s",
                      file, name, column, CsvHeader.list(featureNames)));
            }
            if (features.contains(feature)) {
              throw new FeedException(
                  String.format("%s: concept '%s' has column '%s' twice", file, name, column));
            }
            features.add(feature);
          }
          if (features.isEmpty() || name.isBlank()) {
            throw new FeedException(
                String.format("%s: concept '%s' needs a name and one column at least", file, name));
          }
          grouped.addAll(features);
          concepts.add(new Concept(name, features));
        });
    for (int feature = 0; feature < featureNames.size(); feature++) {
      String name = featureNames.get(feature);
      if (!grouped.contains(feature)) {
        if (groups.containsKey(name)) {
          throw new FeedException(
              String.format(
                  "%s: column '%s' is in no group and so its own concept, but a group has that name;"
                      + " rename the group",
                  file, name));
        }
        concepts.add(new Concept(name, List.of(feature)));
      }
    }
    return List.copyOf(concepts);
  }
}
