package io.counterweight.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where a command writes its report. */
final class ReportOption {
  private static final String NONE = "none";

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = {
        "Where the report is written, one page with pictures that any browser shows; none for no"
            + " report.",
        "Default: beside --json, or counterweight-COMMAND.html in the working directory"
      })
  private String report;

  ReportOption() {}

  /**
   * Where the report goes, or nowhere.
   *
   * @param json where the results go, or null
   * @throws ParameterException if it cannot be written where the user said
   */
  Optional<Path> file(CommandLine command, Path json) {
    if (NONE.equals(report)) {
      return Optional.empty();
    }
    if (report == null) {
      return Optional.of(
          json == null
              ? Path.of("counterweight-" + command.getCommandName() + ".html")
              : json.resolveSibling(
                  json.getFileName().toString().replaceFirst("(\\.json)?$", ".html")));
    }
    Path file = Path.of(report);
    ReportFile.problemWith(file)
        .ifPresent(
            problem -> {
              throw new ParameterException(command, "--report: " + problem);
            });
    return Optional.of(file);
  }

  /** Writes a report and says where. A place that the user did not choose may be refused. */
  void write(CommandLine command, Path file, Map<String, Object> contents) {
    PrintWriter err = command.getErr();
    try {
      write(file, contents);
      err.println("counterweight: report: " + file);
    } catch (IOException e) {
      if (report != null) {
        throw new CommandFailure(file + " cannot be written: " + e.getMessage(), e);
      }
      err.println(
          "counterweight: there is no report, because "
              + file
              + " cannot be written; choose a place with --report FILE.html");
    }
    err.flush();
  }

  static void write(Path file, Map<String, Object> contents) throws IOException {
    Files.writeString(file, ReportPage.standard().with(contents));
  }
}
