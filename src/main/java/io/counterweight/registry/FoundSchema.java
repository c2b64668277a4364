package io.counterweight.registry;

/** What a registry has under an id. */
public sealed interface FoundSchema {

  /**
   * An Avro schema.
   *
   * @param text JSON, or whatever else somebody has registered; at most {@link
   *     SchemaRegistry#LONGEST_ANSWER} bytes
   */
  record Avro(String text) implements FoundSchema {}

  /**
   * Nothing. It may be registered later.
   *
   * @param problem a sentence
   */
  record Unknown(String problem) implements FoundSchema {}

  /**
   * Something that is no Avro schema, or too long. Ids do not change: it stays so.
   *
   * @param problem a sentence
   */
  record Unusable(String problem) implements FoundSchema {}
}
