package io.counterweight.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a report shows, in the form that docs/report.md describes. A file of results, as {@code
 * --json} writes it, holds the numbers of the run as before and the rest under {@code report}.
 */
final class ReportContents {
  /** Version of the form. */
  static final int FORMAT = 1;

  /** Rows of the table of keys at the most: a page of them all could not be sent around. */
  static final int MOST_KEYS = 3_000;

  private static final String REPORT = "report";
  private static final String RUNS = "runs";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReportContents() {}

  /**
   * The contents of a file of results: of one run, of several, of a suite.
   *
   * @param results the run's numbers, or {@code runs} and {@code summary}
   * @param report the rest, of the first run
   */
  static Map<String, Object> file(Map<String, Object> results, Map<String, Object> report) {
    Map<String, Object> file = new LinkedHashMap<>(results);
    file.put(REPORT, report);
    return file;
  }

  /** The report of a file of results. */
  static Map<String, Object> ofRun(Map<String, Object> file) {
    Map<String, Object> results = new LinkedHashMap<>(file);
    Map<String, Object> rest = object(results.remove(REPORT));
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("format", rest.get("format"));
    report.put("kind", rest.get("kind"));
    report.put("title", rest.get("title"));
    if (results.get(RUNS) instanceof List<?> runs && !runs.isEmpty()) {
      report.put("run", runs.get(0));
      report.put(RUNS, runs.size());
      report.put("summary", results.get("summary"));
    } else {
      report.put("run", results);
    }
    rest.forEach(report::putIfAbsent);
    return report;
  }

  /** The report of a suite of experiments. */
  static Map<String, Object> ofSuite(String title, Map<String, Object> results) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("format", FORMAT);
    report.put("kind", "suite");
    report.put("title", title);
    report.put("suite", results);
    return report;
  }

  /** Whether a file may be one of results, and not of a learner's bytes. */
  static boolean looksLikeJson(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      int first = in.read();
      while (first == ' ' || first == '\n' || first == '\r' || first == '\t') {
        first = in.read();
      }
      return first == '{';
    }
  }

  /**
   * Reads a file of results.
   *
   * @throws CommandFailure with a message that says what to do, if it is none
   */
  static Map<String, Object> read(Path path) {
    Map<String, Object> file;
    try {
      file = JSON.readValue(path.toFile(), new TypeReference<Map<String, Object>>() {});
    } catch (JsonProcessingException e) {
      throw new CommandFailure(
          path + " is no JSON: " + e.getOriginalMessage() + "; it may have been cut off", e);
    } catch (IOException e) {
      throw new CommandFailure(path + " cannot be read: " + e.getMessage(), e);
    }
    if (file.get("streams") instanceof Map) {
      return ofSuite("experiment " + path.getFileName(), file);
    }
    if (!(file.get(REPORT) instanceof Map)) {
      throw new CommandFailure(
          path
              + " holds no report; expected what 'demo --json', 'replay --json' or 'experiment"
              + " --json' of this build wrote, so run that again",
          null);
    }
    Object format = object(file.get(REPORT)).get("format");
    if (!Integer.valueOf(FORMAT).equals(format)) {
      throw new CommandFailure(
          path
              + " is of format "
              + format
              + ", this build reads format "
              + FORMAT
              + "; make the report with the build that wrote the file",
          null);
    }
    return ofRun(file);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }
}
