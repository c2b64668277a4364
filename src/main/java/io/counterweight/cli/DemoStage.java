package io.counterweight.cli;

import io.counterweight.console.LiveConsole;
import io.counterweight.embedded.EmbeddedKafka;
import io.counterweight.job.LocalJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the demo sets up and takes down again: a directory, a broker, a job, a console. Also when
 * the process is interrupted.
 */
final class DemoStage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DemoStage.class);

  private final Path directory;
  private final Thread onExit = new Thread(this::takeDown, "take-down-demo");
  private EmbeddedKafka kafka;
  private LocalJob job;
  private LiveConsole console;
  private boolean down;

  DemoStage() {
    try {
      directory = Files.createTempDirectory("counterweight-demo");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  Path directory() {
    return directory;
  }

  /** Starts the broker. */
  EmbeddedKafka startKafka() {
    kafka = EmbeddedKafka.start(directory.resolve("kafka"));
    return kafka;
  }

  /** Hands over the job. */
  void running(LocalJob started) {
    job = started;
  }

  /** Hands over the console. */
  void showing(LiveConsole started) {
    console = started;
  }

  private synchronized void takeDown() {
    if (down) {
      return;
    }
    down = true;
    if (console != null) {
      console.close();
    }
    if (job != null) {
      try {
        job.close();
      } catch (IOException e) {
        LOG.warn("The demo's job did not stop in time", e);
      }
    }
    if (kafka != null) {
      kafka.close();
    }
    delete();
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{} could not be removed", directory, e);
    }
  }

  @Override
  public void close() {
    takeDown();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      LOG.debug("The process is ending already", e);
    }
  }
}
