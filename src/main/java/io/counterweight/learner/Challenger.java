package io.counterweight.learner;

import io.counterweight.compute.TrainingState;
import io.counterweight.sampling.MuboState;
import java.util.List;

/**
 * Fresh lanes that train beside the present ones since a drift was suspected (SPEC 5). The mixture
 * decides which of the two stay. Plain values.
 */
public final class Challenger {
  /** In the order of the present ones. */
  public List<TrainingState> lanes;

  /** Of its {@code MUBO} lanes, in their order. */
  public List<MuboState> mubo = List.of();

  /** Share of each lane among them, sum to 1. */
  public final double[] weights;

  /** Their share in the whole mixture, in (0, 1). */
  public double share;

  /** Trusted events in a row after which the share was at the ceiling; negative: at the floor. */
  public int streak;

  /** Trusted events since they began. */
  public int age;

  /** Takes ownership of everything. */
  public Challenger(
      List<TrainingState> lanes, double[] weights, double share, int streak, int age) {
    this.lanes = List.copyOf(lanes);
    this.weights = weights;
    this.share = share;
    this.streak = streak;
    this.age = age;
  }
}
