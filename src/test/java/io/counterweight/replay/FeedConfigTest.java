package io.counterweight.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.config.ConfigException;
import io.counterweight.config.EngineConfig;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.operator.Ordering;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeedConfigTest {
  private static final FewEvents FEED = FewEvents.of(1);

  @Test
  void featuresAndClassesAreTheFeedsAndTheRestIsTheEngines() {
    EngineConfig config = FeedConfig.replay(FEED, 42, List.of("learner.mini-batch=3"));

    assertThat(config.featureNames()).containsExactly("a", "b");
    assertThat(config.learner().spec().outputs()).isEqualTo(2);
    assertThat(config.learner().seed()).isEqualTo(42);
    assertThat(config.learner().miniBatch()).isEqualTo(3);
    assertThat(config.training().ordering()).isEqualTo(Ordering.EVENT_TIME);
    assertThat(config.learner().lanes())
        .isEqualTo(
            EngineConfig.parse("{kafka.bootstrap-servers: 'a:1', model.features: 2}")
                .learner()
                .lanes());
  }

  @Test
  void anEncoderCanBeLeftOut() {
    assertThat(FeedConfig.replay(FEED, 1, List.of("model.hidden=[]")).learner().spec().encoder())
        .isFalse();
  }

  @Test
  void columnsMayBeCalledByNumbers() {
    FewEvents feed = new FewEvents(1, List.of("1", "0"));

    assertThat(FeedConfig.replay(feed, 1, List.of()).learner().spec().concepts())
        .containsExactly(new Concept("1", List.of(0)), new Concept("0", List.of(1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.features=3",
        "model.concepts.place=a",
        "learner.seed=2",
        "learner.ordering=arrival",
        "kafka.group-id=x",
        "labels.join=true",
        "scorer.tolerance=1",
        "watermarks.idleness=3 s",
        "state.checkpoint-interval=3 s",
        "learner.mini-bach=3",
        "learner.mini-batch=0"
      })
  void whatHasNoMeaningHereIsRefusedByName(String override) {
    assertThatThrownBy(() -> FeedConfig.replay(FEED, 1, List.of(override)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(override.split("=")[0]);
  }
}
