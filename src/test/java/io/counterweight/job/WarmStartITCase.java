package io.counterweight.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.event.Event;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
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

/** A parent that learns from copies of one key's events, then keys that begin at its model. */
class WarmStartITCase {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int LABELLED = 400;

  @TempDir Path directory;

  @Test
  void aKeyThatBeginsAfterTheParentWasPublishedPredictsAsItDoes() throws Exception {
    String bootstrap = TestBroker.shared().bootstrapServers();
    EngineConfig config = config(bootstrap);
    KafkaTopics.create(config, PATIENCE);
    try (LocalJob job = LocalJob.start(config, Optional.empty(), true);
        OnlineLearner learner = new OnlineLearner(config.learner(), Backends.named(Backends.AUTO));
        Sender sender = new Sender(bootstrap);
        TopicReader<Prediction> predictions =
            new TopicReader<>(bootstrap, "ws-predictions", RecordType.PREDICTION);
        TopicReader<SampleWeight> weights =
            new TopicReader<>(bootstrap, "ws-weights", RecordType.SAMPLE_WEIGHT);
        TopicReader<ModelSnapshot> models =
            new TopicReader<>(bootstrap, "ws-models", RecordType.MODEL_SNAPSHOT)) {
      for (int n = 0; n < LABELLED; n++) {
        sender.send("ws-events", event(n, "first", label(n)));
        if (n % 4 == 0) {
          sender.send("ws-trusted", event(n, "first", label(n)));
        }
      }
      predictions.await(PATIENCE, all -> all.size() >= LABELLED);
      models.await(PATIENCE, all -> all.stream().anyMatch(WarmStartITCase::isOfParent));

      Prediction first = awaitInheritance(sender, predictions);
      ModelSnapshot parent =
          models.drain().stream().filter(WarmStartITCase::isOfParent).reduce((a, b) -> b).get();
      LearnerState state = LearnerStateCodec.decode(parent.learner());
      learner.adopt(state);
      Event same = event(number(first), first.modelKey(), Event.NO_LABEL);
      assertThat(first.probabilities()).isEqualTo(learner.score(state, same).probabilities());
      assertThat(first.contributions()).isEqualTo(learner.score(state, same).contributions());
      assertThat(first.probabilities()[label(number(first))]).isGreaterThan(0.5f);

      assertThat(predictions.records()).extracting(Prediction::modelKey).doesNotContain("global");
      weights.await(PATIENCE, all -> all.size() >= LABELLED);
      assertThat(weights.records()).extracting(SampleWeight::modelKey).containsOnly("first");
      assertThat(job.termination()).isNotDone();
    }
  }

  /**
   * The first prediction of a new key that knows the class shares of an older one: the parent's
   * model arrives some time after it was published.
   */
  private static Prediction awaitInheritance(Sender sender, TopicReader<Prediction> predictions) {
    for (int n = 1000; n < 3000; n++) {
      int seen = predictions.records().size();
      sender.send("ws-events", event(n, "key-" + n, Event.NO_LABEL));
      predictions.await(PATIENCE, all -> all.size() > seen);
      Prediction first = predictions.records().get(seen);
      if (first.classShares()[0] != 0.5f) {
        return first;
      }
    }
    throw new AssertionError("No key began at the parent's model");
  }

  private static int number(Prediction prediction) {
    return Integer.parseInt(prediction.eventId().substring(1));
  }

  private static boolean isOfParent(ModelSnapshot model) {
    return model.modelKey().equals("global");
  }

  /** One in three or so is positive. */
  private static int label(int n) {
    return features(n)[0] > 0.4f ? 1 : 0;
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

  private static final class Sender implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;

    Sender(String bootstrap) {
      producer =
          new KafkaProducer<>(
              Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    }

    void send(String topic, Event event) {
      producer.send(
          new ProducerRecord<>(
              topic, RecordType.EVENT.key(event), RecordType.EVENT.newCodec().encode(event)));
      producer.flush();
    }

    @Override
    public void close() {
      producer.close();
    }
  }

  private EngineConfig config(String bootstrap) {
    return EngineConfig.parse(
        String.join(
            "\n",
            List.of(
                "kafka.bootstrap-servers: " + bootstrap,
                "kafka.group-id: warm-start",
                "topics: {events: ws-events, trusted: ws-trusted, predictions: ws-predictions,"
                    + " scores: ws-scores, weights: ws-weights, drift: ws-drift,"
                    + " models: ws-models, rejects: ws-rejects}",
                "sinks.transactional-id-prefix: warm-start",
                "model.features: 3",
                "learner.parent: global",
                "learner.parent-share: 0.9",
                "learner.mini-batch: 8",
                "learner.snapshot-every: 40",
                "learner.max-latency: 1 h",
                "job.parallelism: 2",
                "state.checkpoint-interval: 500 ms",
                "state.checkpoint-directory: " + directory.resolve("checkpoints"))));
  }
}
