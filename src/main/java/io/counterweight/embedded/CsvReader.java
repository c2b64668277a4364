package io.counterweight.embedded;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads a file of comma-separated values, plain or gzip, into {@link CsvRows}. */
final class CsvReader {
  /** How files say that a value is missing. */
  private static final Set<String> MISSING =
      Set.of("", "NaN", "nan", "NA", "N/A", "null", "NULL", "None");

  /** So many bad lines are let pass whatever their share: small files are looked at by eye. */
  private static final int FEW = 50;

  private static final int MOST_DETAILS = 100;
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private final CsvFeed.Options options;
  private final List<CsvFeed.Reject> rejects = new ArrayList<>();
  private long rejectCount;
  private CsvHeader header;
  private CsvRows rows;
  private float[] values;

  CsvReader(CsvFeed.Options options) {
    this.options = options;
  }

  CsvHeader header() {
    return header;
  }

  CsvRows rows() {
    return rows;
  }

  /** The first {@value #MOST_DETAILS} rejected lines. */
  List<CsvFeed.Reject> rejects() {
    return List.copyOf(rejects);
  }

  long rejectCount() {
    return rejectCount;
  }

  /**
   * Reads it all.
   *
   * @throws FeedException if the file cannot be read, or has no header or no usable row
   */
  void read() {
    Path file = options.file();
    if (!Files.isRegularFile(file)) {
      throw new FeedException(
          Files.exists(file)
              ? file + " is not a file; give a .csv or .csv.gz file"
              : "There is no file " + file + "; check the path");
    }
    try (BufferedReader reader = open(file)) {
      readLines(reader);
    } catch (EOFException | ZipException e) {
      throw new FeedException(file + " is not a whole gzip file; copy or download it again", e);
    } catch (IOException e) {
      throw new FeedException(file + " cannot be read: " + e.getMessage(), e);
    }
    if (rows.size() == 0) {
      throw new FeedException(
          rejects.isEmpty()
              ? file + ": there are no data rows after the header"
              : String.format(
                  "%s: none of %d data rows can be used; line %d: %s",
                  file, rejectCount, rejects.get(0).line(), rejects.get(0).reason()));
    }
    if (rejectCount > FEW && rejectCount > rows.size()) {
      throw new FeedException(
          String.format(
              "%s: only %d of %d data rows can be used, which would say little of the file; line %d: %s",
              file,
              rows.size(),
              rows.size() + rejectCount,
              rejects.get(0).line(),
              rejects.get(0).reason()));
    }
  }

  private void readLines(BufferedReader reader) throws IOException {
    List<String> fields = new ArrayList<>();
    String first = reader.readLine();
    if (first == null || first.isBlank()) {
      throw new FeedException(
          options.file()
              + (first == null ? " is empty" : ": the first line is blank")
              + "; the first line must name the columns");
    }
    try {
      CsvLine.split(first, fields);
    } catch (IllegalArgumentException e) {
      throw new FeedException(options.file() + ", line 1: " + e.getMessage(), e);
    }
    header = CsvHeader.of(fields, options);
    rows = new CsvRows(header.features().length, header.time() >= 0);
    values = new float[header.features().length];
    String text;
    for (int line = 2; (text = reader.readLine()) != null; line++) {
      if (text.isBlank()) {
        continue;
      }
      try {
        CsvLine.split(text, fields);
        addRow(line, fields);
      } catch (IllegalArgumentException e) {
        reject(line, e.getMessage());
      }
    }
  }

  private void addRow(int line, List<String> fields) {
    if (fields.size() != header.names().size()) {
      throw new IllegalArgumentException(
          fields.size() + " fields, expected the header's " + header.names().size());
    }
    for (int i = 0; i < values.length; i++) {
      int column = header.features()[i];
      values[i] = number(header.names().get(column), fields.get(column));
    }
    int label = label(fields.get(header.label()));
    String key = header.key() < 0 ? Feed.DEFAULT_KEY : fields.get(header.key());
    if (key.isEmpty()) {
      throw new IllegalArgumentException(
          "the key column '" + options.columns().key() + "' is empty");
    }
    long time = header.time() < 0 ? 0 : time(fields.get(header.time()));
    rows.add(line, values, label, key, time);
  }

  private void reject(long line, String reason) {
    rejectCount++;
    if (rejects.size() < MOST_DETAILS) {
      rejects.add(new CsvFeed.Reject(line, reason));
    }
  }

  private static float number(String column, String text) {
    if (MISSING.contains(text)) {
      return Float.NaN;
    }
    char last = text.charAt(text.length() - 1);
    float value;
    try {
      value = Character.isLetter(last) ? Float.NaN : Float.parseFloat(text);
    } catch (NumberFormatException e) {
      value = Float.NaN;
    }
    if (Float.isNaN(value)) {
      throw new IllegalArgumentException(
          "column '"
              + column
              + "' is '"
              + text
              + "', expected a number, or nothing if missing; leave a column of"
              + " text out with --ignore "
              + column);
    }
    if (Float.isInfinite(value)) {
      throw new IllegalArgumentException(
          "column '" + column + "' is '" + text + "', beyond the range of a float (3.4e38)");
    }
    return value;
  }

  /** An integer, also as 1.0. */
  private int label(String text) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "label column '"
              + options.columns().label()
              + "' is '"
              + text
              + "', expected an integer; write classes as 0, 1, …");
    }
    return (int) value;
  }

  /** Milliseconds since the epoch, or an ISO 8601 date or time, in UTC unless it says otherwise. */
  private long time(String text) {
    try {
      if (text.matches("[+-]?[0-9]+")) {
        return Long.parseLong(text);
      }
      String iso = text.replaceFirst("^([0-9-]{10}) ", "$1T");
      if (iso.length() == 10) {
        return LocalDate.parse(iso).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
      }
      boolean zoned = iso.matches(".*T.*([Zz]|[+-][0-9:]+)");
      Instant instant =
          zoned
              ? OffsetDateTime.parse(iso).toInstant()
              : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
      return instant.toEpochMilli();
    } catch (DateTimeParseException | NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException(
          String.format(
              "time column '%s' is '%s', expected milliseconds since 1970, or a time such as"
                  + " 2020-01-31T10:00:00Z",
              options.columns().time(), text),
          e);
    }
  }

  /** Unpacks a file that begins like gzip, whatever it is called, and drops a byte order mark. */
  private static BufferedReader open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      PushbackInputStream bytes = new PushbackInputStream(raw, 2);
      byte[] magic = bytes.readNBytes(2);
      bytes.unread(magic);
      boolean gzip = magic.length == 2 && magic[0] == (byte) 0x1f && magic[1] == (byte) 0x8b;
      InputStream text = gzip ? new GZIPInputStream(bytes, 1 << 16) : bytes;
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8), 1 << 16);
      skipByteOrderMark(reader);
      return reader;
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private static void skipByteOrderMark(Reader reader) throws IOException {
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
  }
}
