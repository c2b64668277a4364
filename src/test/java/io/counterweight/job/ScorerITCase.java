package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.RejectedRecord;
import io.counterweight.event.RejectedRecord.Reason;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import io.counterweight.serde.RecordType;
import io.counterweight.support.TestBroker;
import io.counterweight.support.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A learner that publishes, then a scorer on two subtasks that takes its models over while it runs.
 */
class ScorerITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int LABELLED = 400;

  @TempDir Path directory;

  @Test
  void newVersionsTakeOverWhileItRunsAndWorseOnesAreHeld() throws Exception {
    EngineConfig config = config(TestBroker.shared().bootstrapServers());
    KafkaTopics.create(config, PATIENCE);
    ModelSnapshot last = learn(config);

    try (LocalJob scorer =
            LocalJob.start(ScoringJob::addTo, config.asScorer(), Optional.empty(), true);
        OnlineLearner learner = new OnlineLearner(config.learner(), Backends.named(Backends.AUTO));
        TopicReader<Prediction> scores = reader(config.topics().scores(), RecordType.PREDICTION)) {
      assertThat(scorer.dashboard()).isEmpty();
      scores.await(PATIENCE, all -> all.size() >= LABELLED);
      LearnerState state = decoded(learner, last);
      for (Prediction score : scores.drain()) {
        assertThat(score.modelVersion()).isLessThanOrEqualTo(last.modelVersion());
        if (score.modelVersion() == last.modelVersion()) {
          int n = Integer.parseInt(score.eventId().substring(1));
          assertThat(score.probabilities())
              .isEqualTo(learner.score(state, event(n, "key", 1)).probabilities());
        }
      }

      ModelSnapshot better = trainedOn(learner, state);
      send(config.topics().models(), RecordType.MODEL_SNAPSHOT, better);
      awaitVersion(config, scores, better.modelVersion());

      ModelSnapshot worse = spoilt(better);
      send(config.topics().models(), RecordType.MODEL_SNAPSHOT, worse);
      send(config.topics().models(), RecordType.MODEL_SNAPSHOT, unreadable(better));
      awaitFence(config, scores, better);
      int before = scores.drain().size();
      for (int n = 5000; n < 5050; n++) {
        send(config.topics().events(), RecordType.EVENT, event(n, "key", Event.NO_LABEL));
      }
      scores.await(PATIENCE, all -> all.size() >= before + 50);
      assertThat(scores.records().subList(before, before + 50))
          .extracting(Prediction::modelVersion)
          .containsOnly(better.modelVersion());

      rejectsAnEventWithoutModel(config);
    }
  }

  /** It waits for a while, and leaves with a reason when the next one comes. */
  private static void rejectsAnEventWithoutModel(EngineConfig config) throws Exception {
    try (TopicReader<RejectedRecord> rejects =
        reader(config.topics().rejects(), RecordType.REJECTED_RECORD)) {
      for (int n = 6000; rejects.poll().isEmpty() && n < 6200; n++) {
        send(config.topics().events(), RecordType.EVENT, event(n, "stranger", Event.NO_LABEL));
        Thread.sleep(100);
      }
      rejects.await(PATIENCE, all -> !all.isEmpty());
      assertThat(rejects.records().get(0).reason()).isEqualTo(Reason.NO_MODEL);
      assertThat(rejects.records().get(0).message()).contains("stranger");
    }
  }

  private static ModelSnapshot learn(EngineConfig config) throws Exception {
    try (LocalJob job = LocalJob.start(config, Optional.empty(), true);
        TopicReader<ModelSnapshot> models =
            reader(config.topics().models(), RecordType.MODEL_SNAPSHOT)) {
      assertThat(job.client().getJobID()).isNotNull();
      for (int n = 0; n < LABELLED; n++) {
        if (n % 4 == 0) {
          send(config.topics().trusted(), RecordType.EVENT, event(n, "key", label(n)));
        }
        send(config.topics().events(), RecordType.EVENT, event(n, "key", label(n)));
      }
      long versions = LABELLED / config.learner().miniBatch();
      models.await(
          PATIENCE, all -> all.stream().anyMatch(model -> model.modelVersion() >= versions));
      return models.records().get(models.records().size() - 1);
    }
  }

  private static void awaitVersion(
      EngineConfig config, TopicReader<Prediction> scores, long version) throws Exception {
    for (int n = 1000; n < 2000; n++) {
      send(config.topics().events(), RecordType.EVENT, event(n, "key", Event.NO_LABEL));
      if (scores.poll().stream().anyMatch(score -> score.modelVersion() == version)) {
        return;
      }
    }
    throw new AssertionError("Version " + version + " was not taken over");
  }

  /**
   * Waits until both subtasks have seen every model so far: one of another key, behind them in
   * their partition, lets out events that waited for it on both.
   */
  private static void awaitFence(
      EngineConfig config, TopicReader<Prediction> scores, ModelSnapshot model) {
    ModelSnapshot fence =
        new ModelSnapshot(
            "fence",
            model.modelVersion(),
            model.trainedUntil(),
            model.architecture(),
            model.learner(),
            model.metrics());
    Producer.PRODUCER.send(
        new ProducerRecord<>(
            config.topics().models(),
            RecordType.MODEL_SNAPSHOT.key(model),
            RecordType.MODEL_SNAPSHOT.newCodec().encode(fence)));
    Producer.PRODUCER.flush();
    for (int n = 4000; n < 4020; n++) {
      send(config.topics().events(), RecordType.EVENT, event(n, "fence", Event.NO_LABEL));
    }
    scores.await(
        PATIENCE,
        all -> all.stream().filter(score -> score.modelKey().equals("fence")).count() >= 20);
  }

  /** The next version, one mini-batch later. */
  private static ModelSnapshot trainedOn(OnlineLearner learner, LearnerState state) {
    for (int n = LABELLED; !learner.isBatchFull(state); n++) {
      learner.observe(state, event(n, "key", label(n)));
    }
    learner.learn(state);
    return snapshot(state);
  }

  private static ModelSnapshot spoilt(ModelSnapshot from) {
    LearnerState state = LearnerStateCodec.decode(from.learner());
    state.version += 1;
    Random random = new Random(1);
    state.lanes.forEach(
        lane -> {
          for (float[] parameters : List.of(lane.parameters, lane.averaged)) {
            for (int i = 0; i < parameters.length; i++) {
              parameters[i] = (float) (3 * random.nextGaussian());
            }
          }
        });
    return snapshot(state);
  }

  private static ModelSnapshot unreadable(ModelSnapshot from) {
    return new ModelSnapshot("key", from.modelVersion() + 2, 0, "", new byte[] {1, 2, 3}, Map.of());
  }

  private static ModelSnapshot snapshot(LearnerState state) {
    return new ModelSnapshot(
        state.modelKey,
        state.version,
        state.trainedUntil,
        "",
        LearnerStateCodec.encode(state),
        Map.of());
  }

  private static LearnerState decoded(OnlineLearner learner, ModelSnapshot snapshot) {
    LearnerState state = LearnerStateCodec.decode(snapshot.learner());
    learner.adopt(state);
    return state;
  }

  private static int label(int n) {
    float[] x = features(n);
    return x[0] + x[1] > 0 ? 1 : 0;
  }

  private static float[] features(int n) {
    Random random = new Random(31L * n);
    random.nextGaussian();
    return new float[] {
      (float) random.nextGaussian(), (float) random.nextGaussian(), (float) random.nextGaussian()
    };
  }

  private static Event event(int n, String key, int label) {
    return new Event("e" + n, key, 1_700_000_000_000L + n, features(n), label, null, null);
  }

  private static <T> TopicReader<T> reader(String topic, RecordType<T> type) {
    return new TopicReader<>(TestBroker.shared().bootstrapServers(), topic, type);
  }

  private static <T> void send(String topic, RecordType<T> type, T record) {
    Producer.PRODUCER.send(
        new ProducerRecord<>(topic, type.key(record), type.newCodec().encode(record)));
    Producer.PRODUCER.flush();
  }

  /** One for the whole test. */
  private static final class Producer {
    static final KafkaProducer<byte[], byte[]> PRODUCER =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                TestBroker.shared().bootstrapServers(),
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                Integer.toString(16 << 20)),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  private EngineConfig config(String bootstrap) {
    return EngineConfig.parse(
        String.join(
            "\n",
            "kafka.bootstrap-servers: " + bootstrap,
            "kafka.group-id: scoring",
            "topics: {events: sc-events, trusted: sc-trusted, predictions: sc-predictions,"
                + " scores: sc-scores, weights: sc-weights, drift: sc-drift, models: sc-models,"
                + " rejects: sc-rejects}",
            "sinks.transactional-id-prefix: scoring",
            "model.features: 3",
            "learner.mini-batch: 8",
            "learner.snapshot-every: 10",
            "learner.max-latency: 1 h",
            "job.parallelism: 2",
            "scorer.patience: 1 s",
            "state.checkpoint-interval: 500 ms",
            "state.checkpoint-directory: " + directory.resolve("checkpoints")));
  }
}
