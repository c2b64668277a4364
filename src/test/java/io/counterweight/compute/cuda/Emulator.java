package io.counterweight.compute.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The kernels compiled by g++ into a program that stands in for a device; see {@code
 * src/test/cuda/emulator.cpp}. Compiled once a build.
 */
final class Emulator {
  static final Path KERNELS = Path.of("src/main/cuda");

  private static final Path SOURCES = Path.of("src/test/cuda");
  private static final Path BUILD = Path.of("target/cuda-emulator");

  private Emulator() {}

  /** Whether this machine has a C++ compiler, without which the kernels cannot run here. */
  static boolean isAvailable() {
    return Tool.isInstalled("g++");
  }

  /** The program, for the sources as they are. */
  static synchronized Path program() {
    Path program = BUILD.resolve("emulator-" + KernelSource.hash(KERNELS, SOURCES));
    if (!Files.exists(program)) {
      try {
        Files.createDirectories(BUILD);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Path fresh = BUILD.resolve("emulator-" + ProcessHandle.current().pid());
      Tool.Result result =
          Tool.run(
              TimeUnit.MINUTES.toSeconds(3),
              "g++",
              "-std=c++17",
              "-O2",
              "-Wall",
              "-Werror",
              "-Wno-unknown-pragmas",
              "-U_FORTIFY_SOURCE",
              "-I" + KERNELS,
              "-I" + SOURCES,
              "-o",
              fresh.toString(),
              SOURCES.resolve("emulator.cpp").toString());
      if (result.exitCode() != 0) {
        throw new AssertionError("g++ refused the kernels:\n" + result.output());
      }
      try {
        Files.move(fresh, program);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return program;
  }
}
