package io.counterweight.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.counterweight.registry.RegistryAccess;
import io.counterweight.registry.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * A schema registry over HTTP on a port of its own: registers, looks up, gives by id, refuses what
 * cannot read the subject's newest schema, asks for a password where it has one, can be switched
 * off and on.
 */
public final class TestRegistry implements AutoCloseable {
  static {
    // Otherwise answers on kept connections wait for 40 ms.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<Integer, Map<String, String>> byId = new TreeMap<>();
  private final Map<String, List<Integer>> bySubject = new TreeMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final String credentials;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private int port;
  private volatile int failures;

  private TestRegistry(String credentials) {
    this.credentials = credentials;
    switchOn();
  }

  /** One that lets everybody in. */
  public static TestRegistry start() {
    return new TestRegistry(null);
  }

  /** One that lets one user in. */
  public static TestRegistry start(String username, String password) {
    byte[] user = (username + ":" + password).getBytes(UTF_8);
    return new TestRegistry("Basic " + Base64.getEncoder().encodeToString(user));
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** A client that waits for a minute. */
  public SchemaRegistry client() {
    return new SchemaRegistry(RegistryAccess.to(url()));
  }

  /** A client that waits for some milliseconds. */
  public SchemaRegistry client(long patience) {
    return new SchemaRegistry(
        new RegistryAccess(List.of(url()), null, null, true, Duration.ofMillis(patience)));
  }

  /** Puts a text, which need not be a schema, under a new id. */
  public synchronized int add(String text) {
    return add(text, "AVRO");
  }

  /** The same of a schema of another language. */
  public synchronized int add(String text, String type) {
    int id = byId.size() + 1;
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("schema", text);
    if (!type.equals("AVRO")) {
      fields.put("schemaType", type);
    }
    byId.put(id, fields);
    return id;
  }

  /** Registers a schema under a subject. */
  public synchronized int add(String subject, Schema schema) {
    return register(subject, schema.toString());
  }

  /** The schema of an id. */
  public synchronized Schema schema(int id) {
    return new Schema.Parser().parse(byId.get(id).get("schema"));
  }

  /** Ids that were registered under a subject, oldest first. */
  public synchronized List<Integer> ids(String subject) {
    return List.copyOf(bySubject.getOrDefault(subject, List.of()));
  }

  /** Methods and paths of what was asked so far. */
  public List<String> requests() {
    return requests;
  }

  /** Answers the next requests with 503. */
  public void fail(int times) {
    failures = times;
  }

  /** No more listens. */
  public void switchOff() {
    server.stop(0);
    server = null;
  }

  /** Listens again, on the same port. */
  public void switchOn() {
    try {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    port = server.getAddress().getPort();
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  @Override
  public void close() {
    if (server != null) {
      switchOff();
    }
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    requests.add(exchange.getRequestMethod() + " " + path);
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (failures > 0) {
      failures--;
      answer(exchange, 503, "{\"error_code\":50301,\"message\":\"not ready\"}");
    } else if (credentials != null
        && !credentials.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      answer(exchange, 401, "{\"error_code\":40101,\"message\":\"Unauthorized\"}");
    } else if (path.startsWith("/schemas/ids/")) {
      give(exchange, Integer.parseInt(path.substring("/schemas/ids/".length())));
    } else if (path.matches("/subjects/[^/]+(/versions)?")) {
      subject(exchange, path.split("/"), body);
    } else {
      answer(exchange, 404, "<html>Not found</html>");
    }
  }

  private synchronized void give(HttpExchange exchange, int id) throws IOException {
    Map<String, String> fields = byId.get(id);
    if (fields == null) {
      answer(exchange, 404, "{\"error_code\":40403,\"message\":\"Schema " + id + " not found\"}");
    } else {
      answer(exchange, 200, JSON.writeValueAsString(fields));
    }
  }

  private synchronized void subject(HttpExchange exchange, String[] path, byte[] body)
      throws IOException {
    JsonNode request = JSON.readTree(body);
    String subject = path[2];
    String schema = new Schema.Parser().parse(request.path("schema").asText()).toString();
    int known = known(subject, schema);
    if (known > 0) {
      answer(exchange, 200, "{\"subject\":\"" + subject + "\",\"version\":1,\"id\":" + known + "}");
    } else if (path.length == 3) {
      int code = bySubject.containsKey(subject) ? 40403 : 40401;
      answer(exchange, 404, "{\"error_code\":" + code + ",\"message\":\"Schema not found\"}");
    } else if (!fits(subject, schema)) {
      answer(
          exchange,
          409,
          "{\"error_code\":409,\"message\":\"Schema being registered is incompatible with an"
              + " earlier schema for subject "
              + subject
              + "\"}");
    } else {
      answer(exchange, 200, "{\"id\":" + register(subject, schema) + "}");
    }
  }

  private int known(String subject, String schema) {
    return bySubject.getOrDefault(subject, List.of()).stream()
        .filter(id -> byId.get(id).get("schema").equals(schema))
        .findFirst()
        .orElse(0);
  }

  private boolean fits(String subject, String schema) {
    List<Integer> ids = bySubject.getOrDefault(subject, List.of());
    return ids.isEmpty()
        || SchemaCompatibility.checkReaderWriterCompatibility(
                    new Schema.Parser().parse(schema), schema(ids.get(ids.size() - 1)))
                .getType()
            == SchemaCompatibilityType.COMPATIBLE;
  }

  private int register(String subject, String schema) {
    int id =
        byId.entrySet().stream()
            .filter(entry -> entry.getValue().get("schema").equals(schema))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseGet(() -> add(schema));
    bySubject.computeIfAbsent(subject, name -> new ArrayList<>()).add(id);
    return id;
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
