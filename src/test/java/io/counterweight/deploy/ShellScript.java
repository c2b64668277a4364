package io.counterweight.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a script of {@code deploy} with a stand-in for the tool that it calls. */
final class ShellScript {
  private final Path script;
  private final Path directory;

  ShellScript(String script, Path directory) {
    this.script = DeployFiles.FOLDER.resolve(script).toAbsolutePath();
    this.directory = directory;
  }

  /**
   * A tool that writes down its arguments, a line for each call.
   *
   * @param output what it prints
   */
  void standIn(String tool, String output) throws IOException {
    Path file = directory.resolve(tool);
    Files.writeString(directory.resolve(tool + ".out"), output);
    Files.writeString(
        file,
        "#!/usr/bin/env bash\necho \"$*\" >> '%s'\ncat '%s'\n"
            .formatted(directory.resolve("calls"), directory.resolve(tool + ".out")));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Runs it and returns the calls of the tool. */
  List<String> run(Map<String, String> environment) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", script.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().putAll(environment);
    builder.environment().merge("PATH", directory + ":", (path, first) -> first + path);
    Process process = builder.start();
    if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(script + ": " + Files.readString(directory.resolve("output")));
    }
    return Files.readAllLines(directory.resolve("calls"));
  }
}
