package io.counterweight.console;

import io.counterweight.config.TopicSettings;
import io.counterweight.event.DriftEvent;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.OutputCodecs;
import io.counterweight.serde.DecodeException;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the records of the output topics into the state. One that cannot be read is counted. */
final class Records implements TopicFollower.Taker {
  private static final Logger LOG = LoggerFactory.getLogger(Records.class);

  private final TopicSettings topics;
  private final ConsoleState state;
  private final RecordCodec<Prediction> predictions;
  private final RecordCodec<SampleWeight> weights;
  private final RecordCodec<DriftEvent> drifts;

  Records(TopicSettings topics, OutputCodecs codecs, ConsoleState state) {
    this.topics = topics;
    this.state = state;
    predictions = codecs.codec(RecordType.PREDICTION, topics.predictions());
    weights = codecs.codec(RecordType.SAMPLE_WEIGHT, topics.weights());
    drifts = codecs.codec(RecordType.DRIFT_EVENT, topics.drift());
  }

  @Override
  public void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.rejects())) {
      state.rejected();
      return;
    }
    if (record.value() == null) {
      state.unreadable();
      return;
    }
    try {
      if (record.topic().equals(topics.predictions())) {
        state.predicted(predictions.decode(record.value()), record.timestamp());
      } else if (record.topic().equals(topics.weights())) {
        state.weighted(weights.decode(record.value()), record.timestamp());
      } else {
        state.drifted(drifts.decode(record.value()));
      }
    } catch (DecodeException e) {
      unreadable(record, e);
      state.unreadable();
    }
  }

  private static void unreadable(ConsumerRecord<byte[], byte[]> record, DecodeException e) {
    LOG.debug("{}-{} at {} is no record", record.topic(), record.partition(), record.offset(), e);
  }

  @Override
  public void state(long behind, String problem) {
    state.following(behind, problem);
  }

  /** Remembers where each key's newest snapshot lies. */
  static final class Models implements TopicFollower.Taker {
    private final ConsoleState state;
    private final RecordCodec<ModelSnapshot> codec;

    Models(RecordCodec<ModelSnapshot> codec, ConsoleState state) {
      this.codec = codec;
      this.state = state;
    }

    @Override
    public void take(ConsumerRecord<byte[], byte[]> record) {
      if (record.value() == null) {
        if (record.key() != null) {
          state.published(new String(record.key(), StandardCharsets.UTF_8), null);
        }
        return;
      }
      try {
        ModelSnapshot snapshot = codec.decode(record.value());
        state.published(
            snapshot.modelKey(),
            new ModelPlace(
                record.partition(),
                record.offset(),
                snapshot.modelVersion(),
                snapshot.learner().length));
      } catch (DecodeException e) {
        unreadable(record, e);
        state.unreadable();
      }
    }

    @Override
    public void state(long behind, String problem) {
      // How far the events are followed is what matters; these are late by nature.
    }
  }
}
