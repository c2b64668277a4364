package io.counterweight.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankingTest {
  private static Ranking ranking(float[] scores, boolean[] positive) {
    Ranking ranking = new Ranking(0);
    for (int i = 0; i < scores.length; i++) {
      ranking.add(scores[i], positive[i]);
    }
    return ranking;
  }

  @Test
  void areasOfFourEventsByHand() {
    float[] scores = {0.1f, 0.4f, 0.35f, 0.8f};
    boolean[] positive = {false, false, true, true};

    Ranking ranking = ranking(scores, positive);

    // Three of the four pairs are in order.
    assertThat(ranking.rocAuc()).isEqualTo(0.75);
    // Precision 1 at the first hit, 2/3 at the second; half of the recall each.
    assertThat(ranking.averagePrecision()).isEqualTo(0.5 * 1 + 0.5 * 2 / 3, within(1e-12));
  }

  @Test
  void tiesAreOneStep() {
    Ranking ranking =
        ranking(
            new float[] {0.5f, 0.5f, 0.5f, 0.5f, 0.2f},
            new boolean[] {true, false, false, false, false});

    assertThat(ranking.averagePrecision()).isEqualTo(0.25);
    // Half of three ties and one pair in order.
    assertThat(ranking.rocAuc()).isEqualTo((1.5 + 1) / 4);
  }

  @Test
  void zerosOfBothSignsTieAndNegativeScoresAreBelow() {
    Ranking ranking =
        ranking(new float[] {-0f, 0f, -2f, -1f}, new boolean[] {true, false, false, false});

    assertThat(ranking.rocAuc()).isEqualTo(2.5 / 3);
    assertThat(ranking.averagePrecision()).isEqualTo(0.5);
  }

  @Test
  void oneKindAloneHasNoArea() {
    Ranking ranking = ranking(new float[] {1, 2}, new boolean[] {true, true});

    assertThat(ranking.rocAuc()).isNaN();
    assertThat(ranking.averagePrecision()).isNaN();
    assertThat(new Ranking(3).rocAuc()).isNaN();
  }

  @Test
  void aScoreWithoutRankMakesTheAreasUndefined() {
    Ranking ranking = ranking(new float[] {1, Float.NaN, 2}, new boolean[] {true, true, false});

    assertThat(ranking.rocAuc()).isNaN();
    assertThat(ranking.averagePrecision()).isNaN();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 13, 207, 1000})
  void agreesWithCountingPairs(int size) {
    Random random = new Random(size);
    float[] scores = new float[size];
    boolean[] positive = new boolean[size];
    for (int i = 0; i < size; i++) {
      scores[i] = random.nextInt(20) / 7f - 1; // many ties
      positive[i] = i == 0 || i > 1 && random.nextInt(4) == 0;
    }

    Ranking ranking = ranking(scores, positive);

    assertThat(ranking.rocAuc()).isEqualTo(pairs(scores, positive), within(1e-12));
    assertThat(ranking.averagePrecision()).isEqualTo(steps(scores, positive), within(1e-12));
  }

  private static double pairs(float[] scores, boolean[] positive) {
    double won = 0;
    double all = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < scores.length; j++) {
        if (positive[i] && !positive[j]) {
          won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
          all++;
        }
      }
    }
    return won / all;
  }

  /** Each positive event adds the precision among all that score at least as high. */
  private static double steps(float[] scores, boolean[] positive) {
    double sum = 0;
    int positives = 0;
    for (int i = 0; i < scores.length; i++) {
      if (!positive[i]) {
        continue;
      }
      positives++;
      double hits = 0;
      double alarms = 0;
      for (int j = 0; j < scores.length; j++) {
        if (scores[j] >= scores[i]) {
          alarms++;
          hits += positive[j] ? 1 : 0;
        }
      }
      sum += hits / alarms;
    }
    return sum / positives;
  }
}
