package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options {@code --config} and {@code --set} of commands that need a configuration. */
final class JobConfig {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The job's configuration (YAML).")
  private Path file;

  @Mixin private Overrides overrides;

  JobConfig() {}

  /**
   * Reads the configuration.
   *
   * @throws io.counterweight.config.ConfigException if it is wrong
   */
  EngineConfig load() {
    return EngineConfig.load(file, overrides.assignments());
  }
}
