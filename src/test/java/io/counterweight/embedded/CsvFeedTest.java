package io.counterweight.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.embedded.CsvFeed.Columns;
import io.counterweight.embedded.CsvFeed.Labelling;
import io.counterweight.embedded.CsvFeed.Options;
import io.counterweight.embedded.CsvFeed.Reject;
import io.counterweight.event.Event;
import io.counterweight.model.BatmSpec.Concept;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvFeedTest {
  private static final Columns PLAIN = new Columns("label", null, null, Set.of());

  @TempDir Path directory;

  @Test
  void rowsBecomeEventsASecondApart() throws IOException {
    CsvFeed feed = feed("a,label,b", "1,0,2.5", "-3e2,1,", "0,0,.5");

    List<FeedEvent> events = list(feed);

    assertThat(feed.size()).isEqualTo(3);
    assertThat(feed.featureNames()).containsExactly("a", "b");
    assertThat(feed.classes()).isEqualTo(2);
    assertThat(feed.notes()).isEmpty();
    assertThat(feed.rejects()).isEmpty();
    assertThat(events.get(0).event().features()).containsExactly(1, 2.5f);
    assertThat(events.get(1).event().features()).containsExactly(-300, Float.NaN);
    assertThat(events).extracting(FeedEvent::trueLabel).containsExactly(0, 1, 0);
    assertThat(events)
        .extracting(e -> Instant.ofEpochMilli(e.event().eventTime()).toString())
        .containsExactly("2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", "2020-01-01T00:00:02Z");
    assertThat(events)
        .extracting(e -> e.event().eventId())
        .containsExactly("line-2", "line-3", "line-4");
    assertThat(events).allMatch(e -> e.event().modelKey().equals(Feed.DEFAULT_KEY));
  }

  @Test
  void readsGzipWindowsLineEndsByteOrderMarkAndQuotes() throws IOException {
    byte[] text =
        "\uFEFF\"a\",\"the label\",\"key, quoted\"\r\n1,\"0\",\"x,y\"\r\n\r\n2,\"1\",z\r\n"
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text);
    }
    Path file = Files.write(directory.resolve("data.csv.gz"), bytes.toByteArray());

    CsvFeed feed =
        new CsvFeed(
            Options.of(file).withColumns(new Columns("the label", "key, quoted", null, Set.of())));

    assertThat(list(feed)).extracting(e -> e.event().modelKey()).containsExactly("x,y", "z");
    assertThat(feed.featureNames()).containsExactly("a");
  }

  @Test
  void ignoredColumnsAreNoFeaturesAndMayHoldText() throws IOException {
    Path file = write("name,a,label", "bob,1,0", "eve,2,1");

    CsvFeed feed =
        new CsvFeed(Options.of(file).withColumns(new Columns("label", null, null, Set.of("name"))));

    assertThat(feed.featureNames()).containsExactly("a");
    assertThat(feed.size()).isEqualTo(2);
  }

  @Test
  void otherLabelsAreMappedInSortedOrderAndNoted() throws IOException {
    CsvFeed feed = feed("a,label", "1,3", "1,-1", "1,3.0", "1,7");

    assertThat(list(feed)).extracting(FeedEvent::trueLabel).containsExactly(1, 0, 1, 2);
    assertThat(feed.classes()).isEqualTo(3);
    assertThat(feed.notes())
        .singleElement()
        .asString()
        .contains("'label'", "[-1, 3, 7] are classes 0 to 2");
  }

  @Test
  void timesAreReadInMillisecondsOrIsoAndTheRowsSortedByThem() throws IOException {
    Path file =
        write(
            "when,a,label",
            "2020-01-02T00:00:00Z,1,0",
            "2020-01-01,2,1",
            "1577836800500,3,0",
            "2020-01-01 12:00:00,4,0",
            "2020-01-01T13:00:00+02:00,5,1",
            "yesterday,6,1");

    CsvFeed feed =
        new CsvFeed(Options.of(file).withColumns(new Columns("label", null, "when", Set.of())));

    assertThat(list(feed))
        .extracting(e -> e.event().features()[0])
        .containsExactly(2f, 3f, 5f, 4f, 1f);
    assertThat(feed.notes()).anyMatch(n -> n.contains("sorted by column 'when'"));
    assertThat(feed.rejects().get(0).reason()).contains("'yesterday'", "milliseconds since 1970");
  }

  @Test
  void timesInSecondsAreNoticed() throws IOException {
    Path file = write("when,a,label", "1577836800,1,0", "1577836801,1,1");

    CsvFeed feed =
        new CsvFeed(Options.of(file).withColumns(new Columns("label", null, "when", Set.of())));

    assertThat(feed.notes()).singleElement().asString().contains("milliseconds, not seconds");
  }

  @Test
  void badLinesAreRejectedWithNumberAndReason() throws IOException {
    CsvFeed feed =
        feed(
            "a,b,label",
            "1,2,0",
            "1,2",
            "1,x,0",
            "inf,2,0",
            "1,nan,0",
            "1,NaN,0",
            "1,Infinity,0",
            "1,1e39,0",
            "1,2f,0",
            "1,2,",
            "1,2,yes",
            "1,2,0.5",
            "1,\"2,0",
            "1,2,1");

    assertThat(feed.size()).isEqualTo(4);
    assertThat(feed.rejectCount()).isEqualTo(10);
    assertThat(feed.rejects())
        .extracting(Reject::line)
        .containsExactly(3L, 4L, 5L, 8L, 9L, 10L, 11L, 12L, 13L, 14L);
    assertThat(feed.rejects().get(0).reason()).isEqualTo("2 fields, expected the header's 3");
    assertThat(feed.rejects().get(1).reason()).contains("column 'b' is 'x', expected a number");
    assertThat(feed.rejects().get(4).reason()).contains("beyond the range of a float");
    assertThat(feed.rejects().get(7).reason()).contains("'yes', expected an integer");
    assertThat(feed.rejects().get(9).reason()).contains("not closed");
    assertThat(feed.notes()).singleElement().asString().startsWith("10 of 14 lines were rejected");
    assertThat(list(feed))
        .extracting(e -> e.event().eventId())
        .containsExactly("line-2", "line-6", "line-7", "line-15");
    assertThat(list(feed).get(1).event().features()[1]).as("nan is missing").isNaN();
  }

  @Test
  void rejectsAreCountedInFullAndDetailedUpToALimit() throws IOException {
    String bad = IntStream.range(0, 500).mapToObj(i -> "x,0").collect(Collectors.joining("\n"));

    CsvFeed feed = feed("a,label", "1,0", bad, bad.replace("x,0", "2,1"));

    assertThat(feed.rejectCount()).isEqualTo(500);
    assertThat(feed.rejects()).hasSize(100);
  }

  @Test
  void aFileOfWhichMostCannotBeReadIsRefused() {
    String bad = IntStream.range(0, 500).mapToObj(i -> "x,0").collect(Collectors.joining("\n"));

    assertThatThrownBy(() -> feed("a,label", "1,0", bad, "2,1"))
        .isInstanceOf(FeedException.class)
        .hasMessageContaining("only 2 of 502 data rows")
        .hasMessageContaining("--ignore a");
  }

  @Test
  void anEmptyKeyIsRejected() throws IOException {
    Path file = write("a,k,label", "1,x,0", "1,,1", "1,y,1");

    CsvFeed feed =
        new CsvFeed(Options.of(file).withColumns(new Columns("label", "k", null, Set.of())));

    assertThat(feed.rejects()).containsExactly(new Reject(3, "the key column 'k' is empty"));
  }

  @Test
  void filesThatCannotBeUsedSayWhatToDo() throws IOException {
    assertRefused(Options.of(directory.resolve("none.csv")), "There is no file", "check the path");
    assertRefused(Options.of(directory), "is not a file");
    assertRefused(Options.of(write("")), "is empty", "must name the columns");
    assertRefused(Options.of(write("", "1,2")), "first line is blank");
    assertRefused(Options.of(write("a,label")), "no data rows");
    assertRefused(Options.of(write("a,a,label", "1,2,0")), "columns 1 and 2 are both named 'a'");
    assertRefused(Options.of(write("a,,label", "1,2,0")), "column 2 has no name");
    assertRefused(Options.of(write("label", "0", "1")), "no feature column");
    assertRefused(Options.of(write("a,label", "1,1", "2,1")), "all 2 rows have label 1");
    assertRefused(
        Options.of(write("a,label", "x,1", "y,0")), "none of 2 data rows", "line 2: column 'a'");
    assertRefused(Options.of(write("a;label", "1;0")), "a;label", "separated by commas");
  }

  @Test
  void unknownColumnsAreNamedWithThoseThatExist() throws IOException {
    Options options = Options.of(write("a,b,label", "1,2,0"));

    assertRefused(
        options.withColumns(new Columns("target", null, null, Set.of())),
        "no label column 'target'",
        "a, b, label");
    assertRefused(
        options.withColumns(new Columns("label", "tenant", null, Set.of())),
        "no key column 'tenant'");
    assertRefused(
        options.withColumns(new Columns("label", null, "when", Set.of())), "no time column 'when'");
    assertRefused(
        options.withColumns(new Columns("label", null, null, Set.of("c"))),
        "no ignored column 'c'");
    assertRefused(
        options.withColumns(new Columns("label", "label", null, Set.of())), "different columns");
  }

  @Test
  void aColumnOfManyLabelsIsNoLabelColumn() throws IOException {
    String[] lines = new String[301];
    lines[0] = "a,label";
    for (int i = 1; i <= 300; i++) {
      lines[i] = "1," + i;
    }

    assertRefused(Options.of(write(lines)), "300 different labels", "is it a class label?");
  }

  @Test
  void aTruncatedGzipFileIsRecognised() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("a,label\n1,0\n2,1\n".getBytes(StandardCharsets.UTF_8));
    }
    byte[] half = Arrays.copyOf(bytes.toByteArray(), bytes.size() - 10);

    assertRefused(
        Options.of(Files.write(directory.resolve("half.csv.gz"), half)), "not a whole gzip file");
  }

  @Test
  void conceptsGroupColumnsAndTheRestStandAlone() throws IOException {
    Path concepts =
        Files.writeString(
            directory.resolve("concepts.json"), "{\"pair\": [\"c\", \"a\"], \"again\": [\"a\"]}");

    CsvFeed feed =
        new CsvFeed(Options.of(write("a,b,label,c", "1,2,0,3", "4,5,1,6")).withConcepts(concepts));

    assertThat(feed.concepts())
        .containsExactly(
            new Concept("pair", List.of(2, 0)),
            new Concept("again", List.of(0)),
            new Concept("b", List.of(1)));
    assertThat(feed("a,b,label", "1,2,0", "1,2,1").concepts())
        .extracting(Concept::name)
        .containsExactly("a", "b");
  }

  @Test
  void conceptFilesThatDoNotFitAreRefused() throws IOException {
    assertConceptsRefused(
        "{\"g\": [\"z\"]}", "concept 'g' has column 'z'", "the features are a, b");
    assertConceptsRefused("{\"g\": [\"label\"]}", "'label', which is no feature");
    assertConceptsRefused("{\"g\": [\"a\", \"a\"]}", "has column 'a' twice");
    assertConceptsRefused("{\"g\": []}", "one column at least");
    assertConceptsRefused("{\"g\": null}", "one column at least");
    assertConceptsRefused("{\" \": [\"a\"]}", "needs a name");
    assertConceptsRefused("{\"b\": [\"a\"]}", "rename the group");
    assertConceptsRefused("{\"g\": [\"a\"], \"g\": [\"b\"]}", "Duplicate");
    assertConceptsRefused("[1, 2]", "not a JSON object");
    assertConceptsRefused("{\"g\": \"a\"}", "not a JSON object");
    assertConceptsRefused("not json", "not a JSON object");
    assertConceptsRefused("null", "holds null");
    Options options = Options.of(write("a,b,label", "1,2,0", "1,2,1"));
    assertRefused(options.withConcepts(directory.resolve("no.json")), "no concepts file");
  }

  @Test
  void shufflingIsSeededKeepsEveryRowAndTheTimeOrder() throws IOException {
    String rows =
        IntStream.range(0, 200)
            .mapToObj(i -> i + "," + (i < 100 ? 0 : 1))
            .collect(Collectors.joining("\n"));
    Options options = Options.of(write("a,label", rows));

    List<FeedEvent> one = list(new CsvFeed(options.withShuffleSeed(1)));
    List<FeedEvent> same = list(new CsvFeed(options.withShuffleSeed(1)));
    List<FeedEvent> other = list(new CsvFeed(options.withShuffleSeed(2)));

    assertThat(ids(one)).isEqualTo(ids(same)).isNotEqualTo(ids(other));
    assertThat(ids(one)).doesNotHaveDuplicates().hasSize(200);
    assertThat(one).extracting(e -> e.event().eventTime()).isSorted();
    assertThat(one.subList(0, 100)).extracting(FeedEvent::trueLabel).contains(0, 1);
    assertRefused(
        () -> options.withColumns(new Columns("label", null, "a", Set.of())).withShuffleSeed(1),
        "Shuffling would undo");
  }

  @Test
  void noiseAndTrustedShareAreAsAskedAndRepeatable() throws IOException {
    String rows =
        IntStream.range(0, 20_000)
            .mapToObj(i -> i % 7 + "," + (i % 10 == 0 ? 1 : 0))
            .collect(Collectors.joining("\n"));
    Labelling labelling =
        new Labelling(LabelNoise.parse("miss:0.4,false:0.02"), 0.05, Duration.ofDays(1), 3);
    CsvFeed feed = new CsvFeed(Options.of(write("a,label", rows)).withLabelling(labelling));
    int[] wrong = new int[2];
    int[] trusted = new int[2];

    for (FeedEvent event : feed) {
      wrong[event.trueLabel()] += event.isMislabelled() ? 1 : 0;
      trusted[event.trueLabel()] += event.isTrusted() ? 1 : 0;
    }

    assertThat(feed.priors()).containsExactly(new double[] {0.9, 0.1}, within(1e-9));
    assertThat(wrong[1]).isBetween(740, 860);
    assertThat(wrong[0]).isBetween(300, 420);
    assertThat(trusted[0]).isBetween(430, 570);
    assertThat(trusted[1]).isBetween(430, 570);
    assertThat(list(feed)).usingRecursiveFieldByFieldElementComparator().isEqualTo(list(feed));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 1023, 1024, 1025, 5000})
  void rowsAreKeptWholeAcrossBlocks(int rows) throws IOException {
    String text =
        IntStream.range(0, rows)
            .mapToObj(i -> i + "," + -i + ",k" + i % 3 + "," + i % 2)
            .collect(Collectors.joining("\n"));
    Options options =
        Options.of(write("a,b,k,label", text, "0,0,k0,0", "0,0,k0,1"))
            .withColumns(new Columns("label", "k", null, Set.of()));

    int i = 0;
    for (FeedEvent event : new CsvFeed(options)) {
      if (i < rows) {
        assertThat(event.event().features()).containsExactly(i, -i);
        assertThat(event.event().modelKey()).isEqualTo("k" + i % 3);
        assertThat(event.trueLabel()).isEqualTo(i % 2);
      }
      i++;
    }
    assertThat(i).isEqualTo(rows + 2);
  }

  @Test
  void eventsDoNotShareTheirFeatures() throws IOException {
    CsvFeed feed = feed("a,label", "1,0", "2,1");
    Event first = feed.iterator().next().event();

    first.features()[0] = 99;

    assertThat(feed.iterator().next().event().features()).containsExactly(1);
  }

  private void assertConceptsRefused(String json, String... parts) throws IOException {
    Path concepts = Files.writeString(directory.resolve("concepts.json"), json);
    Path file = write("a,b,label", "1,2,0", "1,2,1");
    assertRefused(Options.of(file).withConcepts(concepts), parts);
  }

  private static void assertRefused(Options options, String... parts) {
    assertRefused(() -> new CsvFeed(options), parts);
  }

  private static void assertRefused(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call).isInstanceOf(FeedException.class).hasMessageContainingAll(parts);
  }

  private CsvFeed feed(String... lines) throws IOException {
    return new CsvFeed(Options.of(write(lines)).withColumns(PLAIN));
  }

  private Path write(String... lines) throws IOException {
    return Files.writeString(directory.resolve("data.csv"), String.join("\n", lines));
  }

  private static List<FeedEvent> list(Feed feed) {
    return StreamSupport.stream(feed.spliterator(), false).toList();
  }

  private static List<String> ids(List<FeedEvent> events) {
    return events.stream().map(e -> e.event().eventId()).toList();
  }
}
