package io.counterweight.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What an experiment runs: every arm on every stream with every seed.
 *
 * @param seeds at least one
 * @param half part of the streams that is judged: {@code first}, {@code second} or {@code all}
 * @param streams at least one, unique names
 * @param arms at least one, unique names; {@code control} is what the others are compared with, and
 *     {@code oracle} what could be gained at most
 * @param peers names of other learners; none where left out
 * @param peerSeeds how many of the seeds these run with; all where left out
 */
public record Suite(
    List<Long> seeds,
    String half,
    List<StreamSpec> streams,
    List<Arm> arms,
    List<String> peers,
    Integer peerSeeds) {

  /** The arm that others are compared with. */
  public static final String CONTROL = "control";

  /** The arm that knows which labels are wrong. */
  public static final String ORACLE = "oracle";

  /**
   * One way to run the engine.
   *
   * @param name in the table
   * @param set overrides of the configuration, {@code key=value}
   * @param told events after a change of the concept in a study's stream at which the engine is
   *     told of it; null: never
   */
  public record Arm(String name, List<String> set, Integer told) {
    public Arm {
      set = set == null ? List.of() : List.copyOf(set);
      if (name == null || !name.matches("[a-z0-9][a-z0-9 .+-]{0,39}")) {
        throw new IllegalArgumentException(
            "arms.name is '" + name + "', expected 1 to 40 lower-case letters, digits, blanks");
      }
    }
  }

  public Suite {
    seeds = seeds == null ? List.of() : List.copyOf(seeds);
    streams = streams == null ? List.of() : List.copyOf(streams);
    arms = arms == null ? List.of() : List.copyOf(arms);
    peers = peers == null ? List.of() : List.copyOf(peers);
    half = half == null ? "second" : half;
    peerSeeds = peerSeeds == null ? seeds.size() : peerSeeds;
    require(!seeds.isEmpty(), "seeds", seeds, "at least one");
    require(Set.of("first", "second", "all").contains(half), "half", half, "first, second or all");
    require(!streams.isEmpty(), "streams", streams, "at least one");
    require(!arms.isEmpty(), "arms", arms, "at least one");
    require(peerSeeds >= 0 && peerSeeds <= seeds.size(), "peerSeeds", peerSeeds, "0 to all seeds");
    Set<String> names = new HashSet<>();
    streams.forEach(s -> require(names.add(s.name()), "streams", s.name(), "unique names"));
    names.clear();
    arms.forEach(a -> require(names.add(a.name()), "arms", a.name(), "unique names"));
  }

  private static void require(boolean condition, String key, Object value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(key + " is " + value + ", expected " + rule);
    }
  }

  /**
   * Reads the YAML form.
   *
   * @throws IllegalArgumentException naming the key, the value and the rule
   */
  public static Suite parse(String yaml) {
    ObjectMapper mapper =
        new ObjectMapper(new YAMLFactory())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    try {
      Suite suite = mapper.readValue(yaml, Suite.class);
      if (suite == null) {
        throw new IllegalArgumentException("the suite is empty");
      }
      return suite;
    } catch (JsonProcessingException e) {
      Throwable cause = e.getCause() instanceof IllegalArgumentException own ? own : e;
      String place = e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
      String message = cause == e ? e.getOriginalMessage() : String.valueOf(cause.getMessage());
      throw new IllegalArgumentException(message + place, e);
    }
  }
}
