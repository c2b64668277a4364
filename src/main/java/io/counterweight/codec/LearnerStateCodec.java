package io.counterweight.codec;

import io.counterweight.compute.TrainingState;
import io.counterweight.conformal.PredictionSetState;
import io.counterweight.drift.DriftMonitorState;
import io.counterweight.learner.BeliefState;
import io.counterweight.learner.Blueprint;
import io.counterweight.learner.Challenger;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.PendingEvent;
import io.counterweight.learner.StandardizerState;
import io.counterweight.meta.ConceptErrors;
import io.counterweight.meta.LabelPairs;
import io.counterweight.meta.TrustedExample;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.AdamState;
import io.counterweight.sampling.MuboState;
import io.counterweight.sampling.RowBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * A key's learner as bytes: a marker, a version, then every field in order, little-endian. Old
 * versions stay readable; new ones are only appended to the history here.
 *
 * <p>Version 1: key, architecture, counters, random state, standardiser, lanes, mixture, reservoir,
 * pending mini-batch.
 *
 * <p>Version 2 adds: averaged parameters to a lane, the ordinary label to a trusted example, loss
 * and beliefs to a pending event; then the upper level's pool, a challenger, what is known of the
 * labels. Where version 1 has none, there is no average and no challenger, and labels are believed.
 *
 * <p>Version 3 adds the weight to a pending event, and at the end the buffers of the present {@code
 * MUBO} lanes, then of the challenger's, then the blueprint: what the arrays mean. Where it is
 * unknown, lanes are told by their number.
 *
 * <p>Version 4 begins the lanes with how they are written: in full, or, while nothing has changed
 * them, by what they were drawn from. Only then the blueprint comes before them.
 */
public final class LearnerStateCodec {
  /** The version that {@link #encode} writes. */
  public static final int VERSION = 4;

  private static final int PAIRING_OF_VERSION_1 = 4096;
  private static final int MOST_PAIRING = 10_000_000;

  /** Fits no monitor, so that the learner begins one of its own. */
  private static final DriftMonitorState NO_DRIFT_STATE = DriftMonitorState.none();

  private static final int IN_FULL = 0;
  private static final int DRAWN = 1;

  private static final int MARKER = 0x4C57_4301;

  private LearnerStateCodec() {}

  /** Writes the current version. */
  public static byte[] encode(LearnerState state) {
    ByteWriter out = new ByteWriter();
    out.writeInt(MARKER).writeInt(VERSION).writeText(state.modelKey).writeLong(state.architecture);
    out.writeLong(state.predicted)
        .writeLong(state.version)
        .writeLong(state.skippedSteps)
        .writeLong(state.trainedUntil)
        .writeLong(state.latestEventTime)
        .writeLong(state.random.state());
    out.writeInt(state.standardizer.mean.length)
        .writeDoubles(state.standardizer.count)
        .writeDoubles(state.standardizer.mean)
        .writeDoubles(state.standardizer.variance);
    boolean drawn = isDrawn(state);
    if (drawn) {
      out.writeInt(DRAWN).writeLong(state.drawnFrom);
      BlueprintCodec.write(out, state.blueprint);
    } else {
      out.writeInt(IN_FULL).writeInt(state.lanes.size());
      for (TrainingState lane : state.lanes) {
        writeLane(out, lane);
      }
    }
    out.writeDoubles(state.laneWeights);
    out.writeInt(state.reservoir.perClass()).writeLongs(state.trustedCounts);
    for (int k = 0; k < state.reservoir.classes(); k++) {
      writeExamples(out, state.reservoir.seasoned(k));
      writeExamples(out, state.reservoir.fresh(k));
    }
    writeEvents(out, state.pending);
    writeEvents(out, state.pool);
    writeChallenger(out, state.challenger);
    writeBelief(out, state.belief);
    out.writeInt(state.drift.arrays().size());
    for (double[] values : state.drift.arrays()) {
      out.writeDoubles(values);
    }
    out.writeInt(state.sets.length);
    for (PredictionSetState set : state.sets) {
      out.writeDoubles(set.toArray());
    }
    writeMubo(out, state.mubo);
    writeMubo(out, state.challenger == null ? List.of() : state.challenger.mubo);
    if (!drawn) {
      BlueprintCodec.write(out, state.blueprint);
    }
    return out.toBytes();
  }

