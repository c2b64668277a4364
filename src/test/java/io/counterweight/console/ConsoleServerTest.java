package io.counterweight.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.counterweight.console.ConsoleState.Bounds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server over real HTTP. */
class ConsoleServerTest {
  private static final String INLINE = "{\"imports\":{}}";

  @TempDir private Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private final long[] clock = {Seen.START};
  private final ConsoleState state = Seen.state(Bounds.STANDARD, clock);
  private ConsoleServer server;

  @BeforeEach
  void serve() throws IOException {
    Files.createDirectories(folder.resolve("web/lib"));
    Files.writeString(folder.resolve("secret.js"), "secret");
    Files.writeString(
        folder.resolve("web/console.html"),
        "<script type=\"importmap\">" + INLINE + "</script><script src=\"/assets/a.js\"></script>");
    Files.writeString(folder.resolve("web/console.js"), "let page;".repeat(500));
    Files.writeString(folder.resolve("web/lib/d3.min.js"), "let d3;");
    server = start("127.0.0.1", 0);
  }

  private ConsoleServer start(String host, int port) throws IOException {
    ClassLoader files = new URLClassLoader(new URL[] {folder.toUri().toURL()}, null);
    ConsoleApi api =
        new ConsoleApi(state, (key, place) -> List.of(Map.of("version", place.version())));
    return ConsoleServer.start(host, port, new WebAssets(files), api);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<byte[]> ask(String method, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.address() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    return ask("GET", path, headers);
  }

  private static JsonNode json(HttpResponse<byte[]> response) throws IOException {
    return new ObjectMapper().readTree(response.body());
  }

  /** What the server says to bytes that no client would send. */
  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void thePageIsServedWithAPolicyThatKnowsItsOwnScriptOnly() throws Exception {
    HttpResponse<byte[]> page = get("");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
    String policy = page.headers().firstValue("content-security-policy").orElseThrow();
    String hash =
        Base64.getEncoder()
            .encodeToString(
                MessageDigest.getInstance("SHA-256")
                    .digest(INLINE.getBytes(StandardCharsets.UTF_8)));
    assertThat(policy)
        .startsWith("default-src 'self'; script-src 'self' 'sha256-" + hash + "';")
        .contains("frame-ancestors 'none'")
        .doesNotContain("unsafe");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "assets/console.js", "api/overview", "api/none", "nothing"})
  void everyAnswerIsGuarded(String path) throws Exception {
    Map<String, List<String>> headers = get(path).headers().map();

    assertThat(headers)
        .containsKeys(
            "content-security-policy", "x-content-type-options", "x-frame-options", "cache-control")
        .doesNotContainKeys("access-control-allow-origin", "server");
  }

