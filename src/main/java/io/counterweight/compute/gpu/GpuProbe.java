package io.counterweight.compute.gpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Asks the NVIDIA driver for its GPUs through {@code nvidia-smi}, which comes with the driver, so
 * that a library that cannot run here need not be loaded to find out.
 */
public final class GpuProbe {
  private static final List<String> COMMAND =
      List.of("nvidia-smi", "--query-gpu=name,compute_cap", "--format=csv,noheader");
  private static final int SECONDS = 20;

  /**
   * What was found.
   *
   * @param gpus in the driver's order; empty exactly where something is missing
   * @param missing why there are none, part of a sentence; else empty
   */
  public record Result(List<Gpu> gpus, String missing) {
    public Result {
      gpus = List.copyOf(gpus);
    }

    static Result found(List<Gpu> gpus) {
      return new Result(gpus, "");
    }

    static Result none(String missing) {
      return new Result(List.of(), missing);
    }
  }

  private GpuProbe() {}

  /** The GPUs of this machine. Starts a process; does not throw. */
  public static Result probe() {
    return probe(COMMAND);
  }

  static Result probe(List<String> command) {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return Result.none(
          "there is no NVIDIA driver on this machine (" + command.get(0) + " is not on the PATH)");
    }
    try {
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        return Result.none(
            "the NVIDIA driver does not answer ("
                + command.get(0)
                + " took over "
                + SECONDS
                + " s)");
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return read(process.exitValue(), output);
    } catch (IOException e) {
      return Result.none("the NVIDIA driver's answer cannot be read (" + e.getMessage() + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Result.none("the question to the NVIDIA driver was interrupted");
    } finally {
      process.destroyForcibly();
    }
  }

  /** Reads lines such as {@code NVIDIA GeForce RTX 3090, 8.6}. */
  static Result read(int exitCode, String output) {
    List<String> lines = output.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    if (exitCode != 0) {
      return Result.none(
          "the NVIDIA driver does not work (nvidia-smi says: "
              + (lines.isEmpty() ? "exit code " + exitCode : lines.get(0))
              + ")");
    }
    List<Gpu> gpus = new ArrayList<>();
    for (String line : lines) {
      int comma = line.lastIndexOf(',');
      try {
        gpus.add(
            new Gpu(
                line.substring(0, Math.max(0, comma)).strip(),
                ComputeCapability.parse(line.substring(comma + 1).strip())));
      } catch (IllegalArgumentException e) {
        return Result.none(
            "the NVIDIA driver does not tell its GPUs' compute capability (nvidia-smi says: "
                + line
                + ")");
      }
    }
    return gpus.isEmpty() ? Result.none("the NVIDIA driver sees no GPU") : Result.found(gpus);
  }
}
