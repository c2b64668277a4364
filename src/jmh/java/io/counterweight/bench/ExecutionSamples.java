package io.counterweight.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Samples of what Java threads execute, by the JDK's flight recorder. Threads inside native code
 * (sockets, RocksDB, compression), GC and JIT are not in them.
 */
final class ExecutionSamples {
  private static final Duration PERIOD = Duration.ofMillis(10);

  /**
   * A sample.
   *
   * @param thread its name
   * @param frames {@code package.Class.method}, innermost first
   */
  record Sample(String thread, List<String> frames) {}

  private final Recording recording = new Recording();

  /** Starts sampling. */
  ExecutionSamples() {
    recording.enable("jdk.ExecutionSample").withPeriod(PERIOD);
    recording.start();
  }

  /**
   * Stops sampling.
   *
   * @param from where to begin to count
   */
  List<Sample> stop(Instant from) throws IOException {
    Path file = Files.createTempFile("samples", ".jfr");
    try (recording) {
      recording.stop();
      recording.dump(file);
      List<Sample> samples = new ArrayList<>();
      for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
        if (event.getEventType().getName().equals("jdk.ExecutionSample")
            && event.getStartTime().isAfter(from)
            && event.getStackTrace() != null) {
          RecordedThread thread = event.getThread("sampledThread");
          samples.add(
              new Sample(
                  thread == null || thread.getJavaName() == null ? "" : thread.getJavaName(),
                  event.getStackTrace().getFrames().stream()
                      .map(f -> f.getMethod().getType().getName() + "." + f.getMethod().getName())
                      .toList()));
        }
      }
      return samples;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Samples counted by a name, most first. */
  static Map<String, Integer> count(List<Sample> samples, Function<Sample, String> name) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (Sample sample : samples) {
      counts.merge(name.apply(sample), 1, Integer::sum);
    }
    Map<String, Integer> ordered = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
    return ordered;
  }
}
