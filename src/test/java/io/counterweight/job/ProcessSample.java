package io.counterweight.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a JVM holds.
 *
 * @param seconds since the beginning of the test
 * @param process its name
 * @param pid of this life of it
 * @param residentBytes memory that the system has given it
 * @param handles open files and sockets
 * @param threads of the system
 * @param jvm what the JVM says of itself; null where it was not asked
 */
record ProcessSample(
    double seconds,
    String process,
    long pid,
    double residentBytes,
    double handles,
    double threads,
    Jvm jvm) {

  /**
   * After a full garbage collection.
   *
   * @param heapBytes on the heap
   * @param classes loaded
   * @param nativeBytes committed by the JVM beyond the heap, by its own tracking: classes, code,
   *     stacks, buffers; not what libraries such as RocksDB take from the system
   */
  record Jvm(double heapBytes, double classes, double nativeBytes) {}

  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");
  private static final Pattern USED = Pattern.compile("(?m)^ *\\S.* generation .* used (\\d+)K");
  private static final Pattern CLASSES = Pattern.compile("classes #(\\d+)");
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total: .*committed=(\\d+)KB");
  private static final Pattern HEAP = Pattern.compile("Java Heap \\(.*committed=(\\d+)KB");
  private static final int PATIENCE_SECONDS = 60;

  /**
   * Asks the system.
   *
   * @param commands a file with the commands for the JVM ({@link #COMMANDS}), or null not to ask it
   * @throws IOException if the process is not there, or goes away meanwhile
   */
  static ProcessSample take(double seconds, String process, long pid, Path commands)
      throws IOException, InterruptedException {
    Jvm jvm = commands == null ? null : ask(pid, commands);
    Path folder = Path.of("/proc", Long.toString(pid));
    String status = Files.readString(folder.resolve("status"));
    try (Stream<Path> handles = Files.list(folder.resolve("fd"))) {
      return new ProcessSample(
          seconds,
          process,
          pid,
          number(RESIDENT, status) * 1024,
          handles.count(),
          number(THREADS, status),
          jvm);
    }
  }

  /** The JVM needs {@code -XX:+UseSerialGC -XX:NativeMemoryTracking=summary}. */
  static final String COMMANDS = "GC.run\nGC.heap_info\nVM.native_memory summary scale=KB\n";

  private static Jvm ask(long pid, Path commands) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), "-f", commands.toString())
            .redirectErrorStream(true)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("The JVM " + pid + " does not answer: " + answer);
    }
    double used = 0;
    Matcher generation = USED.matcher(answer);
    while (generation.find()) {
      used += Double.parseDouble(generation.group(1)) * 1024;
    }
    return new Jvm(
        used, number(CLASSES, answer), (number(TOTAL, answer) - number(HEAP, answer)) * 1024);
  }

  private static double number(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException("No " + pattern + " in " + text);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
