package io.counterweight.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What was measured on.
 *
 * @param cpu name of the processor, as the operating system gives it
 * @param processors that the JVM may use
 * @param system operating system and architecture
 * @param java name and version of the JVM
 * @param heapMebibytes the largest heap, in MiB
 */
public record Machine(String cpu, int processors, String system, String java, long heapMebibytes) {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** This one. */
  public static Machine here() {
    Runtime runtime = Runtime.getRuntime();
    return new Machine(
        cpuName(),
        runtime.availableProcessors(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        runtime.maxMemory() >> 20);
  }

  private static String cpuName() {
    try {
      return cpuNamed(Files.readAllLines(CPU_INFO, StandardCharsets.UTF_8));
    } catch (IOException e) {
      return cpuNamed(List.of());
    }
  }

  /** From the lines of Linux's cpuinfo; other systems tell the architecture only. */
  static String cpuNamed(List<String> cpuInfo) {
    return cpuInfo.stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /** On one line. */
  public String description() {
    return cpu
        + ", "
        + processors
        + (processors == 1 ? " processor, " : " processors, ")
        + system
        + ", "
        + java
        + ", heap "
        + heapMebibytes
        + " MiB";
  }
}
