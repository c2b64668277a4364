package io.counterweight.job;

import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job on a Flink cluster inside this process. Closing it cancels it; its newest checkpoint
 * stays.
 */
public final class LocalJob implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What a job consists of. */
  public interface Topology {
    void addTo(StreamExecutionEnvironment env, EngineConfig config);
  }

  private final JobClient client;
  private final Optional<URI> dashboard;

  private LocalJob(JobClient client, Optional<URI> dashboard) {
    this.client = client;
    this.dashboard = dashboard;
  }

  /**
   * Starts the job of a configuration.
   *
   * @param restoreFrom a checkpoint or savepoint to go on from
   * @param restarts whether a failure restarts the job from its newest checkpoint, for ever;
   *     otherwise it ends the job
   * @throws IllegalStateException if the compute backend cannot run here
   * @throws IOException if no free port is left for the dashboard
   * @throws Exception what Flink throws when the job cannot start
   */
  public static LocalJob start(EngineConfig config, Optional<String> restoreFrom, boolean restarts)
      throws Exception {
    return start(ReweightJob::addTo, config, restoreFrom, restarts);
  }

  /**
   * Starts a job of a configuration; as above.
   *
   * @param topology {@code ReweightJob::addTo} or {@code ScoringJob::addTo}
   */
  public static LocalJob start(
      Topology topology, EngineConfig config, Optional<String> restoreFrom, boolean restarts)
      throws Exception {
    Backends.choose(config.compute().backendName());
    Configuration flink = JobEnvironment.local(config, restoreFrom);
    if (!restarts) {
      flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    }
    OptionalInt port = config.job().dashboardPort();
    if (port.isEmpty()) {
      StreamExecutionEnvironment env =
          StreamExecutionEnvironment.createLocalEnvironment(config.job().parallelism(), flink);
      return new LocalJob(submit(env, config, topology), Optional.empty());
    }
    int taken = port.getAsInt() == 0 ? freePort() : port.getAsInt();
    flink.set(RestOptions.PORT, taken);
    flink.set(RestOptions.BIND_PORT, Integer.toString(taken));
    JobClient client =
        submit(StreamExecutionEnvironment.createLocalEnvironmentWithWebUI(flink), config, topology);
    return new LocalJob(client, Optional.of(URI.create("http://127.0.0.1:" + taken)));
  }

  private static JobClient submit(
      StreamExecutionEnvironment env, EngineConfig config, Topology topology) throws Exception {
    topology.addTo(env, config);
    return env.executeAsync(config.job().name());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Address of the web dashboard, if the configuration asks for one. */
  public Optional<URI> dashboard() {
    return dashboard;
  }

  public JobClient client() {
    return client;
  }

  /** Completes when the job ends by itself: exceptionally if it failed. */
  public CompletableFuture<?> termination() {
    return client.getJobExecutionResult();
  }

  /** Cancels the job and waits until it has ended. */
  @Override
  public void close() throws IOException {
    if (termination().isDone()) {
      return;
    }
    try {
      cancelUnlessEnded();
      termination().handle((result, failure) -> null).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while the job was being cancelled");
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("The job did not stop within " + PATIENCE.toSeconds() + " s", e);
    }
  }

  private void cancelUnlessEnded()
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      JobStatus status = client.getJobStatus().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (!status.isGloballyTerminalState()) {
        client.cancel().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (IllegalStateException e) {
      // The job has just ended by itself, and the cluster in this process with it.
    }
  }
}
