package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.event.Event;
import io.counterweight.serde.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On RocksDB, as in a job. */
class LabelJoinTest {
  private static final long HORIZON = 100;
  private static final long RETENTION = 300;

  private KeyedTwoInputStreamOperatorTestHarness<String, Event, Event, Event> harness;

  @AfterEach
  void close() throws Exception {
    if (harness != null) {
      harness.close();
    }
  }

  @Test
  void anEventLeavesAtOnceAndOnceMoreWithItsLabel() throws Exception {
    open(Unlabelled.DROP, null);

    harness.processElement1(record(transaction("a", 1000)));
    assertThat(out()).containsExactly("a@1000 label -1 null {shop=1}");

    harness.processElement2(record(label("a", 1050, 1, "chargeback")));
    assertThat(out()).containsExactly("a@1050 label 1 chargeback {shop=1}");
    assertThat(trusted()).isEmpty();
  }

  @Test
  void labelsOfTrustedSourcesGoToTheTrustedInputBesideOrdinaryOnes() throws Exception {
    open(Unlabelled.DROP, null);
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement2(record(label("a", 1010, 0, "rule")));
    harness.processElement2(record(label("a", 1020, 1, "investigator")));

    assertThat(out()).hasSize(2).last().isEqualTo("a@1010 label 0 rule {shop=1}");
    assertThat(trusted()).containsExactly("a@1020 label 1 investigator {shop=1}");
  }

  @Test
  void aLabelMayComeFirstAndIsNeverDatedBeforeItsEvent() throws Exception {
    open(Unlabelled.DROP, null);
    harness.processElement2(record(label("a", 900, 1, null)));
    harness.processElement2(record(label("b", 900, 1, "investigator")));
    assertThat(out()).isEmpty();

    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement1(record(transaction("b", 1000)));

    assertThat(out())
        .containsExactly(
            "a@1000 label -1 null {shop=1}",
            "a@1001 label 1 null {shop=1}",
            "b@1000 label -1 null {shop=1}");
    assertThat(trusted()).containsExactly("b@1001 label 1 investigator {shop=1}");
  }

  @Test
  void duplicatesAreDroppedAndCorrectionsGoOnMarked() throws Exception {
    open(Unlabelled.DROP, null);
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement2(record(label("a", 1010, 0, "rule")));
    harness.processElement2(record(label("a", 1010, 0, "rule")));
    harness.processElement2(record(label("a", 1040, 1, "chargeback")));
    harness.processElement2(record(label("a", 1020, 0, "rule"))); // older than what is known

    assertThat(out())
        .containsExactly(
            "a@1000 label -1 null {shop=1}",
            "a@1010 label 0 rule {shop=1}",
            "a@1040 label 1 chargeback {correction=true, shop=1}");
  }

  @ParameterizedTest
  @CsvSource({"NEGATIVE, assumed", "NEGATIVE_WEAK, assumed-weak"})
  void atTheHorizonAnEventWithoutLabelIsANegativeWhichALabelStillCorrects(
      Unlabelled policy, String source) throws Exception {
    open(policy, null);
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement1(record(transaction("labelled", 1000)));
    harness.processElement2(record(label("labelled", 1010, 1, null)));
    out();

    watermark(1099);
    assertThat(out()).isEmpty();
    watermark(1100);
    assertThat(out()).containsExactly("a@1100 label 0 " + source + " {shop=1}");

    harness.processElement2(record(label("a", 1150, 1, "chargeback")));
    assertThat(out()).containsExactly("a@1150 label 1 chargeback {correction=true, shop=1}");
  }

  @ParameterizedTest
  @CsvSource({"NEGATIVE", "NEGATIVE_WEAK"})
  void aLabelFromBeforeTheHorizonThatComesAfterItStillCorrectsTheAssumedOne(Unlabelled policy)
      throws Exception {
    open(policy, null);
    harness.processElement1(record(transaction("a", 1000)));
    watermark(1100);
    out();

    harness.processElement2(record(label("a", 1050, 1, "chargeback")));

    assertThat(out()).containsExactly("a@1101 label 1 chargeback {correction=true, shop=1}");
  }

  @Test
  void anAssumedLabelIsDatedAtTheHorizonWhereverTheWatermarkIsAndNeverLate() throws Exception {
    open(Unlabelled.NEGATIVE, null);
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement1(record(transaction("b", 1010)));
    out();
    watermark(1200); // both horizons at once
    assertThat(out())
        .containsExactly("a@1100 label 0 assumed {shop=1}", "b@1110 label 0 assumed {shop=1}");

    harness.processElement1(record(transaction("late", 1050)));
    out();
    watermark(1400);
    assertThat(out()).containsExactly("late@1201 label 0 assumed {shop=1}");
  }

