package io.counterweight.web;

import static io.counterweight.web.ReportData.list;
import static io.counterweight.web.ReportData.map;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves the console with made-up answers. It can be stopped and started on the same port. */
final class ConsoleStand implements AutoCloseable {
  private static final long START = 1_767_225_600_000L;

  /** Events that come between two questions. */
  private static final int EVENTS_AN_ANSWER = 30;

  private final ReportData data;
  private final int paceMillis;
  private final List<Map<String, Object>> keys = new ArrayList<>();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final AtomicInteger overviews = new AtomicInteger();
  final AtomicInteger eventAnswers = new AtomicInteger();

  /** Questions that are answered 500; the overview is not among them. */
  final Set<String> broken = ConcurrentHashMap.newKeySet();

  private HttpServer server;
  private int port;

  ConsoleStand(ReportData data, int paceMillis) {
    this.data = data;
    this.paceMillis = paceMillis;
    SplittableRandom random = new SplittableRandom(17);
    for (int k = 0; k < data.keys(); k++) {
      keys.add(data.key(k, "shop-" + k, random));
    }
    start();
  }

  String address() {
    return "http://127.0.0.1:" + port + "/";
  }

  void start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    port = server.getAddress().getPort();
    server.setExecutor(threads);
    server.createContext("/", this::page);
    server.createContext("/assets/", this::asset);
    server.createContext("/api/overview", e -> json(e, 200, overview()));
    server.createContext(
        "/api/keys", e -> json(e, broken.contains("keys") ? 500 : 200, keys(query(e))));
    server.createContext("/api/key", this::key);
    server.createContext("/api/events", e -> json(e, 200, events(query(e))));
    server.createContext("/api/drift", e -> json(e, 200, drift()));
    server.start();
  }

  void stop() {
    server.stop(0);
  }

  private void page(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Security-Policy", policy());
    boolean known = exchange.getRequestURI().getPath().equals("/");
    send(exchange, known ? 200 : 404, "text/html; charset=utf-8", known ? console() : new byte[0]);
  }

  /** The page, made to ask as often as this stand is told. */
  private byte[] console() {
    return WebFiles.text("console.html")
        .replace("<html lang=\"en\">", "<html lang=\"en\" data-pace=\"" + paceMillis + "\">")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** As strict as the page can bear: nothing from elsewhere, no script in it but the import map. */
  private static String policy() {
    Matcher map =
        Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL)
            .matcher(WebFiles.text("console.html"));
    map.find();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(map.group(1).getBytes(StandardCharsets.UTF_8));
      return "default-src 'self'; script-src 'self' 'sha256-"
          + Base64.getEncoder().encodeToString(hash)
          + "'; img-src 'self' data:; object-src 'none'; base-uri 'none'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void asset(HttpExchange exchange) throws IOException {
    String name = exchange.getRequestURI().getPath().substring("/assets/".length());
    send(
        exchange, 200, name.endsWith(".css") ? "text/css" : "text/javascript", WebFiles.file(name));
  }

  private Map<String, Object> overview() {
    int asked = overviews.incrementAndGet();
    int samples = 80;
    long now = START + asked * 2000L;
    SplittableRandom random = new SplittableRandom(asked);
    Map<String, Object> byLane = new LinkedHashMap<>();
    Map<String, Object> share = new LinkedHashMap<>();
    for (int l = 0; l < ReportData.LANES.size(); l++) {
      int lane = l;
      byLane.put(
          ReportData.LANES.get(l),
          list(samples, s -> 0.4 + 0.04 * lane + 0.002 * s + 0.02 * random.nextDouble()));
      if (l < ReportData.LANES.size() - 1) {
        share.put(ReportData.LANES.get(l), list(samples, s -> 0.1 + 0.1 * lane));
      }
    }
    return map(
        "time",
        now,
        "job",
        map(
            "name",
            "counterweight",
            "state",
            "RUNNING",
            "dashboard",
            "http://localhost:8081/",
            "upSeconds",
            4000 + 2 * asked),
        "classes",
        list(data.classes(), String::valueOf),
        "lanes",
        ReportData.LANES,
        "concepts",
        list(data.concepts(), String::valueOf),
        "totals",
        map(
            "events",
            1_000_000 + 50_000 * asked,
            "labelled",
            900_000,
            "weights",
            880_000,
            "suspects",
            21_000,
            "rejects",
            12,
            "drifts",
            5,
            "keys",
            data.keys()),
        "rates",
        map("eventsPerSecond", 21_400.0, "lag", 1200),
        "samples",
        map(
            "time",
            list(samples, s -> now - (samples - 1 - s) * 30_000L),
            "eventsPerSecond",
            list(samples, s -> 20_000 + 2000 * random.nextDouble()),
            "lag",
            list(samples, s -> s == 40 ? null : (Object) (1000 + 17 * s)),
            "meanWeight",
            list(samples, s -> 0.98 + 0.03 * random.nextDouble()),
            "suspectShare",
            list(samples, s -> 0.02 + 0.01 * random.nextDouble()),
            "prAuc",
            byLane,
            "gMean",
            byLane,
            "share",
            share),
        "truth",
        "labels as received");
  }

  private Map<String, Object> keys(Map<String, String> query) {
    String search = query.getOrDefault("search", "");
    int page = Integer.parseInt(query.getOrDefault("page", "0"));
    int size = Integer.parseInt(query.getOrDefault("size", "50"));
    List<Map<String, Object>> matching =
        keys.stream().filter(key -> key.get("key").toString().contains(search)).toList();
    List<Map<String, Object>> sorted = new ArrayList<>(matching);
    sorted.sort(order(query.getOrDefault("sort", "events")));
    int from = Math.min(page * size, sorted.size());
    return map(
        "total",
        keys.size(),
        "matching",
        matching.size(),
        "page",
        page,
        "size",
        size,
        "rows",
        sorted.subList(from, Math.min(from + size, sorted.size())));
  }

  private static Comparator<Map<String, Object>> order(String sort) {
    return switch (sort) {
      case "key" -> Comparator.comparing(key -> key.get("key").toString());
      case "weight" -> Comparator.comparing(key -> (Double) key.get("meanWeight"));
      default ->
          Comparator.<Map<String, Object>, Integer>comparing(key -> (Integer) key.get(sort))
              .reversed();
    };
  }

  private void key(HttpExchange exchange) throws IOException {
    String key = query(exchange).get("key");
    boolean known = keys.stream().anyMatch(row -> row.get("key").equals(key));
    if (broken.contains("key")) {
      json(exchange, 500, map("message", "Broken"));
    } else if (known) {
      json(exchange, 200, data.live(key));
    } else {
      json(exchange, 404, map("message", "There is no key '" + key + "'."));
    }
  }

  private Map<String, Object> events(Map<String, String> query) {
    int after = Integer.parseInt(query.getOrDefault("after", "0"));
    int limit = Integer.parseInt(query.getOrDefault("limit", "50"));
    int newest = EVENTS_AN_ANSWER * eventAnswers.incrementAndGet();
    List<Object> events = new ArrayList<>();
    for (int seq = newest; seq > Math.max(after, newest - limit); seq--) {
      // The newest event of an answer is one of the answer before, which now has its weight.
      boolean again = seq % EVENTS_AN_ANSWER == 0 && seq > EVENTS_AN_ANSWER;
      int event = again ? seq - EVENTS_AN_ANSWER - 5 : seq;
      SplittableRandom random = new SplittableRandom(event);
      double p = random.nextDouble();
      boolean labelled = again || event % 3 != 0;
      events.add(
          map(
              "seq",
              seq,
              "eventId",
              "tx-" + event,
              "modelKey",
              "shop-" + event % data.keys(),
              "eventTime",
              START + event * 100L,
              "probabilities",
              List.of(1 - p, p),
              "predicted",
              p > 0.5 ? 1 : 0,
              "label",
              labelled ? 0 : null,
              "weight",
              labelled ? 1.1 - p : null,
              "belief",
              labelled ? 1 - p / 2 : null,
              "suspect",
              labelled ? p > 0.9 : null,
              "loss",
              labelled ? -Math.log(1 - p) : null,
              "reasons",
              List.of(List.of("place", 2 * p - 1), List.of("(others)", 0.1)),
              "driftState",
              "STABLE",
              "driftKind",
              "NONE"));
    }
    return map("next", newest, "events", events);
  }

  private Map<String, Object> drift() {
    List<Object> newestFirst = new ArrayList<>((List<?>) data.report().get("drift"));
    Collections.reverse(newestFirst);
    return map("events", newestFirst);
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new LinkedHashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        query.put(
            pair.substring(0, equals),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static void json(HttpExchange exchange, int status, Object value) throws IOException {
    send(
        exchange,
        status,
        "application/json",
        WebFiles.json(value).getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    stop();
    threads.shutdownNow();
  }
}
