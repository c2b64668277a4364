package io.counterweight.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The cluster of {@code deploy/local-cluster}, driven by that script on ports of its own. */
final class LocalCluster implements AutoCloseable {
  private static final Path SCRIPT = Path.of("deploy", "local-cluster").toAbsolutePath();
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Path directory;
  private final List<String> prefix;
  private final Map<String, String> environment;
  private final String broker;
  private final String rest;
  private final Thread onExit = new Thread(this::stopOnExit, "stop-local-cluster");

  LocalCluster(Path directory) throws IOException {
    this(directory, List.of(), "");
  }

  /**
   * A cluster that starts its processes in a way of its own.
   *
   * @param prefix of the calls of the script: a program that runs another, with its arguments
   * @param jvmFlags further flags for each JVM, divided by spaces
   */
  LocalCluster(Path directory, List<String> prefix, String jvmFlags) throws IOException {
    this.directory = directory;
    this.prefix = List.copyOf(prefix);
    List<Integer> ports = freePorts(4);
    broker = "127.0.0.1:" + ports.get(0);
    rest = "http://127.0.0.1:" + ports.get(1);
    environment =
        Map.of(
            "JAVA_HOME", System.getProperty("java.home"),
            "CLUSTER_DIR", directory.toString(),
            "BROKER_PORT", ports.get(0).toString(),
            "REST_PORT", ports.get(1).toString(),
            "RPC_PORT", ports.get(2).toString(),
            "ZOOKEEPER_PORT", ports.get(3).toString(),
            "JVM_FLAGS", jvmFlags,
            "TASK_HEAP", "256m",
            "TASK_MANAGED", "64m");
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  private void stopOnExit() {
    try {
      call("stop");
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("The cluster may still run", e);
    }
  }

  private static List<Integer> freePorts(int count) throws IOException {
    List<Integer> ports = new ArrayList<>();
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        ports.add(sockets.get(i).getLocalPort());
      }
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
    return ports;
  }

  String bootstrapServers() {
    return broker;
  }

  URI dashboard() {
    return URI.create(rest);
  }

  /** Calls the script; returns what it prints. */
  String call(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of("bash", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(directory, "call", ".out");
    Path err = Files.createTempFile(directory, "call", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(command + " does not end: " + Files.readString(err));
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(command + " failed: " + Files.readString(err));
    }
    return Files.readString(out).strip();
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(rest + path)).timeout(Duration.ofSeconds(20)).build();
    String answer =
        http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8)).body();
    return json.readTree(answer);
  }

  /** The process ids of what was started, by name. */
  Map<String, Long> processes() throws IOException {
    Map<String, Long> processes = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.pid")) {
      for (Path file : files) {
        String name = file.getFileName().toString().replace(".pid", "");
        String pid = Files.readString(file).strip();
        if (!pid.isEmpty()) {
          processes.put(name, Long.valueOf(pid));
        }
      }
    }
    return processes;
  }

  /** Slots that no task has. */
  int freeSlots() throws IOException, InterruptedException {
    return get("/overview").path("slots-available").asInt();
  }

  /** The stack traces of a job's failures so far, the newest first; Flink keeps 16 of them. */
  List<String> failures(String job) throws IOException, InterruptedException {
    List<String> failures = new ArrayList<>();
    for (JsonNode entry :
        get("/jobs/" + job + "/exceptions").path("exceptionHistory").path("entries")) {
      failures.add(entry.path("stacktrace").asText());
    }
    return failures;
  }

  /** The parallelism of the widest part of a job. */
  int parallelism(String job) throws IOException, InterruptedException {
    int widest = 0;
    for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
      widest = Math.max(widest, vertex.path("parallelism").asInt());
    }
    return widest;
  }

  /** How many checkpoints of a job have failed. */
  int failedCheckpoints(String job) throws IOException, InterruptedException {
    return checkpoints(job, "failed");
  }

  /** How many checkpoints of a job are complete. */
  int completedCheckpoints(String job) throws IOException, InterruptedException {
    return checkpoints(job, "completed");
  }

  /** Whether all tasks of a job run; also a JobManager that is not yet the leader says no. */
  boolean isRunning(String job) throws IOException, InterruptedException {
    JsonNode vertices = get("/jobs/" + job).path("vertices");
    for (JsonNode vertex : vertices) {
      if (!vertex.path("status").asText().equals("RUNNING")) {
        return false;
      }
    }
    return !vertices.isEmpty();
  }

  /** Bytes of all state in the newest complete checkpoint; zero before the first. */
  long stateBytes(String job) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/checkpoints")
        .path("latest")
        .path("completed")
        .path("state_size")
        .asLong();
  }

  private int checkpoints(String job, String kind) throws IOException, InterruptedException {
    return get("/jobs/" + job + "/checkpoints").path("counts").path(kind).asInt();
  }

  /** All that the processes have logged. */
  String logs() throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path log : logFiles()) {
      text.append(Files.readString(log));
    }
    return text.toString();
  }

  private List<Path> logFiles() throws IOException {
    try (var logs = Files.list(directory.resolve("log"))) {
      return logs.sorted().toList();
    }
  }

  /** What a failed test wants to know: the jobs, their exceptions, the ends of the logs. */
  Throwable state() {
    StringBuilder text = new StringBuilder("The cluster:\n");
    try {
      text.append(call("status"));
      for (JsonNode job : get("/jobs").path("jobs")) {
        String id = job.path("id").asText();
        text.append('\n').append(job).append('\n');
        text.append(get("/jobs/" + id + "/checkpoints").path("counts")).append('\n');
        failures(id).stream().limit(1).forEach(text::append);
      }
      for (Path log : logFiles()) {
        List<String> lines = Files.readAllLines(log);
        text.append("\n").append(log.getFileName()).append(":\n");
        text.append(String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size())));
      }
    } catch (IOException | InterruptedException | AssertionError e) {
      text.append(e);
    }
    return new AssertionError(text.toString());
  }

  @Override
  public void close() throws IOException {
    try {
      call("stop");
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while the cluster was being stopped");
    }
  }
}
