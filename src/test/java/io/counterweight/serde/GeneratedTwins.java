package io.counterweight.serde;

import io.counterweight.avro.DriftKind;
import io.counterweight.avro.DriftState;
import io.counterweight.avro.LabeledEvent;
import io.counterweight.avro.RejectReason;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.SampleWeight;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * The same records in the classes that Avro generates, as the obvious twin of the written loops.
 */
final class GeneratedTwins {
  private GeneratedTwins() {}

  static SpecificRecordBase of(Object record) {
    if (record instanceof Event e) {
      ByteBuffer features =
          ByteBuffer.allocate(4 * e.features().length).order(ByteOrder.LITTLE_ENDIAN);
      for (float feature : e.features()) {
        features.putFloat(feature);
      }
      return new LabeledEvent(
          e.eventId(),
          e.modelKey(),
          Instant.ofEpochMilli(e.eventTime()),
          features.flip(),
          e.isLabelled() ? e.label() : null,
          e.labelSource(),
          e.attributes().isEmpty() ? null : e.attributes());
    }
    if (record instanceof SampleWeight w) {
      return new io.counterweight.avro.SampleWeight(
          w.eventId(),
          w.modelKey(),
          Instant.ofEpochMilli(w.eventTime()),
          w.label(),
          w.loss(),
          w.weight(),
          w.rawWeight(),
          w.alignment(),
          w.suspect(),
          w.modelVersion(),
          w.lane(),
          w.belief());
    }
    if (record instanceof Prediction p) {
      Map<String, List<Float>> lanes = new LinkedHashMap<>();
      p.laneProbabilities().forEach((lane, values) -> lanes.put(lane, list(values)));
      return new io.counterweight.avro.Prediction(
          p.eventId(),
          p.modelKey(),
          Instant.ofEpochMilli(p.eventTime()),
          list(p.probabilities()),
          p.predictedClass(),
          p.predictionSet() == null ? null : IntStream.of(p.predictionSet()).boxed().toList(),
          p.setLevel(),
          p.driftState() == null ? null : DriftState.valueOf(p.driftState().name()),
          p.driftKind() == null ? null : DriftKind.valueOf(p.driftKind().name()),
          p.uncertainty(),
          p.baseValue(),
          p.contributions(),
          lanes,
          p.laneWeights(),
          p.modelVersion(),
          p.trainedUntil() == Long.MIN_VALUE ? null : Instant.ofEpochMilli(p.trainedUntil()),
          p.missingFeatures(),
          p.clippedFeatures(),
          list(p.classShares()),
          list(p.setCoverage()),
          p.interactions());
    }
    if (record instanceof DriftEvent d) {
      return new io.counterweight.avro.DriftEvent(
          d.modelKey(),
          Instant.ofEpochMilli(d.eventTime()),
          Instant.ofEpochMilli(d.onset()),
          DriftState.valueOf(d.state().name()),
          DriftKind.valueOf(d.kind().name()),
          d.signal(),
          d.detector(),
          d.statistic(),
          d.threshold(),
          d.modelVersion(),
          d.affected());
    }
    if (record instanceof ModelSnapshot m) {
      return new io.counterweight.avro.ModelSnapshot(
          m.modelKey(),
          m.modelVersion(),
          Instant.ofEpochMilli(m.trainedUntil()),
          m.architecture(),
          ByteBuffer.wrap(m.learner()),
          m.metrics());
    }
    RejectedRecord r = (RejectedRecord) record;
    return new io.counterweight.avro.RejectedRecord(
        r.topic(),
        r.partition(),
        r.offset(),
        r.key() == null ? null : ByteBuffer.wrap(r.key()),
        ByteBuffer.wrap(r.value()),
        RejectReason.valueOf(r.reason().name()),
        r.message(),
        Instant.ofEpochMilli(r.rejectedTime()));
  }

  /** Single-object encoding by the generated class's own code. */
  static byte[] encode(SpecificRecordBase twin) throws IOException {
    ByteBuffer bytes =
        new BinaryMessageEncoder<SpecificRecordBase>(model(twin), twin.getSchema()).encode(twin);
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    return array;
  }

  /** Reads into the same class as {@code twin}. */
  static SpecificRecordBase decode(SpecificRecordBase twin, byte[] bytes) throws IOException {
    return new BinaryMessageDecoder<SpecificRecordBase>(model(twin), twin.getSchema())
        .decode(bytes);
  }

  private static SpecificData model(SpecificRecordBase twin) {
    return SpecificData.getForClass(twin.getClass());
  }

  private static List<Float> list(float[] values) {
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
  }
}
