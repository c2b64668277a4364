package io.counterweight.cli;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** A report as a file of JSON. */
final class ReportFile {
  private ReportFile() {}

  /** Why the file could not be written, to be asked before a long run. */
  static Optional<String> problemWith(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      return Optional.of(file + " is a directory, expected a file");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      return Optional.of(file + " cannot be written: there is no directory " + folder);
    }
    return Optional.empty();
  }

  static void write(Path file, Map<String, Object> report) {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter().withObjectIndenter(lines);
    try {
      String text = new ObjectMapper().writer(printer).writeValueAsString(report);
      Files.writeString(file, text + "\n", StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandFailure(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
