package io.counterweight.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces {@code ${env:NAME}} and {@code ${file:/path}} in values, and remembers what came of it.
 * What was put in is not searched for further references. Other texts in braces are left alone.
 */
final class SecretReferences {
  private static final Pattern BEGIN = Pattern.compile("\\$\\{(env|file):");

  private final UnaryOperator<String> environment;
  private final Set<String> keys = new LinkedHashSet<>();
  private final Set<String> texts = new LinkedHashSet<>();

  /**
   * References into an environment and the file system.
   *
   * @param environment from a variable's name to its value, null where it is not set
   */
  SecretReferences(UnaryOperator<String> environment) {
    this.environment = environment;
  }

  /**
   * The same node with every reference replaced.
   *
   * @param key that the node is the value of
   * @throws ConfigException naming the key, if a reference leads nowhere
   */
  Node resolve(String key, Node node) {
    if (node instanceof Node.Scalar scalar) {
      return single(key, scalar);
    }
    if (node instanceof Node.Sequence sequence) {
      List<Node> items = new ArrayList<>();
      sequence.items().forEach(item -> items.add(resolve(key, item)));
      return new Node.Sequence(items, sequence.place());
    }
    if (node instanceof Node.Mapping mapping) {
      Map<String, Node> entries = new LinkedHashMap<>();
      mapping
          .entries()
          .forEach((name, value) -> entries.put(name, resolve(key + "." + name, value)));
      return new Node.Mapping(entries, mapping.place());
    }
    return node;
  }

  /** What has been put in so far. */
  SecretValues found() {
    return new SecretValues(keys, texts);
  }

  private Node single(String key, Node.Scalar scalar) {
    String text = scalar.text();
    Matcher reference = BEGIN.matcher(text);
    StringBuilder resolved = new StringBuilder();
    int from = 0;
    while (reference.find(from)) {
      int end = text.indexOf('}', reference.end());
      if (end < 0) {
        throw error(key, "holds a reference without its closing brace", scalar);
      }
      String name = text.substring(reference.end(), end);
      String value =
          reference.group(1).equals("env") ? variable(key, name, scalar) : file(key, name, scalar);
      texts.add(value);
      resolved.append(text, from, reference.start()).append(value);
      from = end + 1;
    }
    if (from == 0) {
      return scalar;
    }
    keys.add(key);
    return new Node.Scalar(resolved.append(text.substring(from)).toString(), scalar.place(), true);
  }

  private String variable(String key, String name, Node.Scalar scalar) {
    String value = name.isBlank() ? null : environment.apply(name.strip());
    if (value == null) {
      throw error(
          key, "refers to the environment variable '" + name + "', which is not set", scalar);
    }
    return value;
  }

  private static String file(String key, String name, Node.Scalar scalar) {
    try {
      return Files.readString(Path.of(name.strip())).replaceFirst("\\r?\\n\\z", "");
    } catch (NoSuchFileException e) {
      throw unreadable(key, name, "does not exist", scalar);
    } catch (CharacterCodingException e) {
      throw unreadable(key, name, "is not text in UTF-8", scalar);
    } catch (IOException | InvalidPathException e) {
      throw unreadable(key, name, "cannot be read", scalar);
    }
  }

  private static ConfigException unreadable(
      String key, String name, String problem, Node.Scalar scalar) {
    return error(key, "refers to the file '" + name + "', which " + problem, scalar);
  }

  private static ConfigException error(String key, String problem, Node.Scalar scalar) {
    return ConfigException.of(key, problem).at(scalar.place());
  }
}
