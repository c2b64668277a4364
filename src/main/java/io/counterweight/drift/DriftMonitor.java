package io.counterweight.drift;

import io.counterweight.drift.DriftDetector.Level;
import io.counterweight.drift.DriftMonitorState.Place;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Says what kind of change a key's stream has undergone, from four signals (SPEC 5).
 *
 * <ul>
 *   <li>Trusted side: the loss of the emitted predictions on trusted events, standardised by class;
 *       a detector adds up what lies above the usual. An alarm is a CONCEPT drift.
 *   <li>Label side: how often the ordinary label of a trusted event is another one, by its true
 *       class, added up in the same way: without an alarm of the trusted side it is NOISE. And the
 *       losses on labels as received, in blocks: blocks far from those before raise a suspicion,
 *       which is NOISE where there are no pairs and trusted events are calm.
 *   <li>Inputs: means of the standardised features in the same blocks; without an alarm of trusted
 *       events and pairs they are COVARIATE.
 *   <li>Shares of the labels in the same blocks; alone they are PRIOR.
 * </ul>
 *
 * <p>Blocks are compared with the spread of the blocks before, so that a stream whose neighbours
 * resemble each other raises no alarm by that. After a drift all references begin anew.
 *
 * @param settings what is watched
 * @param classes at least 2
 * @param features at least 1
 */
public record DriftMonitor(DriftSettings settings, int classes, int features) {
  private static final double LOSS_CAP = 4;

  /** Trusted events of a class before its losses count. */
  private static final int KNOWN_AFTER = 25;

  private static final double TRUSTED_MEMORY = 200;

  /** Blocks that a reference remembers, and after how many it is known. */
  private static final double BLOCK_MEMORY = 30;

  private static final int KNOWN_BLOCKS = 12;

  /** Events of a class that a block of the label side needs to be compared. */
  private static final int LEAST_IN_BLOCK = 8;

  /** Blocks and trusted events that must be calm before a suspicion is not a concept's. */
  private static final int WAIT_BLOCKS = 4;

  private static final int WAIT_TRUSTED = 25;

  /** The same before it is a prior's: noise moves the shares of the labels too. */
  private static final int LONG_WAIT_BLOCKS = 8;

  /** Of the sum of differing pairs. */
  private static final double PAIR_ALARM = 12;

  /** Share of it above which differing pairs explain worse predictions. */
  private static final double PAIRS_EXPLAIN = 0.6;

  /** What is believed of pairs before they are seen, and how many pairs that counts as. */
  private static final double USUAL_ERROR = 0.1;

  private static final double USUAL_PAIRS = 20;

  /** A suspicion that no trusted event can settle is given up. */
  private static final int LONGEST_WAIT = 12;

  private static final int RECOVERY_BLOCKS = 6;

  /** Of a block's score, in deviations. */
  private static final double LARGEST_BLOCK_SCORE = 4;

  private static final double TOLERATED = 1;

  /** Of its own detector: losses of three deviations at most, half a deviation tolerated. */
  private static final double LARGEST_SCORE = 3;

  private static final PageHinkley CUSUM = new PageHinkley(20, 0.5, 11, 1, true);

  /** Share of the threshold below which the trusted side is calm. */
  private static final double CALM = 0.4;

  private DriftDetector detector() {
    return settings.detector().equals(DriftSettings.CUSUM)
        ? CUSUM
        : DriftDetectors.byName(settings.detector());
  }

  /** Nothing seen yet. */
  public DriftMonitorState fresh() {
    DriftMonitorState state =
        new DriftMonitorState(
            new double[classes * DriftMonitorState.TRUSTED],
            settings.watches() ? detector().fresh() : new double[0],
            new double[classes * DriftMonitorState.LABEL],
            new double[features * DriftMonitorState.BLOCKED],
            new double[classes * DriftMonitorState.BLOCKED],
            new double[Place.values().length]);
    state.set(Place.SUSPECT_BLOCKS, -1);
    return state;
  }