  /** Whether its lanes can be drawn again. */
  private static boolean isDrawn(LearnerState state) {
    return state.drawnFrom != null && state.blueprint.isKnown();
  }

  private static void writeMubo(ByteWriter out, List<MuboState> lanes) {
    out.writeInt(lanes.size());
    for (MuboState lane : lanes) {
      out.writeLong(lane.accepted).writeLong(lane.rejected);
      for (RowBuffer buffer : lane.rows) {
        out.writeInt(buffer.capacity()).writeInt(buffer.size());
        buffer.rows().forEach(out::writeFloats);
      }
    }
  }

  private static void writeEvents(ByteWriter out, Collection<PendingEvent> events) {
    out.writeInt(events.size());
    for (PendingEvent event : events) {
      out.writeText(event.eventId())
          .writeLong(event.eventTime())
          .writeInt(event.label())
          .writeFloats(event.inputs())
          .writeFloats(new float[] {event.loss(), event.weight()})
          .writeFloats(event.belief())
          .writeFloats(event.conceptBelief());
    }
  }

  /** Class indices, which float32 holds exactly. */
  private static float[] floats(int[] labels) {
    float[] floats = new float[labels.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = labels[i];
    }
    return floats;
  }

  private static void writeChallenger(ByteWriter out, Challenger challenger) {
    if (challenger == null) {
      out.writeInt(0);
      return;
    }
    out.writeInt(challenger.lanes.size());
    for (TrainingState lane : challenger.lanes) {
      writeLane(out, lane);
    }
    out.writeDoubles(challenger.weights)
        .writeDoubles(new double[] {challenger.share})
        .writeInt(challenger.streak)
        .writeInt(challenger.age);
  }

  private static void writeBelief(ByteWriter out, BeliefState belief) {
    out.writeInt(belief.pairs.capacity());
    for (boolean ofTrusted : new boolean[] {false, true}) {
      int[] labels = belief.pairs.labels(ofTrusted);
      out.writeLongs(belief.pairs.hashes(ofTrusted)).writeFloats(floats(labels));
    }
    for (double[] row : belief.pairCounts) {
      out.writeDoubles(row);
    }
    for (double[] row : belief.errors.coefficients) {
      out.writeDoubles(row);
    }
    out.writeDoubles(belief.errors.mean)
        .writeDoubles(belief.errors.variance)
        .writeDoubles(belief.observedShares)
        .writeDoubles(belief.trueShares)
        .writeLong(belief.labels);
  }

  private static void writeLane(ByteWriter out, TrainingState lane) {
    out.writeFloats(lane.parameters);
    writeAdam(out, lane.adam);
    out.writeFloats(lane.statistics).writeFloats(lane.conceptMeans).writeFloats(lane.weightNet);
    writeAdam(out, lane.weightAdam);
    out.writeFloats(lane.averaged);
  }

  private static void writeAdam(ByteWriter out, AdamState adam) {
    out.writeLong(adam.steps).writeFloats(adam.firstMoment).writeFloats(adam.secondMoment);
  }

  private static void writeExamples(ByteWriter out, List<TrustedExample> examples) {
    out.writeInt(examples.size());
    for (TrustedExample example : examples) {
      out.writeLong(example.eventTime()).writeFloats(example.inputs()).writeInt(example.observed());
    }
  }

  /**
   * Reads any version up to the current one.
   *
   * @throws StateFormatException if the bytes are something else, newer, cut short, or contradict
   *     themselves
   */
  public static LearnerState decode(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    int marker = in.readInt("marker");
    if (marker != MARKER) {
      throw new StateFormatException(
          String.format("Not a learner state: it begins with %08x, expected %08x", marker, MARKER));
    }
    int version = in.readInt("version");
    if (version < 1 || version > VERSION) {
      throw new StateFormatException(
          "Learner state of version "
              + version
              + "; this build reads versions 1 to "
              + VERSION
              + "; restore it with the build that wrote it");
    }
    return decodeBody(in, version);
  }

