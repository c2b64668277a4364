package io.counterweight.learner;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.support.Learners;
import io.counterweight.support.SyntheticStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InheritanceTest {
  private static final LearnerSettings SETTINGS = Learners.small();
  private static final SyntheticStream STREAM = Learners.stream(SETTINGS);

  private OnlineLearner learner;
  private LearnerState parent;

  @BeforeEach
  void train() {
    learner = new OnlineLearner(SETTINGS, Backends.named("scalar"));
    parent = learner.create("global");
    for (int n = 0; n < 402 || parent.challenger != null || parent.pending.isEmpty(); n++) {
      learner.observe(parent, STREAM.labelled("global", n));
      if (n % 4 == 0) {
        learner.observeTrusted(parent, STREAM.trusted("global", n));
      }
      if (n % 5 == 0) {
        learner.observeTrusted(parent, STREAM.labelled("global", n));
      }
      if (learner.isBatchFull(parent)) {
        learner.learn(parent);
      }
    }
    learner.sync(parent);
  }

  @AfterEach
  void close() {
    learner.close();
  }

  @Test
  void theFirstPredictionIsTheParents() {
    LearnerState child = learner.create("shop", parent);

    for (int n = 0; n < 20; n++) {
      Event event = STREAM.unlabelled("shop", n);
      Prediction ofParent = learner.score(parent, event);
      Prediction first = learner.score(child, event);

      assertThat(first.modelKey()).isEqualTo("shop");
      assertThat(first.probabilities()).isEqualTo(ofParent.probabilities());
      assertThat(first.contributions()).isEqualTo(ofParent.contributions());
      assertThat(first.laneWeights()).isEqualTo(ofParent.laneWeights());
      assertThat(first.classShares()).isEqualTo(ofParent.classShares());
    }
  }

  @Test
  void whatWasLearnedIsInheritedAndWhatBelongsToEventsIsNot() {
    LearnerState child = learner.create("shop", parent);
    LearnerState alone = learner.create("shop");

    assertThat(child.lanes).usingRecursiveComparison().isEqualTo(parent.lanes);
    assertThat(child.laneWeights).isEqualTo(parent.laneWeights);
    assertThat(child.standardizer.mean).isEqualTo(parent.standardizer.mean);
    assertThat(child.standardizer.variance).isEqualTo(parent.standardizer.variance);
    assertThat(child.belief.pairCounts).isEqualTo(parent.belief.pairCounts);
    assertThat(child.belief.pairCounts[0][0]).isPositive();
    assertThat(child.belief.errors).usingRecursiveComparison().isEqualTo(parent.belief.errors);
    assertThat(child.belief.observedShares).isEqualTo(parent.belief.observedShares);
    assertThat(child.belief.trueShares).isEqualTo(parent.belief.trueShares);

    assertThat(parent.pending).isNotEmpty();
    assertThat(child.pending).isEmpty();
    assertThat(child.pool).isEmpty();
    assertThat(child.reservoir.size(0) + child.reservoir.size(1)).isZero();
    assertThat(child.trustedCounts).containsOnly(0);
    assertThat(child.belief.pairs.hashes(false)).isEmpty();
    assertThat(child.belief.pairs.hashes(true)).isEmpty();
    assertThat(child.drift).usingRecursiveComparison().isEqualTo(alone.drift);
    assertThat(child.sets).usingRecursiveComparison().isEqualTo(alone.sets);
    assertThat(child.challenger).isNull();
    assertThat(child.random.state()).isEqualTo(alone.random.state());
    assertThat(child.predicted + child.version + child.skippedSteps).isZero();
    assertThat(child.trainedUntil).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void ofTwoGenerationsTheStrongerOneIsInherited() {
    learner.tellOfConceptDrift(parent, 1_000_000, 900_000);
    parent.challenger.share = 0.4;
    parent.belief.errors.mean[0] = 3;
    LearnerState doubted = learner.create("shop", parent);
    parent.challenger.share = 0.6;
    LearnerState decided = learner.create("shop", parent);

    assertThat(doubted.lanes).usingRecursiveComparison().isEqualTo(parent.lanes);
    assertThat(doubted.laneWeights).isEqualTo(parent.laneWeights);
    assertThat(doubted.challenger).isNull();
    assertThat(decided.lanes).usingRecursiveComparison().isEqualTo(parent.challenger.lanes);
    assertThat(decided.laneWeights).isEqualTo(parent.challenger.weights);
    assertThat(decided.challenger).isNull();

    // Errors by concepts are told in the concepts of the present lanes.
    assertThat(doubted.belief.errors).usingRecursiveComparison().isEqualTo(parent.belief.errors);
    assertThat(decided.belief.errors)
        .usingRecursiveComparison()
        .isEqualTo(learner.create("shop").belief.errors);
    assertThat(decided.belief.pairCounts).isEqualTo(parent.belief.pairCounts);
  }

  @Test
  void whatTheParentSawCountsAsLittle() {
    LearnerState child = learner.create("shop", parent);

    assertThat(parent.standardizer.count[0]).isGreaterThan(400);
    assertThat(child.standardizer.count).containsOnly(200);
    assertThat(parent.belief.labels).isGreaterThan(400);
    assertThat(child.belief.labels).isEqualTo(200);
  }

  @Test
  void theTwoGoTheirOwnWays() {
    byte[] before = LearnerStateCodec.encode(parent);
    LearnerState child = learner.create("shop", parent);
    byte[] young = LearnerStateCodec.encode(child);

    for (int n = 0; n < 40; n++) {
      learner.observe(child, STREAM.labelled("shop", n));
      learner.observeTrusted(child, STREAM.trusted("shop", n));
      if (learner.isBatchFull(child)) {
        learner.learn(child);
      }
    }
    learner.sync(child);
    assertThat(child.version).isEqualTo(10);
    assertThat(LearnerStateCodec.encode(parent)).isEqualTo(before);

    learner.learn(parent);
    LearnerState restored = LearnerStateCodec.decode(young);
    learner.adopt(restored);
    assertThat(LearnerStateCodec.encode(restored)).isEqualTo(young);
  }

  @Test
  void aParentWhoseLanesHaveNotTrainedGivesItsDraw() {
    LearnerState child = learner.create("shop", learner.create("global"));
    Event event = STREAM.unlabelled("shop", 1);

    assertThat(learner.score(child, event).probabilities())
        .isEqualTo(learner.score(learner.create("global"), event).probabilities());
    assertThat(LearnerStateCodec.decode(LearnerStateCodec.encode(child)).lanes).hasSize(2);
  }
}
