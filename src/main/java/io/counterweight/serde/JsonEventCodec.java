package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord.Reason;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One event as a JSON object:
 *
 * <pre>{@code
 * {"eventId":"e-1","modelKey":"shop","eventTime":1700000000000,"features":[1.5,null],
 *  "label":1,"labelSource":"investigator","attributes":{"country":"SE"}}
 * }</pre>
 *
 * <p>Required are {@code eventId}, {@code eventTime} (milliseconds since the epoch) and {@code
 * features}, where null means missing; {@code modelKey} is {@value EventFormat#DEFAULT_MODEL_KEY}
 * if absent. Strict: an unknown or repeated field, a value of another type, or anything behind the
 * object is refused. Thread-safe.
 */
final class JsonEventCodec implements RecordCodec<Event> {
  private static final int LONGEST_QUOTE = 64;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // Attribute names come from outside: they must not fill the JVM's string table, nor fail
          // the
          // job by colliding on purpose.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  private final boolean requireFeatures;

  JsonEventCodec() {
    this(true);
  }

  /**
   * A codec.
   *
   * @param requireFeatures whether features must be there; labels on a topic of their own have none
   */
  JsonEventCodec(boolean requireFeatures) {
    this.requireFeatures = requireFeatures;
  }

  @Override
  public byte[] encode(Event event) {
    return RecordType.EVENT.toJson(event).getBytes(UTF_8);
  }

  @Override
  public Event decode(byte[] bytes) throws DecodeException {
    try (JsonParser json = JSON.createParser(bytes)) {
      expect(json.nextToken(), JsonToken.START_OBJECT, "record", "an object");
      Fields fields = new Fields();
      fields.features = requireFeatures ? null : new float[0];
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        fields.read(name, json);
      }
      if (json.nextToken() != null) {
        throw DecodeException.malformed(
            "Expected nothing behind the object, found " + describe(json.currentToken()));
      }
      return fields.toEvent();
    } catch (JsonProcessingException e) {
      throw DecodeException.malformed(
          "Expected a JSON object, found a mistake at byte "
              + e.getLocation().getByteOffset()
              + ": "
              + e.getOriginalMessage());
    } catch (IOException e) {
      // The source is an array, so this is about its characters.
      throw DecodeException.malformed("Expected JSON in UTF-8: " + e.getMessage());
    }
  }

  /** What has been read of one object. */
  private static final class Fields {
    private String eventId;
    private String modelKey = EventFormat.DEFAULT_MODEL_KEY;
    private Long eventTime;
    private float[] features;
    private int label = Event.NO_LABEL;
    private String labelSource;
    private Map<String, String> attributes = Map.of();

    void read(String name, JsonParser json) throws IOException, DecodeException {
      switch (name) {
        case "eventId" -> eventId = text(json, name);
        case "modelKey" -> modelKey = text(json, name);
        case "eventTime" -> eventTime = integer(json, name);
        case "features" -> features = features(json);
        case "label" -> label = isNull(json) ? Event.NO_LABEL : label(json);
        case "labelSource" -> labelSource = isNull(json) ? null : text(json, name);
        case "attributes" -> attributes = isNull(json) ? Map.of() : attributes(json);
        default ->
            throw DecodeException.malformed(
                "Expected eventId, modelKey, eventTime, features, label, labelSource or attributes,"
                    + " found the field "
                    + quote(name));
      }
    }

    Event toEvent() throws DecodeException {
      require(eventId, "eventId");
      require(eventTime, "eventTime");
      require(features, "features");
      return new Event(eventId, modelKey, eventTime, features, label, labelSource, attributes);
    }
  }

  private static void require(Object value, String field) throws DecodeException {
    if (value == null) {
      throw DecodeException.malformed("Expected the field " + field + ", found none");
    }
  }

  private static boolean isNull(JsonParser json) {
    return json.currentToken() == JsonToken.VALUE_NULL;
  }

  private static String text(JsonParser json, String field) throws IOException, DecodeException {
    expect(json.currentToken(), JsonToken.VALUE_STRING, field, "a string");
    String text = json.getText();
    checkText(text, field);
    return text;
  }

  /** An escaped half of a character cannot be written as UTF-8 again. */
  private static void checkText(String text, String field) throws DecodeException {
    if (!UTF_8.newEncoder().canEncode(text)) {
      throw DecodeException.malformed(field + ": expected text, found half of a surrogate pair");
    }
  }

  private static long integer(JsonParser json, String field) throws IOException, DecodeException {
    expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, field, "an integer");
    return json.getLongValue();
  }

  private static int label(JsonParser json) throws IOException, DecodeException {
    long label = integer(json, "label");
    if (label < 0 || label > Integer.MAX_VALUE) {
      throw new DecodeException(
          Reason.LABEL, "label: expected a class index from 0, or null, found " + label);
    }
    return (int) label;
  }

  private static float[] features(JsonParser json) throws IOException, DecodeException {
    expect(json.currentToken(), JsonToken.START_ARRAY, "features", "an array");
    float[] features = new float[32];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count == features.length) {
        features = Arrays.copyOf(features, 2 * count);
      }
      features[count] = feature(json, count);
      count++;
    }
    return Arrays.copyOf(features, count);
  }

  private static float feature(JsonParser json, int index) throws IOException, DecodeException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      return Float.NaN;
    }
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw DecodeException.malformed(
          "features[" + index + "]: expected a number or null, found " + describe(token));
    }
    float value = json.getFloatValue();
    if (!Float.isFinite(value)) {
      throw new DecodeException(
          Reason.NON_FINITE,
          "features["
              + index
              + "]: expected a number within the range of float32, found a larger one");
    }
    return value;
  }

  private static Map<String, String> attributes(JsonParser json)
      throws IOException, DecodeException {
    expect(json.currentToken(), JsonToken.START_OBJECT, "attributes", "an object");
    Map<String, String> attributes = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      checkText(name, "attributes");
      json.nextToken();
      attributes.put(name, text(json, "attributes." + quote(name)));
    }
    return Collections.unmodifiableMap(attributes);
  }

  private static void expect(JsonToken found, JsonToken expected, String field, String inWords)
      throws DecodeException {
    if (found != expected) {
      throw DecodeException.malformed(
          field + ": expected " + inWords + ", found " + describe(found));
    }
  }

  private static String describe(JsonToken token) {
    return token == null
        ? "nothing"
        : switch (token) {
          case START_OBJECT, END_OBJECT -> "an object";
          case START_ARRAY, END_ARRAY -> "an array";
          case FIELD_NAME -> "a field";
          case VALUE_STRING -> "a string";
          case VALUE_NUMBER_INT -> "an integer";
          case VALUE_NUMBER_FLOAT -> "a decimal number";
          case VALUE_TRUE, VALUE_FALSE -> "a boolean";
          case VALUE_NULL -> "null";
          case NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT -> token.name();
        };
  }

  private static String quote(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
  }
}
