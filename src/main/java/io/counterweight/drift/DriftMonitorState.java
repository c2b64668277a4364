package io.counterweight.drift;

import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import java.util.List;

/** All that a monitor remembers of a key; plain values. */
public final class DriftMonitorState {
  /**
   * A class on the trusted side: count, mean and variance of the loss, newest mean; pairs of an
   * ordinary and a trusted label, share of them that differ, what adds up above the usual.
   */
  static final int TRUSTED = 7;

  /**
   * A class in the blocks of the label side: count and sum of this block; blocks, mean, variance;
   * what adds up above the usual.
   */
  static final int LABEL = 6;

  /**
   * A feature or a class share: sum of this block; mean and variance over blocks; what adds up
   * above and below the usual.
   */
  static final int BLOCKED = 5;

  /** {@code [classes x TRUSTED]}. */
  final double[] trusted;

  final double[] detector;

  /** {@code [classes x LABEL]}. */
  final double[] labels;

  /** {@code [features x BLOCKED]}. */
  final double[] inputs;

  /** {@code [classes x BLOCKED]}. */
  final double[] shares;

  /** See {@code Place}. */
  final double[] scalars;

  /** Places of the scalars. */
  enum Place {
    STATE,
    KIND,
    /** Labelled events in the present block. */
    IN_BLOCK,
    /** Event time of its first. */
    BLOCK_BEGAN,
    /** Blocks done since the last restart. */
    BLOCKS,
    /** Trusted events since the last restart. */
    TRUSTED_SEEN,
    /** Event time at which the detector's statistic was at rest last. */
    CALM_UNTIL,
    /** Blocks since which a suspicion waits for its kind; −1: none. */
    SUSPECT_BLOCKS,
    SUSPECT_ONSET,
    SUSPECT_TRUSTED,
    SUSPECT_LABELS,
    SUSPECT_INPUTS,
    SUSPECT_SHARES,
    SUSPECT_STATISTIC,
    /** Class or feature that moved most. */
    SUSPECT_PLACE,
    /** Blocks that recovery still lasts. */
    RECOVERY
  }

  DriftMonitorState(
      double[] trusted,
      double[] detector,
      double[] labels,
      double[] inputs,
      double[] shares,
      double[] scalars) {
    this.trusted = trusted;
    this.detector = detector;
    this.labels = labels;
    this.inputs = inputs;
    this.shares = shares;
    this.scalars = scalars;
  }

  double get(Place place) {
    return scalars[place.ordinal()];
  }

  void set(Place place, double value) {
    scalars[place.ordinal()] = value;
  }

  public DriftState state() {
    return DriftState.values()[(int) get(Place.STATE)];
  }

  /** Kind of the newest drift while it lasts, otherwise NONE. */
  public DriftKind kind() {
    return DriftKind.values()[(int) get(Place.KIND)];
  }

  /**
   * A stored state; whether it fits a monitor is asked by {@link DriftMonitor#fits}.
   *
   * @param arrays of {@link #arrays}
   * @throws IllegalArgumentException if they are none
   */
  public static DriftMonitorState of(List<double[]> arrays) {
    if (arrays.size() != 6 || arrays.get(5).length != Place.values().length) {
      throw new IllegalArgumentException(
          "A drift monitor has 6 arrays, the last of "
              + Place.values().length
              + " values; found "
              + arrays.size());
    }
    DriftMonitorState state =
        new DriftMonitorState(
            arrays.get(0),
            arrays.get(1),
            arrays.get(2),
            arrays.get(3),
            arrays.get(4),
            arrays.get(5));
    requireConstant("state", state.get(Place.STATE), DriftState.values().length);
    requireConstant("kind", state.get(Place.KIND), DriftKind.values().length);
    return state;
  }

  /** Of no monitor at all: it fits none. */
  public static DriftMonitorState none() {
    double[] nothing = new double[0];
    return new DriftMonitorState(
        nothing, nothing, nothing, nothing, nothing, new double[Place.values().length]);
  }

  /** Of no monitor, but with the same state and kind to show. */
  public DriftMonitorState shown() {
    DriftMonitorState shown = none();
    shown.set(Place.STATE, get(Place.STATE));
    shown.set(Place.KIND, get(Place.KIND));
    return shown;
  }

  private static void requireConstant(String what, double value, int count) {
    if (value != Math.rint(value) || value < 0 || value >= count) {
      throw new IllegalArgumentException(
          "A drift monitor's " + what + " is " + value + ", expected 0 to " + (count - 1));
    }
  }

  /** Everything, for storing. */
  public List<double[]> arrays() {
    return List.of(trusted, detector, labels, inputs, shares, scalars);
  }
}
