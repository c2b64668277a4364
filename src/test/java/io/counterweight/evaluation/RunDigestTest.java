package io.counterweight.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RunDigestTest {
  private final RunDigest digest = new RunDigest();
  private final RunDigest other = new RunDigest();

  @Test
  void keysMayInterleaveAsTheyLike() {
    digest.predicted(Results.prediction("1", "a", 0.1f, 0.1f));
    digest.predicted(Results.prediction("2", "b", 0.2f, 0.2f));
    digest.weighted(Results.weight("1", "a", 1, 1, false));
    other.weighted(Results.weight("1", "a", 1, 1, false));
    other.predicted(Results.prediction("2", "b", 0.2f, 0.2f));
    other.predicted(Results.prediction("1", "a", 0.1f, 0.1f));

    assertThat(digest.value()).isEqualTo(other.value()).matches("[0-9a-f]{64}");
  }

  @Test
  void theOrderWithinAKeyCounts() {
    digest.predicted(Results.prediction("1", "a", 0.1f, 0.1f));
    digest.predicted(Results.prediction("2", "a", 0.2f, 0.2f));
    other.predicted(Results.prediction("2", "a", 0.2f, 0.2f));
    other.predicted(Results.prediction("1", "a", 0.1f, 0.1f));

    assertThat(digest.value()).isNotEqualTo(other.value());
  }

  @Test
  void theLastBitCounts() {
    digest.weighted(Results.weight("1", "a", 1, 1, false));
    other.weighted(Results.weight("1", "a", 1, Math.nextUp(1f), false));

    assertThat(digest.value()).isNotEqualTo(other.value());
  }

  @Test
  void longNamesAreTakenWhole() {
    digest.predicted(Results.prediction("x".repeat(5000) + "1", "a", 0.1f, 0.1f));
    other.predicted(Results.prediction("x".repeat(5000) + "2", "a", 0.1f, 0.1f));

    assertThat(digest.value()).isNotEqualTo(other.value());
  }
}
