package io.counterweight.sampling;

import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Over-sampling of the rare class by interpolation until both classes are equally frequent: SMOTE
 * (Chawla et al. 2002, section 4.2), Borderline-SMOTE (Han, Wang and Mao 2005, Borderline-SMOTE1)
 * and SVM-SMOTE (Nguyen, Cooper and Kamei 2011). The baselines of MUBO.
 */
public final class Smote {
  /** Neighbours that a new row may lie between. */
  private static final int NEIGHBOURS = 5;

  /** Neighbours by which a rare row is judged to be at the border. */
  private static final int BORDER_NEIGHBOURS = 10;

  /** How far beyond a safe support vector, in parts of the way to a neighbour. */
  private static final double OUT_STEP = 0.5;

  private final LabelledRows rows;
  private final SeededRandom random;
  private final float[][] rare;
  private final NearestNeighbours amongRare;
  private final int wanted;
  private final int frequentCount;

  /**
   * For these training rows.
   *
   * @param rows at least 2 of the rare class
   */
  public Smote(LabelledRows rows, long seed) {
    this.rows = rows;
    random = new SeededRandom(seed);
    rare = rows.select(rows.indices(LabelledRows.MINORITY)).x();
    if (rare.length < 2) {
      throw new IllegalArgumentException(
          "There are "
              + rare.length
              + " rows of the rare class to interpolate between, expected 2");
    }
    frequentCount = rows.size() - rare.length;
    wanted = Math.max(0, frequentCount - rare.length);
    amongRare = new NearestNeighbours(rare);
  }

  /** New rows between any rare row and its rare neighbours. */
  public LabelledRows plain() {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < rare.length; i++) {
      all.add(i);
    }
    return rows.withMinority(interpolated(all, wanted));
  }

  /**
   * New rows from rare rows in danger only: those of whose neighbours half at least, and not all,
   * are frequent. Without any, as {@link #plain}.
   */
  public LabelledRows borderline() {
    List<Integer> danger = new ArrayList<>();
    for (int i = 0; i < rare.length; i++) {
      double frequent = frequentShare(rare[i]);
      if (frequent >= 0.5 && frequent < 1) {
        danger.add(i);
      }
    }
    return danger.isEmpty() ? plain() : rows.withMinority(interpolated(danger, wanted));
  }

  /**
   * New rows from support vectors of the rare class: in danger by interpolation, safe ones by
   * extrapolation away from their neighbours; those with frequent neighbours only are left out.
   * Without any, as {@link #plain}.
   *
   * @param isSupport whether a rare row is a support vector, in the order of {@code
   *     rows.indices(MINORITY)}
   */
  public LabelledRows atSupport(boolean[] isSupport) {
    List<Integer> danger = new ArrayList<>();
    List<Integer> safe = new ArrayList<>();
    for (int i = 0; i < rare.length; i++) {
      if (!isSupport[i]) {
        continue;
      }
      double frequent = frequentShare(rare[i]);
      if (frequent < 0.5) {
        safe.add(i);
      } else if (frequent < 1) {
        danger.add(i);
      }
    }
    int sources = danger.size() + safe.size();
    if (sources == 0) {
      return plain();
    }
    int inDanger = (int) ((long) wanted * danger.size() / sources);
    List<float[]> made = interpolated(danger, inDanger);
    made.addAll(between(safe, wanted - inDanger, -OUT_STEP));
    return rows.withMinority(made);
  }

  private double frequentShare(float[] row) {
    int[] neighbours = new NearestNeighbours(rows.x()).of(row, -1, BORDER_NEIGHBOURS + 1);
    int frequent = 0;
    int others = 0;
    for (int n : neighbours) {
      if (rows.x()[n] != row) {
        others++;
        frequent += rows.y()[n] == LabelledRows.MAJORITY ? 1 : 0;
      }
    }
    return others == 0 ? 0 : (double) frequent / others;
  }

  private List<float[]> interpolated(List<Integer> sources, int count) {
    return between(sources, count, 1);
  }

  /** Rows at a random part, of at most {@code reach}, of the way to a random neighbour. */
  private List<float[]> between(List<Integer> sources, int count, double reach) {
    List<float[]> made = new ArrayList<>();
    int[][] neighbours = new int[rare.length][];
    for (int i = 0; i < count; i++) {
      int source = sources.get(random.nextInt(sources.size()));
      if (neighbours[source] == null) {
        neighbours[source] = amongRare.of(rare[source], source, NEIGHBOURS);
      }
      float[] other = rare[neighbours[source][random.nextInt(neighbours[source].length)]];
      double part = reach * random.nextDouble();
      float[] row = new float[other.length];
      for (int f = 0; f < row.length; f++) {
        row[f] = (float) (rare[source][f] + part * ((double) other[f] - rare[source][f]));
      }
      made.add(row);
    }
    return made;
  }

  /** As many random frequent rows as there are rare ones. */
  public LabelledRows undersampled() {
    int[] frequent = rows.indices(LabelledRows.MAJORITY);
    Indices.shuffle(frequent, random);
    int[] kept = Arrays.copyOf(frequent, Math.min(rare.length, frequentCount));
    return rows.select(Indices.joined(rows.indices(LabelledRows.MINORITY), kept));
  }
}
