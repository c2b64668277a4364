package io.counterweight.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.counterweight.embedded.FeedEvent;
import io.counterweight.experiment.NoisyConceptStream.Change;
import io.counterweight.experiment.NoisyConceptStream.Noise;
import io.counterweight.experiment.NoisyConceptStream.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class NoisyConceptStreamTest {
  private static final int EVENTS = 40_000;

  @Test
  void sharesAreThoseOfTheStudy() {
    List<FeedEvent> events = events(Noise.SYM, 0.2, Change.NOTHING, 0, 0);

    assertThat(share(events, e -> e.trueLabel() == 1)).isCloseTo(0.05, within(0.001));
    assertThat(share(events, FeedEvent::isMislabelled)).isCloseTo(0.2, within(0.01));
    List<FeedEvent> positives = events.stream().filter(e -> e.trueLabel() == 1).toList();
    List<FeedEvent> negatives = events.stream().filter(e -> e.trueLabel() == 0).toList();
    assertThat(share(positives, FeedEvent::isTrusted)).isCloseTo(0.2, within(0.03));
    assertThat(share(negatives, FeedEvent::isTrusted)).isCloseTo(0.01, within(0.003));
  }

  @Test
  void missedPositivesAndFalseAlarmsHaveTheirOwnRates() {
    List<FeedEvent> events = events(Noise.MISS, 0.4, Change.NOTHING, 0, 0);
    List<FeedEvent> positives = events.stream().filter(e -> e.trueLabel() == 1).toList();
    List<FeedEvent> negatives = events.stream().filter(e -> e.trueLabel() == 0).toList();

    assertThat(share(positives, FeedEvent::isMislabelled)).isCloseTo(0.4, within(0.04));
    assertThat(share(negatives, FeedEvent::isMislabelled)).isCloseTo(0.01, within(0.003));
  }

  @Test
  void instanceNoiseHitsSomePositivesAlwaysAndSomeNegativesHalfTheTime() {
    List<FeedEvent> events = events(Noise.INSTANCE, 0, Change.NOTHING, 0, 0);
    List<FeedEvent> positives = events.stream().filter(e -> e.trueLabel() == 1).toList();

    assertThat(share(positives, FeedEvent::isMislabelled)).isBetween(0.05, 0.7);
    assertThat(share(events, FeedEvent::isMislabelled)).isBetween(0.01, 0.2);
  }

  @Test
  void aChangedConceptLabelsTheSameInputsOtherwise() {
    List<FeedEvent> before = events(Noise.NONE, 0, Change.NOTHING, 0, 0);
    List<FeedEvent> after = events(Noise.NONE, 0, Change.CONCEPT, 0, 0);
    int early = 0;
    int differing = 0;
    for (int i = 0; i < EVENTS; i++) {
      assertThat(after.get(i).event().features()).isEqualTo(before.get(i).event().features());
      boolean differs = after.get(i).trueLabel() != before.get(i).trueLabel();
      early += differs && i < EVENTS / 2 ? 1 : 0;
      differing += differs ? 1 : 0;
    }

    // The threshold is that of the half, so a few labels at its edge differ.
    assertThat(early).isLessThan(EVENTS / 400);
    assertThat(differing).isGreaterThan(EVENTS / 50);
  }

  @Test
  void noiseInputsAndPriorChangeHalfWay() {
    List<FeedEvent> noise = events(Noise.SYM, 0.05, Change.NOISE, 0.3, 0);
    assertThat(share(noise.subList(0, EVENTS / 2), FeedEvent::isMislabelled))
        .isCloseTo(0.05, within(0.01));
    assertThat(share(noise.subList(EVENTS / 2, EVENTS), FeedEvent::isMislabelled))
        .isCloseTo(0.3, within(0.01));

    List<FeedEvent> prior = events(Noise.NONE, 0, Change.PRIOR, 0, 0);
    assertThat(share(prior.subList(EVENTS / 2, EVENTS), e -> e.trueLabel() == 1))
        .isCloseTo(0.15, within(0.002));

    List<FeedEvent> inputs = events(Noise.NONE, 0, Change.COVARIATE, 0, 0);
    int moved = 0;
    for (int f = 0; f < 30; f++) {
      int feature = f;
      double mean =
          inputs.subList(EVENTS / 2, EVENTS).stream()
              .mapToDouble(e -> e.event().features()[feature])
              .average()
              .orElseThrow();
      moved += mean > 0.5 ? 1 : 0;
    }
    assertThat(moved).isEqualTo(18);
  }

  @Test
  void theSameSeedGivesTheSameStream() {
    List<FeedEvent> one = events(Noise.SYM, 0.2, Change.CONCEPT, 0, 4000);
    List<FeedEvent> other = events(Noise.SYM, 0.2, Change.CONCEPT, 0, 4000);

    for (int i = 0; i < EVENTS; i++) {
      assertThat(other.get(i).event().features()).isEqualTo(one.get(i).event().features());
      assertThat(other.get(i).event().label()).isEqualTo(one.get(i).event().label());
      assertThat(other.get(i).trueLabel()).isEqualTo(one.get(i).trueLabel());
      assertThat(other.get(i).trustedTime()).isEqualTo(one.get(i).trustedTime());
    }
  }

  @Test
  void impossibleOptionsAreRefused() {
    assertThatThrownBy(() -> new Options(99, Noise.SYM, 0.2, Change.NOTHING, 0, 0, 1))
        .hasMessageContaining("events is 99");
    assertThatThrownBy(() -> new Options(1000, Noise.SYM, 1.2, Change.NOTHING, 0, 0, 1))
        .hasMessageContaining("1.2");
    assertThatThrownBy(() -> new Options(1000, Noise.SYM, 0.2, Change.CONCEPT, 0, 501, 1))
        .hasMessageContaining("span 501");
  }

  private static List<FeedEvent> events(
      Noise noise, double rate, Change change, double after, int span) {
    List<FeedEvent> events = new ArrayList<>();
    new NoisyConceptStream(new Options(EVENTS, noise, rate, change, after, span, 3))
        .forEach(events::add);
    return events;
  }

  private static double share(List<FeedEvent> events, Predicate<FeedEvent> of) {
    return (double) events.stream().filter(of).count() / events.size();
  }
}