  /** Whether a stored state is of this monitor: its detector, its model. */
  public boolean fits(DriftMonitorState state) {
    List<double[]> expected = fresh().arrays();
    List<double[]> found = state.arrays();
    for (int i = 0; i < expected.size(); i++) {
      if (found.get(i).length != expected.get(i).length) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes a trusted event.
   *
   * @param loss of the emitted prediction as if all classes were equally frequent, in nats
   * @param wrong whether the class that was decided for is another
   * @param observed its ordinary label, or −1 if that is not known
   * @return changes of the state, in order; mostly none
   */
  public List<DriftChange> trusted(
      DriftMonitorState state,
      long eventTime,
      int label,
      double loss,
      boolean wrong,
      int observed) {
    if (!settings.watches()) {
      return List.of();
    }
    state.set(Place.TRUSTED_SEEN, state.get(Place.TRUSTED_SEEN) + 1);
    state.set(Place.SUSPECT_TRUSTED, state.get(Place.SUSPECT_TRUSTED) + 1);
    double capped = Math.min(LOSS_CAP, Double.isNaN(loss) ? LOSS_CAP : loss);
    int at = label * DriftMonitorState.TRUSTED;
    double[] side = state.trusted;
    double score = (capped - side[at + 1]) / Math.sqrt(side[at + 2] + 0.05);
    boolean known = side[at] >= KNOWN_AFTER;
    side[at]++;
    double memory = Math.min(side[at], TRUSTED_MEMORY);
    double distance = capped - side[at + 1];
    side[at + 1] += distance / memory;
    side[at + 2] += (distance * distance * (1 - 1 / memory) - side[at + 2]) / memory;
    side[at + 3] += (score - side[at + 3]) / Math.min(side[at], 20);
    boolean pairsMoved = observed >= 0 && pair(state, at, observed != label);
    if (!known || state.state() == DriftState.RECOVERING) {
      return List.of();
    }
    boolean own = settings.detector().equals(DriftSettings.CUSUM);
    Level level =
        detector().update(state.detector, own ? Math.min(LARGEST_SCORE, score) : wrong ? 1 : 0);
    if (level == Level.DRIFT && mostOfPairs(state) > PAIRS_EXPLAIN * PAIR_ALARM) {
      // A model that learns from worse labels gets worse: the cause is the noise.
      state.set(Place.SUSPECT_STATISTIC, mostOfPairs(state));
      return drift(state, DriftKind.NOISE, eventTime, "pairs", affected(state));
    }
    if (level == Level.DRIFT) {
      long onset = (long) Math.max(state.get(Place.CALM_UNTIL), 0);
      return drift(state, DriftKind.CONCEPT, onset, "trusted.loss", affected(state));
    }
    if (pairsMoved && isTrustedCalm(state)) {
      state.set(Place.SUSPECT_STATISTIC, state.trusted[at + 6]);
      return drift(state, DriftKind.NOISE, eventTime, "pairs", List.of("class " + label));
    }
    if (level == Level.STABLE) {
      boolean calm = !own || state.detector[DriftDetector.STATISTIC] < CALM / 2 * CUSUM.lambda();
      if (calm) {
        state.set(Place.CALM_UNTIL, eventTime);
      }
      boolean waits = state.get(Place.SUSPECT_BLOCKS) >= 0;
      return calm && state.state() == DriftState.WARNING && !waits
          ? move(state, DriftState.STABLE, DriftKind.NONE, eventTime, "trusted.loss", List.of())
          : List.of();
    }
    return state.state() == DriftState.STABLE
        ? move(
            state,
            DriftState.WARNING,
            DriftKind.NONE,
            (long) state.get(Place.CALM_UNTIL),
            "trusted.loss",
            affected(state))
        : List.of();
  }

  /** Counts a pair; whether more of them differ than usual. */
  private static boolean pair(DriftMonitorState state, int at, boolean differs) {
    double[] side = state.trusted;
    if (side[at + 4] == 0) {
      side[at + 5] = USUAL_ERROR;
    }
    double share = side[at + 5];
    double score = ((differs ? 1 : 0) - share) / Math.sqrt(share * (1 - share) + 0.03);
    boolean known = side[at + 4] >= KNOWN_AFTER;
    side[at + 4]++;
    double memory = Math.min(side[at + 4] + USUAL_PAIRS, TRUSTED_MEMORY);
    side[at + 5] += ((differs ? 1 : 0) - share) / memory;
    side[at + 6] =
        known ? Math.max(0, side[at + 6] + Math.min(LARGEST_SCORE, score) - CUSUM.delta()) : 0;
    return side[at + 6] > PAIR_ALARM && state.state() != DriftState.RECOVERING;
  }

  private static boolean isTrustedCalm(DriftMonitorState state) {
    return state.detector[DriftDetector.STATISTIC]
        < CALM * Math.max(state.detector[DriftDetector.THRESHOLD], 1e-9);
  }

  private boolean arePairsCalm(DriftMonitorState state) {
    return mostOfPairs(state) <= CALM * PAIR_ALARM;
  }

  /** The largest sum of differing pairs over the classes. */
  private double mostOfPairs(DriftMonitorState state) {
    double most = 0;
    for (int k = 0; k < classes; k++) {
      most = Math.max(most, state.trusted[k * DriftMonitorState.TRUSTED + 6]);
    }
    return most;
  }

  private boolean hasPairs(DriftMonitorState state) {
    for (int k = 0; k < classes; k++) {
      if (state.trusted[k * DriftMonitorState.TRUSTED + 4] >= KNOWN_AFTER) {
        return true;
      }
    }
    return false;
  }

  /** Classes whose newest trusted losses lie above the usual. */
  private List<String> affected(DriftMonitorState state) {
    List<String> affected = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      if (state.trusted[k * DriftMonitorState.TRUSTED + 3] > 0.5) {
        affected.add("class " + k);
      }
    }
    return affected;
  }

  /**
   * Takes a labelled event.
   *
   * @param loss of the emitted prediction on the label as received, as if all classes were equally
   *     frequent, in nats
   * @param inputs standardised {@code [features]}
   * @return changes of the state, in order; mostly none
   */
  public List<DriftChange> labelled(
      DriftMonitorState state, long eventTime, int label, double loss, float[] inputs) {
    if (!settings.watches()) {
      return List.of();
    }
    if (state.get(Place.IN_BLOCK) == 0) {
      state.set(Place.BLOCK_BEGAN, eventTime);
    }
    int at = label * DriftMonitorState.LABEL;
    state.labels[at]++;
    state.labels[at + 1] += Math.min(LOSS_CAP, Double.isNaN(loss) ? LOSS_CAP : loss);
    for (int f = 0; f < features; f++) {
      state.inputs[f * DriftMonitorState.BLOCKED] += inputs[f];
    }
    state.shares[label * DriftMonitorState.BLOCKED]++;
    state.set(Place.IN_BLOCK, state.get(Place.IN_BLOCK) + 1);
    return state.get(Place.IN_BLOCK) < settings.block() ? List.of() : endBlock(state, eventTime);
  }

  private List<DriftChange> endBlock(DriftMonitorState state, long eventTime) {
    boolean known = state.get(Place.BLOCKS) >= KNOWN_BLOCKS;
    double[] labelScore = new double[2];
    for (int k = 0; k < classes; k++) {
      keepLargest(labelScore, labelScore(state, k), k);
    }
    double[] inputScore = new double[2];
    double[] shareScore = new double[2];
    double n = state.get(Place.IN_BLOCK);
    for (int f = 0; f < features; f++) {
      keepLargest(inputScore, blockScore(state, state.inputs, f, n, 1 / n), f);
    }
    for (int k = 0; k < classes; k++) {
      double mean = state.shares[k * DriftMonitorState.BLOCKED + 1];
      keepLargest(shareScore, blockScore(state, state.shares, k, n, mean * (1 - mean) / n), k);
    }
    state.set(Place.IN_BLOCK, 0);
    state.set(Place.BLOCKS, state.get(Place.BLOCKS) + 1);
    if (state.get(Place.RECOVERY) > 0) {
      state.set(Place.RECOVERY, state.get(Place.RECOVERY) - 1);
      return state.get(Place.RECOVERY) > 0
          ? List.of()
          : move(state, DriftState.STABLE, DriftKind.NONE, eventTime, "blocks", List.of());
    }
    if (!known) {
      return List.of();
    }
    double alarm = settings.blockAlarm();
    // Many features, many chances: the bound for the largest of them grows with their number.
    double inputAlarm = alarm + Math.log(features) / 2;
    return weigh(
        state,
        eventTime,
        labelScore[0] > alarm ? labelScore : null,
        inputScore[0] > inputAlarm ? inputScore : null,
        shareScore[0] > alarm ? shareScore : null);
  }

  private static void keepLargest(double[] largest, double score, int place) {
    if (score > largest[0]) {
      largest[0] = score;
      largest[1] = place;
    }
  }

  /** How much the losses of a class have lain above those before, added up over blocks. */
  private static double labelScore(DriftMonitorState state, int k) {
    int at = k * DriftMonitorState.LABEL;
    double[] labels = state.labels;
    if (labels[at] < LEAST_IN_BLOCK) {
      return 0;
    }
    double mean = labels[at + 1] / labels[at];
    double distance = mean - labels[at + 3];
    // Blocks of a rare class differ by chance; a loss has a spread of about its mean.
    double floor = (0.02 + labels[at + 3] * labels[at + 3]) / labels[at];
    double score = distance / Math.sqrt(Math.max(labels[at + 4], floor));
    labels[at + 5] = added(labels[at + 5], score);
    boolean known = labels[at + 2] >= KNOWN_BLOCKS;
    labels[at + 2]++;
    double memory = Math.min(labels[at + 2], BLOCK_MEMORY);
    labels[at + 3] += distance / memory;
    labels[at + 4] += (distance * distance * (1 - 1 / memory) - labels[at + 4]) / memory;
    labels[at] = 0;
    labels[at + 1] = 0;
    if (!known) {
      labels[at + 5] = 0;
    }
    return labels[at + 5];
  }

  /** A sum of scores above the tolerated one (Page 1954); a single block cannot raise an alarm. */
  private static double added(double sum, double score) {
    return Math.max(0, sum + Math.min(LARGEST_BLOCK_SCORE, score) - TOLERATED);
  }

  private double blockScore(
      DriftMonitorState state, double[] blocked, int place, double n, double floor) {
    int at = place * DriftMonitorState.BLOCKED;
    double mean = blocked[at] / n;
    double distance = mean - blocked[at + 1];
    double score = distance / Math.sqrt(Math.max(blocked[at + 2], floor) + 1e-9);
    boolean known = state.get(Place.BLOCKS) >= KNOWN_BLOCKS;
    blocked[at + 3] = known ? added(blocked[at + 3], score) : 0;
    blocked[at + 4] = known ? added(blocked[at + 4], -score) : 0;
    blocked[at + 1] += distance / (BLOCK_MEMORY / 2);
    blocked[at + 2] += (distance * distance - blocked[at + 2]) / BLOCK_MEMORY;
    blocked[at] = 0;
    return Math.max(blocked[at + 3], blocked[at + 4]);
  }

  /** What moved in a block raises a suspicion; what stayed calm since then gives it its kind. */
  private List<DriftChange> weigh(
      DriftMonitorState state, long eventTime, double[] labels, double[] inputs, double[] shares) {
    boolean moved = labels != null || inputs != null || shares != null;
    List<DriftChange> changes = new ArrayList<>();
    if (state.get(Place.SUSPECT_BLOCKS) < 0) {
      if (!moved) {
        return List.of();
      }
      state.set(Place.SUSPECT_BLOCKS, 0);
      state.set(Place.SUSPECT_ONSET, state.get(Place.BLOCK_BEGAN));
      state.set(Place.SUSPECT_TRUSTED, 0);
      state.set(Place.SUSPECT_LABELS, 0);
      state.set(Place.SUSPECT_INPUTS, 0);
      state.set(Place.SUSPECT_SHARES, 0);
      double[] first = labels != null ? labels : inputs != null ? inputs : shares;
      state.set(Place.SUSPECT_STATISTIC, first[0]);
      state.set(Place.SUSPECT_PLACE, first[1]);
      if (state.state() == DriftState.STABLE) {
        String signal = labels != null ? "labels.loss" : inputs != null ? "inputs" : "labels.share";
        long onset = (long) state.get(Place.SUSPECT_ONSET);
        changes.addAll(move(state, DriftState.WARNING, DriftKind.NONE, onset, signal, List.of()));
      }
    } else {
      state.set(Place.SUSPECT_BLOCKS, state.get(Place.SUSPECT_BLOCKS) + 1);
    }
    add(state, Place.SUSPECT_LABELS, labels);
    add(state, Place.SUSPECT_INPUTS, inputs);
    add(state, Place.SUSPECT_SHARES, shares);
    changes.addAll(settle(state, eventTime));
    return changes;
  }

  private static void add(DriftMonitorState state, Place place, double[] score) {
    state.set(place, state.get(place) + (score == null ? 0 : 1));
  }

  private List<DriftChange> settle(DriftMonitorState state, long eventTime) {
    double blocks = state.get(Place.SUSPECT_BLOCKS);
    long onset = (long) state.get(Place.SUSPECT_ONSET);
    String place = String.valueOf((int) state.get(Place.SUSPECT_PLACE));
    if (isTrustedCalm(state) && arePairsCalm(state)) {
      if (state.get(Place.SUSPECT_INPUTS) >= 2 && blocks >= WAIT_BLOCKS) {
        return drift(state, DriftKind.COVARIATE, onset, "inputs", List.of("feature " + place));
      }
      boolean labelsMoved = state.get(Place.SUSPECT_LABELS) >= 2;
      boolean judged = state.get(Place.SUSPECT_TRUSTED) >= WAIT_TRUSTED;
      if (labelsMoved && judged && !hasPairs(state)) {
        return drift(state, DriftKind.NOISE, onset, "labels.loss", List.of("class " + place));
      }
      if (!labelsMoved && state.get(Place.SUSPECT_SHARES) >= 2 && blocks >= LONG_WAIT_BLOCKS) {
        return drift(state, DriftKind.PRIOR, onset, "labels.share", List.of("class " + place));
      }
    }
    if (blocks >= LONGEST_WAIT) {
      state.set(Place.SUSPECT_BLOCKS, -1);
      return state.state() == DriftState.WARNING
          ? move(state, DriftState.STABLE, DriftKind.NONE, eventTime, "blocks", List.of())
          : List.of();
    }
    return List.of();
  }

  /** A confirmed drift: told, and all references begin anew. */
  private List<DriftChange> drift(
      DriftMonitorState state, DriftKind kind, long onset, String signal, List<String> affected) {
    List<DriftChange> changes = move(state, DriftState.DRIFT, kind, onset, signal, affected);
    double statistic = state.detector[DriftDetector.STATISTIC];
    if (kind == DriftKind.CONCEPT || kind == DriftKind.NOISE) {
      for (int k = 0; k < classes; k++) {
        int at = k * DriftMonitorState.TRUSTED;
        Arrays.fill(state.trusted, at, at + 4, 0);
      }
      detector().restart(state.detector);
      state.detector[DriftDetector.STATISTIC] = statistic;
    }
    for (int k = 0; k < classes; k++) {
      // The rates are learned anew after a drift of the noise, and kept otherwise.
      int at = k * DriftMonitorState.TRUSTED;
      state.trusted[at + 6] = 0;
      state.trusted[at + 4] = kind == DriftKind.NOISE ? 0 : state.trusted[at + 4];
    }
    Arrays.fill(state.labels, 0);
    Arrays.fill(state.inputs, 0);
    Arrays.fill(state.shares, 0);
    state.set(Place.IN_BLOCK, 0);
    state.set(Place.BLOCKS, 0);
    state.set(Place.SUSPECT_BLOCKS, -1);
    state.set(Place.RECOVERY, RECOVERY_BLOCKS);
    List<DriftChange> all = new ArrayList<>(changes);
    all.addAll(move(state, DriftState.RECOVERING, kind, onset, signal, affected));
    return all;
  }

  private List<DriftChange> move(
      DriftMonitorState state,
      DriftState to,
      DriftKind kind,
      long onset,
      String signal,
      List<String> affected) {
    state.set(Place.STATE, to.ordinal());
    state.set(Place.KIND, kind.ordinal());
    boolean trusted = signal.startsWith("trusted");
    return List.of(
        new DriftChange(
            to,
            kind,
            onset,
            signal,
            trusted ? settings.detector() : "block",
            trusted ? state.detector[DriftDetector.STATISTIC] : state.get(Place.SUSPECT_STATISTIC),
            trusted ? state.detector[DriftDetector.THRESHOLD] : settings.blockAlarm(),
            affected));
  }
}