  @Test
  void aLabelThatWasConfirmedIsAsNewAsItsConfirmation() throws Exception {
    open(Unlabelled.DROP, new HashMapStateBackend(), null);
    harness.processElement2(record(label("early", 1010, 1, null)));
    harness.processElement2(record(label("early", 1040, 1, null)));
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement2(record(label("a", 1010, 1, null)));
    harness.processElement2(record(label("a", 1040, 1, null)));
    out();

    harness.processElement2(record(label("a", 1020, 0, null))); // older than the confirmation
    assertThat(out()).isEmpty();
    harness.processElement2(record(label("a", 1050, 0, null)));
    assertThat(out()).containsExactly("a@1050 label 0 null {correction=true, shop=1}");

    watermark(1040 + RETENTION);
    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void aLabelBehindTheWatermarkIsDatedBeforeItSoThatItIsNotLate() throws Exception {
    open(Unlabelled.DROP, null);
    harness.processElement1(record(transaction("a", 1000)));
    watermark(1080);

    harness.processElement2(record(label("a", 1050, 1, null)));

    assertThat(out()).last().isEqualTo("a@1081 label 1 null {shop=1}");
  }

  @Test
  void afterTheRetentionNothingIsLeft() throws Exception {
    open(Unlabelled.DROP, new HashMapStateBackend(), null); // the one that counts its entries
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement2(record(label("orphan", 1000, 1, null)));
    assertThat(harness.numKeyedStateEntries()).isEqualTo(2);

    watermark(1000 + RETENTION - 1);
    assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
    watermark(1000 + RETENTION);

    assertThat(harness.numKeyedStateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
  }

  @Test
  void anEventThatCarriesALabelHasItAsItsFirst() throws Exception {
    open(Unlabelled.NEGATIVE, null);
    Event plain = transaction("a", 1000);
    harness.processElement1(
        record(new Event("a", "k", 1000, plain.features(), 1, "shop", plain.attributes())));
    watermark(1100);

    assertThat(out())
        .containsExactly("a@1000 label -1 null {shop=1}", "a@1001 label 1 shop {shop=1}");
  }

  @Test
  void aRestoreForgetsNothing() throws Exception {
    open(Unlabelled.NEGATIVE, null);
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement1(record(transaction("b", 1000)));
    harness.processElement2(record(label("early", 1000, 1, null)));
    OperatorSubtaskState snapshot = harness.snapshot(1, 1);
    harness.close();

    open(Unlabelled.NEGATIVE, snapshot);
    harness.processElement1(record(transaction("a", 1000)));
    harness.processElement2(record(label("a", 1010, 1, null)));
    harness.processElement1(record(transaction("early", 1005)));
    watermark(1100);

    assertThat(out())
        .containsExactly(
            "a@1010 label 1 null {shop=1}",
            "early@1005 label -1 null {shop=1}",
            "early@1006 label 1 null {shop=1}",
            "b@1100 label 0 assumed {shop=1}");
  }

  @Test
  void optionsThatContradictThemselvesAreRefused() {
    assertThatThrownBy(() -> new LabelJoinOptions(10, 5, Unlabelled.DROP, Set.of()))
        .hasMessageContaining("retention 5 ms");
    assertThatThrownBy(() -> new LabelJoinOptions(10, 20, Unlabelled.DROP, Set.of("assumed")))
        .hasMessageContaining("assumed cannot be a trusted source");
  }

  private void open(Unlabelled policy, OperatorSubtaskState restored) throws Exception {
    open(policy, new EmbeddedRocksDBStateBackend(), restored);
  }

  private void open(Unlabelled policy, StateBackend backend, OperatorSubtaskState restored)
      throws Exception {
    LabelJoin join =
        new LabelJoin(new LabelJoinOptions(HORIZON, RETENTION, policy, Set.of("investigator")));
    harness =
        new KeyedTwoInputStreamOperatorTestHarness<>(
            new KeyedCoProcessOperator<>(join), Event::eventId, Event::eventId, Types.STRING);
    harness.setStateBackend(backend);
    harness.setup(
        RecordType.EVENT
            .typeInfo()
            .createSerializer(harness.getExecutionConfig().getSerializerConfig()));
    if (restored == null) {
      harness.initializeEmptyState();
    } else {
      harness.initializeState(restored);
    }
    harness.open();
  }

  private void watermark(long time) throws Exception {
    harness.processWatermark1(new Watermark(time));
    harness.processWatermark2(new Watermark(time));
  }

  /** What has come out since the last time. */
  private List<String> out() {
    List<String> events = new ArrayList<>();
    Queue<Object> output = harness.getOutput();
    for (Object element : output) {
      if (element instanceof StreamRecord<?> streamRecord) {
        events.add(text((Event) streamRecord.getValue()));
      }
    }
    output.clear();
    return events;
  }

  private List<String> trusted() {
    Queue<StreamRecord<Event>> output = harness.getSideOutput(LabelJoin.TRUSTED);
    return output == null
        ? List.of()
        : output.stream().map(StreamRecord::getValue).map(LabelJoinTest::text).toList();
  }

  private static String text(Event event) {
    return event.eventId()
        + "@"
        + event.eventTime()
        + " label "
        + event.label()
        + " "
        + event.labelSource()
        + " "
        + new TreeMap<>(event.attributes());
  }

  private static StreamRecord<Event> record(Event event) {
    return new StreamRecord<>(event, event.eventTime());
  }

  private static Event transaction(String id, long time) {
    return new Event(
        id, "k", time, new float[] {1, Float.NaN}, Event.NO_LABEL, null, Map.of("shop", "1"));
  }

  private static Event label(String id, long time, int label, String source) {
    return new Event(id, "k", time, new float[0], label, source, Map.of());
  }
}
