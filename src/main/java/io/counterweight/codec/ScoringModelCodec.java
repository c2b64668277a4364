package io.counterweight.codec;

import io.counterweight.compute.TrainingState;
import io.counterweight.conformal.PredictionSetState;
import io.counterweight.learner.BeliefState;
import io.counterweight.learner.Challenger;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.ScoringModel;
import io.counterweight.learner.StandardizerState;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * A model that only predicts as bytes: a marker of its own, a version, then every field in order,
 * little-endian. As with {@link LearnerStateCodec}, old versions stay readable.
 *
 * <p>Version 1: key, architecture, model version, time trained until, standardiser, lanes (each
 * with parameters, statistics and concept means), their weights, a challenger, shares of labels and
 * classes, drift, thresholds of the prediction sets, blueprint.
 */
public final class ScoringModelCodec {
  /** The version that {@link #encode} writes. */
  public static final int VERSION = 1;

  private static final int MARKER = 0x4C57_5301;

  private ScoringModelCodec() {}

  /** Whether bytes begin as those of this codec do. */
  public static boolean isScoringModel(byte[] bytes) {
    return bytes.length >= 4 && new ByteReader(bytes).readInt("marker") == MARKER;
  }

  /** Writes the current version. */
  public static byte[] encode(ScoringModel model) {
    LearnerState state = model.state();
    ByteWriter out = new ByteWriter();
    out.writeInt(MARKER)
        .writeInt(VERSION)
        .writeText(state.modelKey)
        .writeLong(state.architecture)
        .writeLong(state.version)
        .writeLong(state.trainedUntil)
        .writeInt(state.standardizer.mean.length)
        .writeDoubles(state.standardizer.count)
        .writeDoubles(state.standardizer.mean)
        .writeDoubles(state.standardizer.variance);
    writeLanes(out, state.lanes);
    out.writeDoubles(state.laneWeights);
    Challenger challenger = state.challenger;
    writeLanes(out, challenger == null ? List.of() : challenger.lanes);
    if (challenger != null) {
      out.writeDoubles(challenger.weights).writeDoubles(new double[] {challenger.share});
    }
    out.writeInt(state.trustedCounts.length)
        .writeDoubles(state.belief.observedShares)
        .writeDoubles(state.belief.trueShares);
    out.writeInt(state.drift.arrays().size());
    state.drift.arrays().forEach(out::writeDoubles);
    out.writeInt(state.sets.length);
    for (PredictionSetState set : state.sets) {
      // May be infinite, so not as a double.
      out.writeLong(Double.doubleToLongBits(set.threshold()))
          .writeInt(set.size())
          .writeInt(set.coveredCount());
    }
    BlueprintCodec.write(out, state.blueprint);
    return out.toBytes();
  }

  private static void writeLanes(ByteWriter out, List<TrainingState> lanes) {
    out.writeInt(lanes.size());
    for (TrainingState lane : lanes) {
      out.writeFloats(lane.predicting())
          .writeFloats(lane.statistics)
          .writeFloats(lane.conceptMeans);
    }
  }

  /**
   * Reads any version up to the current one.
   *
   * @throws StateFormatException if the bytes are something else, newer, cut short, or contradict
   *     themselves
   */
  public static ScoringModel decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int marker = in.readInt("marker");
    if (marker != MARKER) {
      throw new StateFormatException(
          String.format("Not a scoring model: it begins with %08x, not %08x", marker, MARKER));
    }
    int version = in.readInt("version");
    if (version < 1 || version > VERSION) {
      throw new StateFormatException(
          "Scoring model of version "
              + version
              + "; this build reads versions 1 to "
              + VERSION
              + "; restore it with the build that wrote it");
    }
    return decodeBody(in);
  }

  private static ScoringModel decodeBody(ByteReader in) {
    String modelKey = in.readText("model key");
    long architecture = in.readLong("architecture");
    long modelVersion = in.readUnsignedLong("model version");
    long trainedUntil = in.readLong("trained until");
    int features = in.readInt("features");
    StandardizerState standardizer =
        new StandardizerState(
            in.readUnsignedDoubles("value counts", features),
            in.readDoubles("means", features),
            in.readUnsignedDoubles("variances", features));
    List<TrainingState> lanes = readLanes(in);
    double[] laneWeights = LearnerStateCodec.readLaneWeights(in, lanes.size());
    Challenger challenger = readChallenger(in);
    int classes = in.readInt("classes");
    in.require(classes >= 2, "classes", classes, "at least 2");
    double[] observedShares = LearnerStateCodec.readShares(in, "shares of labels", classes);
    double[] trueShares = LearnerStateCodec.readShares(in, "shares of classes", classes);
    // Only now are so many classes known to be there.
    BeliefState belief = new BeliefState(classes, 0, 1);
    System.arraycopy(observedShares, 0, belief.observedShares, 0, classes);
    System.arraycopy(trueShares, 0, belief.trueShares, 0, classes);
    LearnerState state =
        new LearnerState(
            modelKey,
            architecture,
            standardizer,
            lanes,
            laneWeights,
            new TrustedReservoir(classes, 1),
            new long[classes],
            belief,
            LearnerStateCodec.readDrift(in),
            readSets(in, classes),
            new SeededRandom(0));
    state.challenger = challenger;
    state.blueprint = BlueprintCodec.read(in, features);
    int named = state.blueprint.lanes().size();
    in.require(named == lanes.size(), "names of lanes", named, "one for each lane");
    in.expectEnd();
    state.version = modelVersion;
    state.trainedUntil = trainedUntil;
    return new ScoringModel(state);
  }

  private static List<TrainingState> readLanes(ByteReader in) {
    int count = in.readCount("lanes", 12);
    List<TrainingState> lanes = new ArrayList<>();
    for (int l = 0; l < count; l++) {
      lanes.add(
          ScoringModel.predicting(
              in.readFloats("parameters"),
              in.readFloats("statistics"),
              in.readFloats("concept means")));
    }
    return lanes;
  }

  private static Challenger readChallenger(ByteReader in) {
    List<TrainingState> lanes = readLanes(in);
    if (lanes.isEmpty()) {
      return null;
    }
    double[] weights = LearnerStateCodec.readLaneWeights(in, lanes.size());
    double share = in.readDoubles("share of a challenger", 1)[0];
    in.require(share > 0 && share < 1, "share of a challenger", share, "one between 0 and 1");
    return new Challenger(lanes, weights, share, 0, 0);
  }

  private static PredictionSetState[] readSets(ByteReader in, int classes) {
    int count = in.readCount("prediction sets", 16);
    in.expect("prediction sets", count, classes);
    PredictionSetState[] sets = new PredictionSetState[count];
    for (int k = 0; k < count; k++) {
      double threshold = Double.longBitsToDouble(in.readLong("threshold of a prediction set"));
      int size = in.readInt("events of a prediction set");
      int covered = in.readInt("covered events of a prediction set");
      try {
        sets[k] = PredictionSetState.fixed(threshold, size, covered);
      } catch (IllegalArgumentException e) {
        throw new StateFormatException(e.getMessage());
      }
    }
    return sets;
  }
}
