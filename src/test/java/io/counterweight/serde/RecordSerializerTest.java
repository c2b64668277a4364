package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.avro.LabeledEvent;
import io.counterweight.event.Event;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordSerializerTest {
  private static final long SEED = 404;
  private static final Schema CURRENT = LabeledEvent.getClassSchema();

  static Stream<RecordType<?>> types() {
    return Stream.concat(RecordSamples.TYPES.stream(), Stream.of(RecordType.DECODED));
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void recordsSurviveTheWayBetweenOperators(RecordType<T> type) throws Exception {
    RecordSamples samples = new RecordSamples(SEED);
    TypeSerializer<T> serializer = type.typeInfo().createSerializer(new SerializerConfigImpl());
    List<T> records = new ArrayList<>();
    DataOutputSerializer out = new DataOutputSerializer(64);
    for (int i = 0; i < 200; i++) {
      records.add(samples.next(type));
      serializer.serialize(records.get(i), out);
    }

    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    DataOutputSerializer copy = new DataOutputSerializer(64);
    for (T record : records) {
      RecordSamples.assertSame(serializer.deserialize(in), record, "seed %d", SEED);
    }
    assertThat(in.available()).isZero();
    in.setBuffer(out.getCopyOfBuffer());
    while (in.available() > 0) {
      serializer.duplicate().copy(in, copy);
    }

    assertThat(copy.getCopyOfBuffer()).isEqualTo(out.getCopyOfBuffer());
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void typeInformationIsOurOwnAndSurvivesSerialization(RecordType<T> type) throws Exception {
    TypeInformation<T> info = type.typeInfo();
    TypeSerializer<T> serializer = info.createSerializer(new SerializerConfigImpl());

    TypeInformation<T> infoAgain = InstantiationUtil.clone(info);
    TypeSerializer<T> serializerAgain = InstantiationUtil.clone(serializer);

    assertThat(info).isNotInstanceOf(GenericTypeInfo.class).isEqualTo(infoAgain);
    assertThat(info.getTypeClass()).isEqualTo(type.recordClass());
    assertThat(serializerAgain).isEqualTo(serializer).hasSameHashCodeAs(serializer);
    roundTrip(serializerAgain, serializerAgain, new RecordSamples(SEED).next(type));
  }

  @Test
  void typesAndSerializersOfDifferentRecordsDiffer() {
    assertThat(RecordType.EVENT.typeInfo()).isNotEqualTo(RecordType.PREDICTION.typeInfo());
    assertThat(new RecordSerializer<>(RecordType.EVENT))
        .isNotEqualTo(new RecordSerializer<>(RecordType.PREDICTION))
        .isNotEqualTo(
            new RecordSerializer<>(RecordType.EVENT, AvroCodecTest.without(CURRENT, "attributes")));
  }

  @Test
  void copiesAreTheSameInstanceBecauseRecordsNeverChange() {
    TypeSerializer<Event> serializer = new RecordSerializer<>(RecordType.EVENT);
    Event event = new RecordSamples(SEED).event();

    assertThat(serializer.isImmutableType()).isTrue();
    assertThat(serializer.copy(event)).isSameAs(event);
  }

  @Test
  void resultsDoNotShareTheBuffer() throws Exception {
    TypeSerializer<Event> serializer = new RecordSerializer<>(RecordType.EVENT);
    RecordSamples samples = new RecordSamples(SEED);
    Event first = samples.event();
    Event firstRead = roundTrip(serializer, serializer, first);

    roundTrip(serializer, serializer, samples.event());

    RecordSamples.assertSame(firstRead, first, "seed %d", SEED);
  }

  @ParameterizedTest
  @MethodSource("types")
  <T> void theSnapshotRestoresAnEqualSerializer(RecordType<T> type) throws Exception {
    TypeSerializer<T> serializer = new RecordSerializer<>(type);

    TypeSerializerSnapshot<T> restored = throughBytes(serializer.snapshotConfiguration());

    assertThat(restored.restoreSerializer()).isEqualTo(serializer);
    assertThat(compatibility(serializer, restored).isCompatibleAsIs()).isTrue();
  }

  @Test
  void stateOfAnEarlierSchemaIsMigrated() throws Exception {
    Schema earlier = AvroCodecTest.without(CURRENT, "attributes");
    TypeSerializer<Event> old = new RecordSerializer<>(RecordType.EVENT, earlier);
    TypeSerializer<Event> current = new RecordSerializer<>(RecordType.EVENT);
    Event event =
        new Event("e", "k", 5, new float[] {1, Float.NaN}, 1, "s", Map.of("lost", "then"));

    TypeSerializerSnapshot<Event> restored = throughBytes(old.snapshotConfiguration());
    Event read = roundTrip(old, restored.restoreSerializer(), event);

    assertThat(compatibility(current, restored).isCompatibleAfterMigration()).isTrue();
    assertThat(restored.restoreSerializer()).isEqualTo(old).isNotEqualTo(current);
    RecordSamples.assertSame(
        read,
        new Event("e", "k", 5, event.features(), 1, "s", Map.of()),
        "read with the old schema");
  }

  @Test
  void stateOfAnotherRecordOrOfAnUnreadableSchemaIsIncompatible() throws Exception {
    TypeSerializer<Event> events = new RecordSerializer<>(RecordType.EVENT);
    Schema unreadable = AvroCodecTest.without(CURRENT, "features");
    TypeSerializer<Event> withoutFeatures = new RecordSerializer<>(RecordType.EVENT, unreadable);
    @SuppressWarnings({"unchecked", "rawtypes"}) // What a wrong state name amounts to.
    TypeSerializerSnapshot<Event> predictions =
        (TypeSerializerSnapshot)
            new RecordSerializer<>(RecordType.PREDICTION).snapshotConfiguration();

    assertThat(compatibility(events, predictions).isIncompatible()).isTrue();
    assertThat(
            compatibility(events, throughBytes(withoutFeatures.snapshotConfiguration()))
                .isIncompatible())
        .isTrue();
  }

  @Test
  void snapshotsOfLaterVersionsAndCorruptOnesAreRefused() throws Exception {
    DataOutputSerializer out = new DataOutputSerializer(64);
    new RecordSerializer<>(RecordType.EVENT).snapshotConfiguration().writeSnapshot(out);
    byte[] bytes = out.getCopyOfBuffer();
    byte[] corrupt = bytes.clone();
    corrupt[4] ^= 1;

    assertThatThrownBy(() -> read(2, bytes)).hasMessageContaining("Expected version 1", "found 2");
    assertThatThrownBy(() -> read(1, corrupt)).isInstanceOf(IOException.class);
  }

  @Test
  void corruptLengthsAndBytesFailWithoutAllocatingThem() throws Exception {
    TypeSerializer<Event> serializer = new RecordSerializer<>(RecordType.EVENT);
    DataOutputSerializer out = new DataOutputSerializer(64);
    serializer.serialize(new RecordSamples(SEED).event(), out);
    byte[] bytes = out.getCopyOfBuffer();
    byte[] huge = bytes.clone();
    Arrays.fill(huge, 0, 4, (byte) 0x7F);
    byte[] negative = bytes.clone();
    negative[0] = -1;
    byte[] mutated = bytes.clone();
    mutated[4] = 0x7F;

    for (byte[] bad : List.of(huge, negative, mutated)) {
      assertThatThrownBy(() -> serializer.deserialize(new DataInputDeserializer(bad)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void recordsLargerThanOneReadingStepSurvive() throws Exception {
    TypeSerializer<Event> serializer = new RecordSerializer<>(RecordType.EVENT);
    Event large = new Event("e", "k", 1, new float[700_000], 1, null, Map.of());

    assertThat(roundTrip(serializer, serializer, large).features()).hasSize(700_000);
  }

  private static void read(int version, byte[] bytes) throws IOException {
    new RecordSerializerSnapshot<Event>()
        .readSnapshot(
            version, new DataInputDeserializer(bytes), RecordSerializerTest.class.getClassLoader());
  }

  private static <T> TypeSerializerSchemaCompatibility<T> compatibility(
      TypeSerializer<T> serializer, TypeSerializerSnapshot<T> older) {
    return serializer.snapshotConfiguration().resolveSchemaCompatibility(older);
  }

  private static <T> T roundTrip(TypeSerializer<T> writing, TypeSerializer<T> reading, T record)
      throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    writing.serialize(record, out);
    return reading.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
  }

  private static <T> TypeSerializerSnapshot<T> throughBytes(TypeSerializerSnapshot<T> snapshot)
      throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, snapshot);
    return TypeSerializerSnapshot.readVersionedSnapshot(
        new DataInputDeserializer(out.getCopyOfBuffer()),
        RecordSerializerTest.class.getClassLoader());
  }
}
