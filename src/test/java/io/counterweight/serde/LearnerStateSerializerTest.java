package io.counterweight.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.model.BatmSpec.Normalisation;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class LearnerStateSerializerTest {
  private final LearnerStateSerializer serializer = new LearnerStateSerializer();

  @Test
  void severalStatesInARowComeBack() throws IOException {
    LearnerState small = state(2);
    LearnerState large = state(4000);
    DataOutputSerializer out = new DataOutputSerializer(16);
    for (LearnerState state : new LearnerState[] {small, large, small}) {
      serializer.serialize(state, out);
    }

    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());

    assertThat(bytes(serializer.deserialize(in))).isEqualTo(bytes(small));
    // More than the first step of memory.
    assertThat(bytes(serializer.deserialize(small, in)))
        .isEqualTo(bytes(large))
        .hasSizeGreaterThan(2 << 20);
    assertThat(bytes(serializer.deserialize(in))).isEqualTo(bytes(small));
    assertThat(in.available()).isZero();
  }

  @Test
  void bytesAreCopiedAsTheyAre() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(16);
    serializer.serialize(state(2), out);
    DataOutputSerializer copied = new DataOutputSerializer(16);

    serializer.copy(new DataInputDeserializer(out.getCopyOfBuffer()), copied);

    assertThat(copied.getCopyOfBuffer()).isEqualTo(out.getCopyOfBuffer());
  }

  @Test
  void aCopyIsIndependent() {
    LearnerState state = state(2);
    byte[] before = bytes(state);

    LearnerState copy = serializer.copy(state);
    assertThat(bytes(copy)).isEqualTo(before);
    copy.lanes.get(0).parameters[0]++;
    copy.laneWeights[0] = 0;
    copy.standardizer.mean[0]++;
    copy.pending.clear();
    copy.reservoir.expire(Long.MAX_VALUE);
    copy.pending.clear();
    copy.random.nextLong();
    copy.trustedCounts[0]++;

    assertThat(bytes(state)).isEqualTo(before);
  }

  @Test
  void aFalseClaimFailsBeforeItTakesMemory() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    byte[] claim = new byte[100];
    claim[0] = 0x3f;

    assertThatThrownBy(() -> serializer.deserialize(new DataInputDeserializer(claim)))
        .isInstanceOf(EOFException.class);

    long taken = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
    assertThat(taken).isLessThan(32 << 20);
  }

  @Test
  void impossibleClaimsAndDamagedBytesAreIoErrors() throws IOException {
    DataOutputSerializer negative = new DataOutputSerializer(16);
    negative.writeInt(-1);
    DataOutputSerializer damaged = new DataOutputSerializer(16);
    serializer.serialize(state(2), damaged);
    byte[] bytes = damaged.getCopyOfBuffer();
    bytes[4] ^= 1;

    assertThatThrownBy(
            () -> serializer.deserialize(new DataInputDeserializer(negative.getCopyOfBuffer())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("claims -1 bytes");
    assertThatThrownBy(() -> serializer.deserialize(new DataInputDeserializer(bytes)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("A learner's state cannot be read: Not a learner state");
  }

  @Test
  void serializersAreEqualAndTravel() throws Exception {
    assertThat(serializer)
        .isEqualTo(new LearnerStateSerializer())
        .isEqualTo(InstantiationUtil.clone(serializer))
        .hasSameHashCodeAs(new LearnerStateSerializer())
        .isNotEqualTo("another");
    assertThat(serializer.duplicate()).isEqualTo(serializer);
    assertThat(serializer.isImmutableType()).isFalse();
    assertThat(serializer.getLength()).isEqualTo(-1);
  }

  @Test
  void aRestoredSnapshotIsCompatible() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());

    TypeSerializerSnapshot<LearnerState> restored =
        TypeSerializerSnapshot.readVersionedSnapshot(
            new DataInputDeserializer(out.getCopyOfBuffer()), getClass().getClassLoader());

    assertThat(restored.restoreSerializer()).isEqualTo(serializer);
    assertThat(
            serializer
                .snapshotConfiguration()
                .resolveSchemaCompatibility(restored)
                .isCompatibleAsIs())
        .isTrue();
  }

  @Test
  void aSnapshotOfANewerBuildIsIncompatible() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(4);
    out.writeInt(LearnerStateCodec.VERSION + 1);
    LearnerStateSerializer.Snapshot newer = new LearnerStateSerializer.Snapshot();
    newer.readSnapshot(1, new DataInputDeserializer(out.getCopyOfBuffer()), null);

    assertThat(
            serializer.snapshotConfiguration().resolveSchemaCompatibility(newer).isIncompatible())
        .isTrue();
    assertThatThrownBy(() -> newer.readSnapshot(2, new DataInputDeserializer(new byte[4]), null))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has version 2, expected 1");
  }

  private static byte[] bytes(LearnerState state) {
    return LearnerStateCodec.encode(state);
  }

  /** Trained, with trusted events and a pending one. */
  private static LearnerState state(int width) {
    LearnerSettings settings = Learners.of(Learners.spec(2, width, Normalisation.RUNNING, 0));
    SyntheticStream stream = Learners.stream(settings);
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.named("scalar"))) {
      LearnerState state = learner.create("key");
      for (int n = 0; n < 4; n++) {
        learner.observeTrusted(state, stream.trusted("key", n));
        learner.observe(state, stream.labelled("key", n));
      }
      learner.learn(state);
      learner.observe(state, stream.labelled("key", 5));
      return state;
    }
  }
}
