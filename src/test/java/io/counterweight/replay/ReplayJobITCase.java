package io.counterweight.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.compute.Backends;
import io.counterweight.config.EngineConfig;
import io.counterweight.embedded.FeedTimeline;
import io.counterweight.evaluation.RunDigest;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.job.ReweightJob;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayJobITCase {
  private static final int EVENTS = 1003; // the last mini-batch is not full
  private final EngineConfig config =
      FeedConfig.replay(FewEvents.of(EVENTS), 5, List.of("learner.trusted.minimum-per-class=1"));

  private static final class Digest implements ReplayJob.Results {
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
  }

  @Test
  void theJobSaysWhatTheLearnerAloneWouldSay() throws Exception {
    Digest job = new Digest();
    ReplayJob.run(() -> FewEvents.of(EVENTS), config, job);

    Digest alone = new Digest();
    try (OnlineLearner learner =
        new OnlineLearner(
            config.learner(), Backends.named(ReweightJob.options(config).backend()))) {
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
    }
    assertThat(job.results).isEqualTo(alone.results).isEqualTo(2 * EVENTS);
    assertThat(job.digest.value()).isEqualTo(alone.digest.value());
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