  @Test
  void assetsAreKeptByTheirTag() throws Exception {
    HttpResponse<byte[]> first = get("assets/console.js");
    String tag = first.headers().firstValue("etag").orElseThrow();

    assertThat(first.headers().firstValue("content-type"))
        .hasValue("text/javascript; charset=utf-8");
    assertThat(new String(first.body(), StandardCharsets.UTF_8)).startsWith("let page;");
    HttpResponse<byte[]> again = get("assets/console.js", "If-None-Match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(get("assets/lib/d3.min.js").statusCode()).isEqualTo(200);
  }

  @Test
  void longAnswersAreCompressedForWhoTakesIt() throws Exception {
    HttpResponse<byte[]> compressed = get("assets/console.js", "Accept-Encoding", "gzip");

    assertThat(compressed.headers().firstValue("content-encoding")).hasValue("gzip");
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed.body()))) {
      assertThat(in.readAllBytes()).isEqualTo(get("assets/console.js").body());
    }
    assertThat(get("assets/console.js", "Accept-Encoding", "gzip;q=0").headers().map())
        .doesNotContainKey("content-encoding");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"})
  void nothingCanBeChanged(String method) throws Exception {
    String answer =
        raw(method + " /api/overview HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 405").contains("Allow: GET, HEAD", "read-only");
  }

  @Test
  void headSaysWhatGetWould() throws Exception {
    HttpResponse<byte[]> head = ask("HEAD", "assets/console.js");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("content-length")).hasValue("4500");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/assets/../secret.js",
        "/assets/%2e%2e/secret.js",
        "/assets/..%2fsecret.js",
        "/assets/%252e%252e/secret.js",
        "/assets/lib/../../secret.js",
        "/assets/..\\secret.js",
        "/assets//secret.js",
        "/assets/lib/",
        "/assets/.",
        "/assets/console.html",
        "/assets/;/../secret.js",
        "/../secret.js",
        "/secret.js",
        "/assets/%00.js"
      })
  void nothingBesideTheAssetsIsReached(String path) throws Exception {
    String answer =
        raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

    assertThat(answer).matches("(?s)HTTP/1.1 (404|400) .*");
    assertThat(answer.substring(answer.indexOf("\r\n\r\n"))).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "169.254.0.1"})
  void aForeignNameThatResolvesToThisMachineGetsNothing(String host) throws Exception {
    String answer =
        raw("GET /api/overview HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 421").doesNotContain("totals");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1:9", "[::1]:7007", "LOCALHOST:1"})
  void theMachinesOwnNamesAreAnswered(String host) throws Exception {
    String answer =
        raw("GET /api/overview HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 200").contains("totals");
  }

  private String rawAtEveryAddress(String host) throws IOException {
    server.close();
    server = start("0.0.0.0", 0);
    return raw("GET /api/overview HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "1.2.3.4.5", "a.b"})
  void offLoopbackAForeignNameGetsNothingEither(String host) throws Exception {
    assertThat(rawAtEveryAddress(host)).startsWith("HTTP/1.1 421").doesNotContain("totals");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"192.0.2.7:7007", "[2001:db8::7]:7007", "localhost", "0.0.0.0", "MACHINE"})
  void offLoopbackAddressesAndTheMachinesNameAreAnswered(String host) throws Exception {
    String named = host.equals("MACHINE") ? InetAddress.getLocalHost().getHostName() : host;

    assertThat(rawAtEveryAddress(named)).startsWith("HTTP/1.1 200").contains("totals");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET /api/key?key=%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /api/key?key=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      })
  void whatIsNoRequestIsRefusedWithoutATrace(String request) throws Exception {
    String answer = raw(request);

    assertThat(answer).matches("(?s)HTTP/1.1 (4\\d\\d|505) .*");
    assertThat(answer).doesNotContain("Exception", "\tat ", "etty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "api/keys?page=-1",
        "api/keys?page=x",
        "api/keys?size=501",
        "api/keys?size=0",
        "api/keys?sort=none",
        "api/events?limit=1000000",
        "api/events?after=x",
        "api/key",
        "api/key?key="
      })
  void wrongQuestionsAreAnsweredWithASentence(String question) throws Exception {
    HttpResponse<byte[]> answer = get(question);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(json(answer).path("message").asText()).isNotBlank();
  }

  @Test
  void aLongSearchAndALongHeaderAreRefused() throws Exception {
    assertThat(get("api/keys?search=" + "x".repeat(257)).statusCode()).isEqualTo(400);
    assertThat(get("api/keys?search=" + "x".repeat(20_000)).statusCode()).isIn(414, 431);
  }

  @Test
  void unknownKeysAndAddressesAreSaidInJson() throws Exception {
    HttpResponse<byte[]> key = get("api/key?key=none");
    HttpResponse<byte[]> question = get("api/none");

    assertThat(key.statusCode()).isEqualTo(404);
    assertThat(json(key).path("message").asText()).contains("not known");
    assertThat(question.statusCode()).isEqualTo(404);
    assertThat(json(question).path("message").asText()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "..",
        "../../etc/passwd",
        "a/b",
        "<script>alert(1)</script>",
        "\"quoted\" & 'more'",
        "käse 日本語 🙂",
        "\u0000\u001f\u2028",
        "%41",
        "a+b",
        "a;b=c",
        "#?&=",
        "\u202egnirts",
        "ı İ ß",
        "\ud83d"
      })
  void everyKeyIsFoundByItsNameAndBySearch(String key) throws Exception {
    // A lone surrogate cannot be sent: it comes as a question mark.
    String sent = new String(key.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    state.predicted(Seen.prediction("id of " + sent, sent, Seen.START), clock[0]);
    state.predicted(Seen.prediction("other", "other", Seen.START), clock[0]);

    HttpResponse<byte[]> page = get("api/key?key=" + encoded(sent));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type"))
        .hasValue("application/json; charset=utf-8");
    assertThat(json(page).path("keys").path("rows").get(0).path("key").asText()).isEqualTo(sent);
    JsonNode found = json(get("api/keys?search=" + encoded(sent)));
    assertThat(found.path("matching").asInt()).isEqualTo(1);
    assertThat(found.path("rows").get(0).path("key").asText()).isEqualTo(sent);
    JsonNode events = json(get("api/events?key=" + encoded(sent))).path("events");
    assertThat(events).hasSize(1);
    assertThat(events.get(0).path("eventId").asText()).isEqualTo("id of " + sent);
  }

  @Test
  void aKeyWithASnapshotHasItsModel() throws Exception {
    state.predicted(Seen.prediction("e", "key", Seen.START), clock[0]);
    assertThat(json(get("api/key?key=key")).path("models").isNull()).isTrue();

    state.published("key", new ModelPlace(0, 17, 3, 1000));

    assertThat(json(get("api/key?key=key")).path("models").get(0).path("version").asInt())
        .isEqualTo(3);
  }

  @Test
  void aPortThatIsTakenIsTold() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> start("127.0.0.1", taken.getLocalPort()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }

  @Test
  void manyReadersAndAWriterSeeConsistentCounts() throws Exception {
    Thread writer =
        new Thread(
            () -> {
              for (int e = 0; e < 20_000; e++) {
                state.predicted(Seen.prediction("e-" + e, "key-" + e % 500, Seen.START), clock[0]);
              }
            });
    writer.start();
    while (writer.isAlive()) {
      assertThat(get("api/keys?sort=events&size=500").statusCode()).isEqualTo(200);
      assertThat(get("api/key?key=key-0").statusCode()).isIn(200, 404);
      assertThat(get("api/events").statusCode()).isEqualTo(200);
    }
    writer.join();

    JsonNode keys = json(get("api/keys?size=500"));
    long events = 0;
    for (JsonNode row : keys.path("rows")) {
      events += row.path("events").asLong();
    }
    assertThat(events).isEqualTo(20_000);
    assertThat(json(get("api/overview")).path("totals").path("events").asLong()).isEqualTo(20_000);
  }
}
