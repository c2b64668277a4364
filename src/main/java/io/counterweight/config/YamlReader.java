package io.counterweight.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads one YAML document into {@link Node}s that know their lines. Stricter than YAML: a key given
 * twice, aliases and a second document are errors.
 */
final class YamlReader {
  private static final YAMLFactory FACTORY = new YAMLFactory();

  private final YAMLParser parser;
  private final IntFunction<String> placeOfLine;

  private YamlReader(YAMLParser parser, IntFunction<String> placeOfLine) {
    this.parser = parser;
    this.placeOfLine = placeOfLine;
  }

  /**
   * Reads a document.
   *
   * @param source name for messages
   * @throws ConfigException if it is not YAML
   */
  static Node read(String text, String source) {
    return read(text, line -> source + ", line " + line);
  }

  /** As {@link #read}, for a text of one line, which places need not name. */
  static Node readLine(String text, String source) {
    return read(text, line -> source);
  }

  private static Node read(String text, IntFunction<String> placeOfLine) {
    try (YAMLParser parser = FACTORY.createParser(text)) {
      YamlReader reader = new YamlReader(parser, placeOfLine);
      JsonToken first = parser.nextToken();
      Node root = first == null ? new Node.Empty(placeOfLine.apply(1)) : reader.node(first);
      if (parser.nextToken() != null) {
        throw reader.error("holds a second document, expected one");
      }
      return root;
    } catch (JacksonException e) {
      throw unreadable(e, placeOfLine);
    } catch (IOException e) {
      throw new IllegalStateException("A string cannot fail to be read", e);
    }
  }

  /** Leaves out the excerpt that the parser's own message quotes: it might hold a secret. */
  private static ConfigException unreadable(JacksonException e, IntFunction<String> placeOfLine) {
    String problem = "the text cannot be parsed";
    if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblem() != null) {
      problem = marked.getProblem();
    }
    int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
    return ConfigException.of(placeOfLine.apply(line), "is not valid YAML: " + problem);
  }

  private Node node(JsonToken token) throws IOException {
    String place = place();
    if (parser.isCurrentAlias()) {
      throw error("uses an alias (*), which is not supported");
    }
    return switch (token) {
      case START_OBJECT -> mapping(place);
      case START_ARRAY -> sequence(place);
      case VALUE_NULL -> new Node.Empty(place);
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
          new Node.Scalar(parser.getText(), place);
      default -> throw error("uses a tag (!!) that is not supported");
    };
  }

  private Node mapping(String place) throws IOException {
    Map<String, Node> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      String placeOfKey = place();
      if (entries.put(key, node(parser.nextToken())) != null) {
        throw ConfigException.of(key, "is given twice").at(placeOfKey);
      }
    }
    return new Node.Mapping(entries, place);
  }

  private Node sequence(String place) throws IOException {
    List<Node> items = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      items.add(node(t));
    }
    return new Node.Sequence(items, place);
  }

  private String place() {
    return placeOfLine.apply(parser.currentTokenLocation().getLineNr());
  }

  private ConfigException error(String problem) {
    return ConfigException.of(place(), problem);
  }
}