  private static LearnerState decodeBody(ByteReader in, int version) {
    String modelKey = in.readText("model key");
    long architecture = in.readLong("architecture");
    long predicted = in.readUnsignedLong("predicted");
    long modelVersion = in.readUnsignedLong("model version");
    long skippedSteps = in.readUnsignedLong("skipped steps");
    long trainedUntil = in.readLong("trained until");
    long latestEventTime = in.readLong("latest event time");
    SeededRandom random = new SeededRandom(in.readLong("random state"));
    int features = in.readInt("features");
    StandardizerState standardizer =
        new StandardizerState(
            in.readUnsignedDoubles("value counts", features),
            in.readDoubles("means", features),
            in.readUnsignedDoubles("variances", features));
    boolean drawn = version >= 4 && readDrawn(in);
    Long drawnFrom = drawn ? in.readLong("draw of the lanes") : null;
    Blueprint blueprint = drawn ? BlueprintCodec.read(in, features) : Blueprint.UNKNOWN;
    in.require(!drawn || blueprint.isKnown(), "names of lanes", 0, "some to draw");
    int laneCount = drawn ? blueprint.lanes().size() : in.readCount("lanes", 4);
    List<TrainingState> lanes = new ArrayList<>();
    for (int l = 0; l < laneCount && !drawn; l++) {
      lanes.add(readLane(in, version));
    }
    double[] laneWeights = readLaneWeights(in, laneCount);
    int perClass = in.readInt("trusted events kept per class");
    in.require(perClass > 0, "trusted events kept per class", perClass, "at least 1");
    long[] trustedCounts = in.readUnsignedLongs("trusted counts");
    int classes = trustedCounts.length;
    in.require(classes >= 2, "classes", classes, "at least 2");
    TrustedReservoir reservoir = new TrustedReservoir(classes, perClass);
    for (int k = 0; k < classes; k++) {
      readShelf(in, version, features, reservoir, k);
    }
    List<PendingEvent> pending = readEvents(in, version, features, classes);
    List<PendingEvent> pool = version < 2 ? List.of() : readEvents(in, version, features, classes);
    Challenger challenger = version < 2 ? null : readChallenger(in, version);
    int concepts = lanes.isEmpty() ? blueprint.concepts().size() : lanes.get(0).conceptMeans.length;
    BeliefState belief =
        version < 2
            ? new BeliefState(classes, concepts, PAIRING_OF_VERSION_1)
            : readBelief(in, classes, concepts);
    DriftMonitorState drift = version < 2 ? NO_DRIFT_STATE : readDrift(in);
    PredictionSetState[] sets = version < 2 ? new PredictionSetState[0] : readSets(in);
    List<MuboState> mubo = version < 3 ? List.of() : readMubo(in, features);
    List<MuboState> challengerMubo = version < 3 ? List.of() : readMubo(in, features);
    in.require(
        challenger != null || challengerMubo.isEmpty(),
        "buffers of a challenger",
        challengerMubo.size(),
        "none without one");
    if (version >= 3 && !drawn) {
      blueprint = BlueprintCodec.read(in, features);
      in.require(
          !blueprint.isKnown() || blueprint.lanes().size() == laneCount,
          "names of lanes",
          blueprint.lanes().size(),
          String.valueOf(laneCount));
    }
    in.expectEnd();
    LearnerState state =
        new LearnerState(
            modelKey,
            architecture,
            standardizer,
            lanes,
            laneWeights,
            reservoir,
            trustedCounts,
            belief,
            drift,
            sets,
            random);
    state.predicted = predicted;
    state.version = modelVersion;
    state.skippedSteps = skippedSteps;
    state.trainedUntil = trainedUntil;
    state.latestEventTime = latestEventTime;
    state.pending.addAll(pending);
    state.pool.addAll(pool);
    state.blueprint = blueprint;
    state.drawnFrom = drawnFrom;
    state.mubo = mubo;
    state.challenger = challenger;
    if (challenger != null) {
      challenger.mubo = challengerMubo;
    }
    return state;
  }

  private static boolean readDrawn(ByteReader in) {
    int form = in.readInt("form of the lanes");
    in.require(form == IN_FULL || form == DRAWN, "form of the lanes", form, "0 or 1");
    return form == DRAWN;
  }

