package io.counterweight.config;

import io.counterweight.learner.LearnerSettings;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The value of every option, from a file, the command line or its default: the step between text
 * and {@link EngineConfig}, and what {@code config check} prints.
 */
public final class OptionValues {
  private static final String COMMAND_LINE = "command line";

  private final Map<Option<?>, Object> values = new LinkedHashMap<>();
  private final Map<String, String> places = new LinkedHashMap<>();
  private final SecretValues secrets;

  private OptionValues(List<Option<?>> known, Map<Option<?>, Node> bound, String source) {
    SecretReferences references = new SecretReferences(System::getenv);
    for (Option<?> option : known) {
      Node node = bound.get(option);
      if (node != null && !(node instanceof Node.Empty)) {
        values.put(option, option.parse(references.resolve(option.key(), node)));
        places.put(option.key(), node.place());
      } else if (option.isRequired()) {
        throw ConfigException.of(option.key(), "is missing, expected " + option.type().rule())
            .at(source);
      } else {
        option.standard().ifPresent(value -> values.put(option, value));
      }
    }
    secrets = references.found();
  }

  /**
   * Reads options.
   *
   * @param source name of the text for messages
   * @param overrides {@code key=value}, which win over the text; a value in brackets is a list, an
   *     empty one puts the key back to its default
   * @throws ConfigException if a key is unknown or missing, a value breaks its option's rule, or a
   *     reference to the environment or to a file leads nowhere
   */
  public static OptionValues parse(String yaml, String source, List<String> overrides) {
    return parse(Options.all(), yaml, source, overrides);
  }

  /** As {@link #parse(String, String, List)}, of these options only. */
  static OptionValues parse(
      List<Option<?>> known, String yaml, String source, List<String> overrides) {
    OptionBinder binder = new OptionBinder(known);
    binder.bind(YamlReader.read(yaml, source));
    overrides.forEach(override -> override(binder, override));
    return new OptionValues(known, binder.bound(), source);
  }

  /**
   * As {@link #parse}, from a file.
   *
   * @throws ConfigException also if the file cannot be read
   */
  public static OptionValues load(Path file, List<String> overrides) {
    String source = String.valueOf(file.getFileName());
    try {
      return parse(Files.readString(file), source, overrides);
    } catch (NoSuchFileException e) {
      throw ConfigException.of(file.toString(), "is missing: there is no such file");
    } catch (CharacterCodingException e) {
      throw ConfigException.of(file.toString(), "is not text in UTF-8");
    } catch (IOException e) {
      throw ConfigException.of(file.toString(), "cannot be read: " + e.getMessage());
    }
  }

  private static void override(OptionBinder binder, String override) {
    int equals = override.indexOf('=');
    if (equals < 1) {
      String shown = Secrets.looksLikeSecret(override, override) ? Secrets.MASK : override;
      throw ConfigException.invalid(shown, shown, "key=value").at(COMMAND_LINE);
    }
    String text = override.substring(equals + 1);
    Node value =
        text.isEmpty()
            ? new Node.Empty(COMMAND_LINE)
            : text.startsWith("[") || text.startsWith("{")
                ? YamlReader.readLine(text, COMMAND_LINE)
                : new Node.Scalar(text, COMMAND_LINE);
    binder.override(override.substring(0, equals).strip(), value);
  }

  /** The value of an option that is required or has a default. */
  <T> T get(Option<T> option) {
    return find(option).orElseThrow();
  }

  /** The value of an option, if it has one. */
  @SuppressWarnings("unchecked") // The constructor put what the option's own type parsed.
  <T> Optional<T> find(Option<T> option) {
    return Optional.ofNullable((T) values.get(option));
  }

  /** What came from the environment or from files. */
  SecretValues secrets() {
    return secrets;
  }

  /**
   * The records that these values make.
   *
   * @throws ConfigException if values do not fit each other
   */
  public EngineConfig toEngineConfig() {
    return made(ConfigAssembly::engineConfig);
  }

  /** Only those of the learner. */
  LearnerSettings toLearnerSettings() {
    return made(ConfigAssembly::learner);
  }

  private <T> T made(Function<ConfigAssembly, T> records) {
    try {
      return records.apply(new ConfigAssembly(this));
    } catch (ConfigException e) {
      ConfigException shown = e.without(secrets);
      throw placeOf(e.key()).map(shown::at).orElse(shown);
    }
  }

  /** Where the option with that key, or with one above it, was given. */
  private Optional<String> placeOf(String key) {
    return places.keySet().stream()
        .filter(given -> (key + ".").startsWith(given + "."))
        .findFirst()
        .map(places::get);
  }

  /**
   * All values, defaults included, as YAML that {@link #parse} reads back. Secrets are masked, and
   * stay so when read back.
   */
  public String toYaml() {
    return YamlWriter.write(values, secrets);
  }
}
