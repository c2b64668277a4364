package io.counterweight.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SmoteTest {
  private static final LabelledRows ROWS = Blobs.of(200, 30, 2, 1);

  @Test
  void neighboursAreTheNearestOnesInOrder() {
    float[][] x = ROWS.x();
    NearestNeighbours neighbours = new NearestNeighbours(x);
    for (int i = 0; i < 50; i++) {
      int self = i;
      int[] expected =
          IntStream.range(0, x.length)
              .filter(j -> j != self)
              .boxed()
              .sorted(Comparator.comparingDouble(j -> distance(x[self], x[j])))
              .limit(7)
              .mapToInt(j -> j)
              .toArray();

      assertThat(neighbours.of(x[i], i, 7)).isEqualTo(expected);
    }
    assertThat(neighbours.of(x[0], 0, 10_000)).hasSize(x.length - 1);
  }

  @Test
  void plainRowsLieBetweenARareRowAndOneOfItsFiveRareNeighbours() {
    LabelledRows sampled = new Smote(ROWS, 3).plain();

    assertThat(Arrays.stream(sampled.y()).sum()).isEqualTo(200);
    assertThat(sampled.size()).isEqualTo(400);
    float[][] rare = ROWS.select(ROWS.indices(1)).x();
    for (int i = ROWS.size(); i < sampled.size(); i++) {
      float[] made = sampled.x()[i];
      assertThat(liesBetweenNeighbours(made, rare, 0, 1)).as("row %d", i).isTrue();
    }
  }

  @Test
  void borderlineRowsComeFromRareRowsInDangerOnly() {
    LabelledRows sampled = new Smote(ROWS, 3).borderline();
    float[][] rare = ROWS.select(ROWS.indices(1)).x();
    float[][] danger = Arrays.stream(rare).filter(row -> isInDanger(row)).toArray(float[][]::new);

    assertThat(danger.length).isBetween(1, rare.length - 1);
    assertThat(sampled.size()).isEqualTo(400);
    for (int i = ROWS.size(); i < sampled.size(); i++) {
      float[] made = sampled.x()[i];
      assertThat(Arrays.stream(danger).anyMatch(from -> isOnASegment(made, from, rare, 0, 1)))
          .as("row %d", i)
          .isTrue();
    }
  }

  @Test
  void safeSupportVectorsAreExtrapolatedAwayFromTheirNeighbours() {
    float[][] rare = ROWS.select(ROWS.indices(1)).x();
    boolean[] support = new boolean[rare.length];
    int safe = -1;
    for (int i = 0; i < rare.length; i++) {
      if (frequentNeighbours(rare[i]) < 5) {
        safe = i;
      }
    }
    assertThat(safe).isNotNegative();
    support[safe] = true;

    LabelledRows sampled = new Smote(ROWS, 3).atSupport(support);

    assertThat(sampled.size()).isEqualTo(400);
    for (int i = ROWS.size(); i < sampled.size(); i++) {
      assertThat(isOnASegment(sampled.x()[i], rare[safe], rare, -0.5, 0)).isTrue();
    }
  }

  @Test
  void undersamplingKeepsAllRareRowsAndAsManyFrequentOnes() {
    LabelledRows sampled = new Smote(ROWS, 3).undersampled();

    assertThat(sampled.size()).isEqualTo(60);
    assertThat(Arrays.stream(sampled.y()).sum()).isEqualTo(30);
    assertThat(Arrays.stream(sampled.x()).distinct().count()).isEqualTo(60);
  }

  @Test
  void oneRareRowIsTooFew() {
    assertThatThrownBy(() -> new Smote(Blobs.of(20, 1, 2, 1), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 rows of the rare class");
  }

  private static boolean liesBetweenNeighbours(
      float[] made, float[][] rare, double from, double to) {
    return Arrays.stream(rare).anyMatch(row -> isOnASegment(made, row, rare, from, to));
  }

  /** made = row + part (neighbour − row) with part in [from, to]. */
  private static boolean isOnASegment(
      float[] made, float[] row, float[][] rare, double from, double to) {
    return Arrays.stream(rare)
        .filter(other -> other != row)
        .sorted(Comparator.comparingDouble(other -> distance(row, other)))
        .limit(5)
        .anyMatch(
            other -> {
              double part = ((double) made[0] - row[0]) / ((double) other[0] - row[0]);
              boolean inside = part >= from - 1e-3 && part <= to + 1e-3;
              for (int f = 0; f < made.length; f++) {
                double expected = row[f] + part * ((double) other[f] - row[f]);
                inside &= Math.abs(made[f] - expected) < 1e-3;
              }
              return inside;
            });
  }

  private static boolean isInDanger(float[] row) {
    long frequent = frequentNeighbours(row);
    return frequent >= 5 && frequent < 10;
  }

  /** Among the ten nearest rows. */
  private static long frequentNeighbours(float[] row) {
    return IntStream.range(0, ROWS.size())
        .filter(i -> ROWS.x()[i] != row)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> distance(row, ROWS.x()[i])))
        .limit(10)
        .filter(i -> ROWS.y()[i] == LabelledRows.MAJORITY)
        .count();
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int f = 0; f < a.length; f++) {
      sum += ((double) a[f] - b[f]) * ((double) a[f] - b[f]);
    }
    return sum;
  }
}