  private static List<MuboState> readMubo(ByteReader in, int features) {
    int count = in.readCount("MUBO lanes", 24);
    List<MuboState> lanes = new ArrayList<>(count);
    for (int l = 0; l < count; l++) {
      long accepted = in.readUnsignedLong("accepted micro-samples");
      long rejected = in.readUnsignedLong("rejected micro-samples");
      RowBuffer[] rows = {readBuffer(in, features), readBuffer(in, features)};
      lanes.add(new MuboState(rows, accepted, rejected));
    }
    return List.copyOf(lanes);
  }

  private static RowBuffer readBuffer(ByteReader in, int features) {
    int capacity = in.readInt("capacity of rows");
    in.require(capacity >= 1, "capacity of rows", capacity, "at least 1");
    int size = in.readCount("rows", 4);
    in.require(size <= capacity, "rows", size, "at most " + capacity);
    RowBuffer buffer = new RowBuffer(capacity);
    for (int i = 0; i < size; i++) {
      buffer.add(in.readFloats("inputs", features));
    }
    return buffer;
  }

  private static List<PendingEvent> readEvents(
      ByteReader in, int version, int features, int classes) {
    int count = in.readCount("labelled events", 20);
    List<PendingEvent> events = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String id = in.readText("event id");
      long time = in.readLong("event time");
      int label = in.readInt("label");
      in.require(label >= 0 && label < classes, "label", label, "a class below " + classes);
      float[] inputs = in.readFloats("inputs", features);
      float loss = 0;
      float weight = 1;
      float[] belief = new float[classes];
      belief[label] = 1;
      float[] conceptBelief = belief;
      if (version >= 2) {
        float[] lossAndWeight = in.readUnsignedFloats("loss and weight", version >= 3 ? 2 : 1);
        loss = lossAndWeight[0];
        weight = version >= 3 ? lossAndWeight[1] : 1;
        belief = in.readUnsignedFloats("belief", classes);
        conceptBelief = in.readUnsignedFloats("belief by concepts", classes);
      }
      events.add(new PendingEvent(id, time, label, weight, inputs, loss, belief, conceptBelief));
    }
    return events;
  }

  private static Challenger readChallenger(ByteReader in, int version) {
    int lanes = in.readCount("challenger's lanes", 4);
    if (lanes == 0) {
      return null;
    }
    List<TrainingState> states = new ArrayList<>();
    for (int l = 0; l < lanes; l++) {
      states.add(readLane(in, version));
    }
    double[] weights = readLaneWeights(in, lanes);
    double share = in.readUnsignedDoubles("challenger's share", 1)[0];
    in.require(share > 0 && share < 1, "challenger's share", share, "in (0, 1)");
    int streak = in.readInt("challenger's streak");
    return new Challenger(states, weights, share, streak, in.readInt("challenger's age"));
  }

  private static BeliefState readBelief(ByteReader in, int classes, int concepts) {
    int capacity = in.readInt("pairing");
    in.require(capacity >= 1 && capacity <= MOST_PAIRING, "pairing", capacity, "1 to 10 million");
    LabelPairs pairs = new LabelPairs(capacity);
    for (boolean ofTrusted : new boolean[] {false, true}) {
      long[] hashes = in.readLongs("hashes");
      float[] labels = in.readUnsignedFloats("labels", hashes.length);
      in.require(hashes.length <= capacity, "labels", hashes.length, "at most " + capacity);
      for (int i = 0; i < hashes.length; i++) {
        in.require(labels[i] < classes, "label", labels[i], "a class below " + classes);
        pairs.restore(ofTrusted, hashes[i], (int) labels[i]);
      }
    }
    double[][] pairCounts = new double[classes][];
    for (int k = 0; k < classes; k++) {
      pairCounts[k] = in.readUnsignedDoubles("pair counts", classes);
    }
    double[][] coefficients = new double[classes][];
    for (int k = 0; k < classes; k++) {
      coefficients[k] = in.readDoubles("coefficients", concepts + 1);
    }
    ConceptErrors.State errors =
        new ConceptErrors.State(
            coefficients,
            in.readDoubles("means of concepts", concepts),
            in.readUnsignedDoubles("variances of concepts", concepts));
    BeliefState belief =
        new BeliefState(
            pairs,
            pairCounts,
            errors,
            readShares(in, "shares of labels", classes),
            readShares(in, "shares of classes", classes));
    belief.labels = in.readUnsignedLong("labels seen");
    return belief;
  }

  static DriftMonitorState readDrift(ByteReader in) {
    int count = in.readCount("drift arrays", 4);
    List<double[]> arrays = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      arrays.add(in.readDoubles("drift state"));
    }
    try {
      return DriftMonitorState.of(arrays);
    } catch (IllegalArgumentException e) {
      throw new StateFormatException(e.getMessage());
    }
  }

  private static PredictionSetState[] readSets(ByteReader in) {
    PredictionSetState[] sets = new PredictionSetState[in.readCount("prediction sets", 4)];
    for (int k = 0; k < sets.length; k++) {
      double[] values = in.readDoubles("prediction set");
      try {
        sets[k] = PredictionSetState.of(values);
      } catch (IllegalArgumentException e) {
        throw new StateFormatException(e.getMessage());
      }
    }
    return sets;
  }

  static double[] readShares(ByteReader in, String what, int classes) {
    double[] shares = in.readUnsignedDoubles(what, classes);
    double sum = Arrays.stream(shares).sum();
    in.require(Math.abs(sum - 1) < 1e-6, "sum of " + what, sum, "1");
    for (double share : shares) {
      in.require(share > 0, what, share, "positive ones");
    }
    return shares;
  }

  private static TrainingState readLane(ByteReader in, int version) {
    float[] parameters = in.readFloats("parameters");
    AdamState adam = readAdam(in, parameters.length);
    float[] statistics = in.readFloats("statistics");
    float[] conceptMeans = in.readFloats("concept means");
    float[] weightNet = in.readFloats("weight-net parameters");
    AdamState weightAdam = readAdam(in, weightNet.length);
    float[] averaged = version < 2 ? new float[0] : in.readFloats("averaged parameters");
    in.require(
        averaged.length == 0 || averaged.length == parameters.length,
        "averaged parameters",
        averaged.length,
        "none or " + parameters.length);
    return new TrainingState(
        parameters, adam, averaged, statistics, conceptMeans, weightNet, weightAdam);
  }

  private static AdamState readAdam(ByteReader in, int size) {
    long steps = in.readUnsignedLong("optimiser steps");
    return new AdamState(
        in.readFloats("first moments", size), in.readUnsignedFloats("second moments", size), steps);
  }

  static double[] readLaneWeights(ByteReader in, int lanes) {
    double[] weights = in.readUnsignedDoubles("lane weights", lanes);
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    in.require(Math.abs(sum - 1) < 1e-6, "sum of lane weights", sum, "1");
    return weights;
  }

  private static void readShelf(
      ByteReader in, int version, int features, TrustedReservoir reservoir, int label) {
    int classes = reservoir.classes();
    List<TrustedExample> seasoned = readExamples(in, version, features, classes);
    List<TrustedExample> fresh = readExamples(in, version, features, classes);
    int size = seasoned.size() + fresh.size();
    in.require(
        size <= reservoir.perClass(),
        "trusted events of class " + label,
        size,
        "at most " + reservoir.perClass());
    for (TrustedExample example : seasoned) {
      reservoir.addSeasoned(label, example);
    }
    for (TrustedExample example : fresh) {
      reservoir.add(label, example);
    }
  }

  private static List<TrustedExample> readExamples(
      ByteReader in, int version, int features, int classes) {
    int count = in.readCount("trusted examples", 12);
    List<TrustedExample> examples = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long time = in.readLong("event time");
      float[] inputs = in.readFloats("inputs", features);
      int observed = version < 2 ? LabelPairs.UNKNOWN : in.readInt("ordinary label");
      in.require(
          observed >= LabelPairs.UNKNOWN && observed < classes,
          "ordinary label",
          observed,
          "a class below " + classes + " or none");
      examples.add(new TrustedExample(time, inputs, observed));
    }
    return examples;
  }
}
