package io.counterweight.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of {@code deploy} and the compose file, read as whoever runs them reads them. */
final class DeployFiles {
  static final Path FOLDER = Path.of("deploy");
  static final Path COMPOSE = Path.of("docker-compose.yml");

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private DeployFiles() {}

  /** Every file whose name ends so. */
  static List<Path> endingWith(String... ends) {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return Stream.concat(files, Stream.of(COMPOSE))
          .filter(Files::isRegularFile)
          .filter(file -> Stream.of(ends).anyMatch(end -> file.toString().endsWith(end)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The only document of a YAML file. */
  static JsonNode yaml(Path file) {
    List<JsonNode> documents = documents(file);
    if (documents.size() != 1) {
      throw new AssertionError(file + " has " + documents.size() + " documents, expected 1");
    }
    return documents.get(0);
  }

  /** All documents of a YAML file, with anchors resolved; a key given twice is an error. */
  static List<JsonNode> documents(Path file) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    List<JsonNode> documents = new ArrayList<>();
    for (Object document : new Yaml(new SafeConstructor(options)).loadAll(text(file))) {
      documents.add(MAPPER.valueToTree(document));
    }
    return documents;
  }

  static JsonNode json(Path file) {
    try {
      return MAPPER.readTree(text(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " is not JSON", e);
    }
  }

  /** The names and values of a flat object, values as text. */
  static Map<String, String> flat(JsonNode object) {
    Map<String, String> values = new TreeMap<>();
    object
        .fields()
        .forEachRemaining(field -> values.put(field.getKey(), field.getValue().asText()));
    return values;
  }

  static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  /** The element of an array with that name. */
  static JsonNode named(JsonNode array, String name) {
    for (JsonNode element : array) {
      if (element.path("name").asText().equals(name)) {
        return element;
      }
    }
    throw new AssertionError("Nothing is called " + name + " in " + array);
  }
}
