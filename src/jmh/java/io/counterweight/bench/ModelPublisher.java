package io.counterweight.bench;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.serde.RecordCodec;
import io.counterweight.serde.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Learners of several keys that go on learning and publish each of their versions. */
final class ModelPublisher implements AutoCloseable {
  private static final int FIRST_BATCHES = 50;
  private static final int TRUSTED = 600;

  private final LearnerSettings settings;
  private final KafkaProducer<byte[], byte[]> producer;
  private final RecordCodec<ModelSnapshot> codec = RecordType.MODEL_SNAPSHOT.newCodec();
  private final OnlineLearner learner;
  private final List<LearnerState> states = new ArrayList<>();
  private int events;

  /** Learners with some versions behind them, and full reservoirs. */
  ModelPublisher(LearnerSettings settings, KafkaProducer<byte[], byte[]> producer, int keys) {
    this.settings = settings;
    this.producer = producer;
    learner = new OnlineLearner(settings, Backends.named(Backends.AUTO));
    for (int k = 0; k < keys; k++) {
      states.add(learner.create(key(k)));
    }
    for (int batch = 0; batch < FIRST_BATCHES; batch++) {
      states.forEach(this::learn);
    }
    for (LearnerState state : states) {
      for (int i = 0; i < TRUSTED; i++) {
        learner.observeTrusted(state, event(state.modelKey));
      }
    }
  }

  static String key(int k) {
    return "key-" + k;
  }

  private Event event(String key) {
    Event event = Learners.event(settings, key, events++, Event.NO_LABEL);
    float[] x = event.features();
    int label = x[0] + x[1] > 0.5 ? 1 : 0;
    return new Event(event.eventId(), key, event.eventTime(), x, label, null, null);
  }

  private void learn(LearnerState state) {
    while (!learner.isBatchFull(state)) {
      learner.observe(state, event(state.modelKey));
    }
    learner.learn(state);
  }

  /** One more mini-batch of each key, then a snapshot of each. */
  void publish(String topic) {
    for (LearnerState state : states) {
      learn(state);
      learner.sync(state);
      ModelSnapshot snapshot =
          new ModelSnapshot(
              state.modelKey,
              state.version,
              state.trainedUntil,
              "",
              LearnerStateCodec.encode(state),
              Map.of());
      producer.send(
          new ProducerRecord<>(
              topic, RecordType.MODEL_SNAPSHOT.key(snapshot), codec.encode(snapshot)));
    }
    producer.flush();
  }

  @Override
  public void close() {
    learner.close();
  }
}
