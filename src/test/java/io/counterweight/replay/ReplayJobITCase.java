package io.counterweight.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.evaluation.RunDigest;
import io.counterweight.event.ModelSnapshot;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.experiment.NoisyConceptStream;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayJobITCase {
  private static final int EVENTS = 1003; // the last mini-batch is not full
  private final EngineConfig config =
      FeedConfig.replay(FewEvents.of(EVENTS), 5, List.of("learner.trusted.minimum-per-class=1"));

  private static final class Digest implements ReplayJob.Results {
    final List<ModelSnapshot> models = new ArrayList<>();
    final RunDigest digest = new RunDigest();
    int results;

    @Override
    public void predicted(Prediction prediction) {
      digest.predicted(prediction);
      results++;
    }

    @Override
    public void weighted(SampleWeight weight) {
      digest.weighted(weight);
      results++;
    }

    @Override
    public void learned(ModelSnapshot model) {
      models.add(model);
    }
  }

  @Test
  void theJobSaysWhatTheLearnerAloneWouldSay() throws Exception {
    Digest job = new Digest();
    ReplayJob.run(() -> FewEvents.of(EVENTS), config, 1, job);

    Digest alone = new Digest();
    try (OnlineLearner learner =
        new OnlineLearner(config.learner(), Backends.named(config.compute().backendName()))) {
      LearnerState state = learner.create("k");
      FeedTimeline timeline = new FeedTimeline(FewEvents.of(EVENTS));
      while (timeline.hasNext()) {
        FeedTimeline.Entry entry = timeline.next();
        if (entry.trusted()) {
          learner.observeTrusted(state, entry.event());
        } else {
          alone.predicted(learner.observe(state, entry.event()));
          if (learner.isBatchFull(state)) {
            learner.learn(state).weights().forEach(alone::weighted);
          }
        }
      }
      learner.learn(state).weights().forEach(alone::weighted);
      learner.sync(state);
      assertThat(job.models).hasSize(1);
      assertThat(job.models.get(0).learner()).isEqualTo(LearnerStateCodec.encode(state));
    }
    assertThat(job.results).isEqualTo(alone.results).isEqualTo(2 * EVENTS);
    assertThat(job.digest.value()).isEqualTo(alone.digest.value());
  }

  private static NoisyConceptStream changing() {
    return new NoisyConceptStream(
        new NoisyConceptStream.Options(
            16_000, NoisyConceptStream.Noise.SYM, 0.1, NoisyConceptStream.Change.CONCEPT, 0, 0, 4));
  }

  /** At the defaults: four lanes, and a challenger's four after the concept has changed. */
  @Test
  void contributionsOfEveryPredictionAddUpToItsLogitDifference() throws Exception {
    EngineConfig defaults = FeedConfig.replay(changing(), 1, List.of());
    double[] largest = new double[1];
    int[] lanes = new int[1];
    int[] predictions = new int[1];
    ReplayJob.Results results =
        new ReplayJob.Results() {
          @Override
          public void predicted(Prediction prediction) {
            double sum = prediction.baseValue();
            for (float contribution : prediction.contributions().values()) {
              sum += contribution;
            }
            float[] p = prediction.probabilities();
            double difference = Math.log(p[1]) - Math.log(p[0]);
            largest[0] =
                Math.max(largest[0], Math.abs(sum - difference) / (1 + Math.abs(difference)));
            lanes[0] = Math.max(lanes[0], prediction.laneWeights().size());
            predictions[0]++;
          }

          @Override
          public void weighted(SampleWeight weight) {
            assertThat(weight.belief()).isBetween(0f, 1f);
          }
        };

    ReplayJob.run(ReplayJobITCase::changing, defaults, results);

    assertThat(predictions[0]).isEqualTo(16_000);
    assertThat(lanes[0]).as("a challenger took part").isEqualTo(8);
    assertThat(largest[0]).isLessThan(1e-4);
  }

  @Test
  void whatAResultThrowsEndsTheJob() {
    ReplayJob.Results failing =
        new ReplayJob.Results() {
          @Override
          public void predicted(Prediction prediction) {
            throw new IllegalStateException("disk full");
          }

          @Override
          public void weighted(SampleWeight weight) {}
        };

    assertThatThrownBy(() -> ReplayJob.run(() -> FewEvents.of(EVENTS), config, failing))
        .hasMessage("disk full");
  }

  @Test
  void aFailureOfTheJobIsTold() {
    FeedSupplier broken =
        () -> {
          throw new IllegalStateException("no such feed");
        };

    assertThatThrownBy(() -> ReplayJob.run(broken, config, new Digest()))
        .hasStackTraceContaining("no such feed");
  }
}
