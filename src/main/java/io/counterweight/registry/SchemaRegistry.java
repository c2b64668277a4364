package io.counterweight.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry over HTTP. It remembers nothing. An instance that does not answer, or answers
 * with 408, 429 or 5xx, is asked again, the other instances first, with pauses that grow to 5 s,
 * until the patience is over. Every other refusal is final.
 *
 * <p>Every method throws {@link RegistryException} if the registry does not answer in time, refuses
 * the user, or answers what no registry answers. Not thread-safe.
 */
public final class SchemaRegistry {

  /** Of an answer, in bytes. */
  public static final int LONGEST_ANSWER = 1 << 20;

  private static final Logger LOGGER = LoggerFactory.getLogger(SchemaRegistry.class);
  private static final JsonFactory JSON = new JsonFactory();
  private static final String CONTENT = "application/vnd.schemaregistry.v1+json";
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final int LONGEST_QUOTE = 300;

  private static final int OK = 200;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

  /** What registries add to 404; a server that is none does not. */
  private static final String NO_SUBJECT = "40401";

  private static final String NO_SCHEMA = "40403";

  private final RegistryAccess access;
  private HttpClient client;

  public SchemaRegistry(RegistryAccess access) {
    this.access = access;
  }

  /** What is registered under an id. */
  public FoundSchema find(int id) {
    Answer answer = exchange("/schemas/ids/" + id, null);
    if (answer.isTooLong()) {
      return new FoundSchema.Unusable(
          "schema " + id + " takes more than " + LONGEST_ANSWER + " bytes");
    }
    if (answer.status() == NOT_FOUND && answer.hasCode(NO_SCHEMA)) {
      return new FoundSchema.Unknown("the schema registry has no schema " + id);
    }
    if (answer.status() != OK) {
      throw refused("does not give schema " + id, answer);
    }
    String type = answer.fields().getOrDefault("schemaType", "AVRO");
    if (!type.equals("AVRO")) {
      return new FoundSchema.Unusable(
          "schema " + id + " is of type " + quote(type) + ", expected AVRO");
    }
    String text = answer.fields().get("schema");
    if (text == null) {
      throw refused("gives schema " + id + " without its text", answer);
    }
    return new FoundSchema.Avro(text);
  }

  /**
   * The id of a schema under a subject, where it is registered if it was not and that is allowed.
   *
   * @param subject for example {@code predictions-value}
   * @param schema an Avro schema as JSON
   * @throws RegistryException also if the registry refuses the schema, with the registry's message
   */
  public int idOf(String subject, String schema) {
    String path = "/subjects/" + subject;
    Answer answer = exchange(access.autoRegister() ? path + "/versions" : path, body(schema));
    if (answer.status() == NOT_FOUND
        && !access.autoRegister()
        && (answer.hasCode(NO_SUBJECT) || answer.hasCode(NO_SCHEMA))) {
      throw refused(
          "does not know the schema of this release under "
              + subject
              + ", and schema-registry.auto-register is false",
          answer);
    }
    if (answer.status() != OK) {
      throw refused("refuses the schema of " + subject, answer);
    }
    try {
      return Integer.parseInt(answer.fields().getOrDefault("id", ""));
    } catch (NumberFormatException e) {
      throw refused("gives no id for the schema of " + subject, answer);
    }
  }

  private static String body(String schema) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("schema", schema);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed", e);
    }
    return text.toString();
  }

  /**
   * What was answered.
   *
   * @param status of HTTP
   * @param isTooLong whether it was not read to its end
   * @param fields of the JSON object that are strings or numbers; empty if it was none
   */
  private record Answer(int status, boolean isTooLong, Map<String, String> fields) {
    boolean hasCode(String code) {
      return code.equals(fields.get("error_code"));
    }
  }

  /** The first answer that asking again would not change. */
  private Answer exchange(String path, String body) {
    long deadline = System.nanoTime() + access.patience().toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      String trouble = null;
      for (URI url : access.urls()) {
        try {
          Answer answer = send(url, path, body);
          if (!isPassing(answer.status())) {
            return answer;
          }
          trouble = "it answers with HTTP " + answer.status() + said(answer);
        } catch (IOException e) {
          trouble = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        }
      }
      if (System.nanoTime() + pause.toNanos() > deadline) {
        throw new RegistryException(
            registry()
                + " did not answer within "
                + access.patience().toMillis() / 1000.0
                + " s: "
                + trouble);
      }
      LOGGER.warn("{} does not answer, it is asked again: {}", registry(), trouble);
      pause(pause);
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  private static boolean isPassing(int status) {
    return status >= SERVER_ERROR || status == TOO_MANY_REQUESTS || status == REQUEST_TIMEOUT;
  }

  private void pause(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private RegistryException interrupted() {
    Thread.currentThread().interrupt();
    return new RegistryException("Interrupted while waiting for " + registry());
  }

  private Answer send(URI url, String path, String body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url.toString().replaceAll("/+$", "") + path))
            .header("Accept", CONTENT);
    if (body != null) {
      request.header("Content-Type", CONTENT).POST(BodyPublishers.ofString(body));
    }
    if (access.username() != null) {
      byte[] user = (access.username() + ":" + access.password()).getBytes(UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
    }
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT)
              .build();
    }
    HttpResponse<byte[]> response = await(request.build());
    byte[] bytes = response.body();
    boolean tooLong = bytes.length > LONGEST_ANSWER;
    Answer answer = new Answer(response.statusCode(), tooLong, tooLong ? Map.of() : scalars(bytes));
    if (answer.status() == UNAUTHORIZED || answer.status() == FORBIDDEN) {
      throw refused("refuses the user of schema-registry.username, or that there is none", answer);
    }
    return answer;
  }

  /** A limit for the whole answer: that of the request ends with the answer's first bytes. */
  private HttpResponse<byte[]> await(HttpRequest request) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> response =
        client.sendAsync(request, head -> new LimitedBody(LONGEST_ANSWER));
    try {
      return response.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      response.cancel(true);
      throw new IOException("no answer within " + ANSWER.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      response.cancel(true);
      throw interrupted();
    } catch (ExecutionException e) {
      String message = e.getCause().getMessage();
      throw new IOException(
          message == null ? e.getCause().getClass().getSimpleName() : message, e.getCause());
    }
  }

  private static Map<String, String> scalars(byte[] bytes) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser json = JSON.createParser(bytes)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Map.of();
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (json.nextToken().isScalarValue()) {
          fields.put(name, json.getText());
        } else {
          json.skipChildren();
        }
      }
      return fields;
    } catch (IOException e) {
      return Map.of();
    }
  }

  private String registry() {
    return access.urls().stream()
        .map(URI::toString)
        .collect(Collectors.joining(", ", "The schema registry at ", " (schema-registry.url)"));
  }

  private RegistryException refused(String what, Answer answer) {
    return new RegistryException(
        registry() + " " + what + ": HTTP " + answer.status() + said(answer));
  }

  private String said(Answer answer) {
    String message = answer.fields().get("message");
    if (message != null) {
      return ", " + quote(masked(message));
    }
    return answer.status() == NOT_FOUND ? ", without a registry's error code: is it one?" : "";
  }

  private String masked(String text) {
    return access.password() == null || access.password().isEmpty()
        ? text
        : text.replace(access.password(), "(secret)");
  }

  private static String quote(String text) {
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "…";
  }
}
