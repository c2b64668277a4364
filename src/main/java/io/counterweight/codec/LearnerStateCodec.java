package io.counterweight.codec;

import io.counterweight.compute.TrainingState;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.PendingEvent;
import io.counterweight.learner.StandardizerState;
import io.counterweight.meta.TrustedExample;
import io.counterweight.meta.TrustedReservoir;
import io.counterweight.model.SeededRandom;
import io.counterweight.optim.AdamState;
import java.util.ArrayList;
import java.util.List;

/**
 * A key's learner as bytes: a marker, a version, then every field in order, little-endian. Old
 * versions stay readable; new ones are only appended to the history here.
 *
 * <p>Version 1: key, architecture, counters, random state, standardiser, lanes, mixture, reservoir,
 * pending mini-batch.
 */
public final class LearnerStateCodec {
  /** The version that {@link #encode} writes. */
  public static final int VERSION = 1;

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
    out.writeInt(state.lanes.size());
    for (TrainingState lane : state.lanes) {
      writeLane(out, lane);
    }
    out.writeDoubles(state.laneWeights);
    out.writeInt(state.reservoir.perClass()).writeLongs(state.trustedCounts);
    for (int k = 0; k < state.reservoir.classes(); k++) {
      writeExamples(out, state.reservoir.seasoned(k));
      writeExamples(out, state.reservoir.fresh(k));
    }
    out.writeInt(state.pending.size());
    for (PendingEvent event : state.pending) {
      out.writeText(event.eventId())
          .writeLong(event.eventTime())
          .writeInt(event.label())
          .writeFloats(event.inputs());
    }
    return out.toBytes();
  }

  private static void writeLane(ByteWriter out, TrainingState lane) {
    out.writeFloats(lane.parameters);
    writeAdam(out, lane.adam);
    out.writeFloats(lane.statistics).writeFloats(lane.conceptMeans).writeFloats(lane.weightNet);
    writeAdam(out, lane.weightAdam);
  }

  private static void writeAdam(ByteWriter out, AdamState adam) {
    out.writeLong(adam.steps).writeFloats(adam.firstMoment).writeFloats(adam.secondMoment);
  }

  private static void writeExamples(ByteWriter out, List<TrustedExample> examples) {
    out.writeInt(examples.size());
    for (TrustedExample example : examples) {
      out.writeLong(example.eventTime()).writeFloats(example.inputs());
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
    return decodeBody(in);
  }

  private static LearnerState decodeBody(ByteReader in) {
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
    int laneCount = in.readCount("lanes", 4);
    List<TrainingState> lanes = new ArrayList<>();
    for (int l = 0; l < laneCount; l++) {
      lanes.add(readLane(in));
    }
    double[] laneWeights = readLaneWeights(in, laneCount);
    int perClass = in.readInt("trusted events kept per class");
    in.require(perClass > 0, "trusted events kept per class", perClass, "at least 1");
    long[] trustedCounts = in.readUnsignedLongs("trusted counts");
    int classes = trustedCounts.length;
    in.require(classes >= 2, "classes", classes, "at least 2");
    TrustedReservoir reservoir = new TrustedReservoir(classes, perClass);
    for (int k = 0; k < classes; k++) {
      readShelf(in, features, reservoir, k);
    }
    LearnerState state =
        new LearnerState(
            modelKey,
            architecture,
            standardizer,
            lanes,
            laneWeights,
            reservoir,
            trustedCounts,
            random);
    state.predicted = predicted;
    state.version = modelVersion;
    state.skippedSteps = skippedSteps;
    state.trainedUntil = trainedUntil;
    state.latestEventTime = latestEventTime;
    int pending = in.readCount("pending events", 20);
    for (int i = 0; i < pending; i++) {
      PendingEvent event =
          new PendingEvent(
              in.readText("event id"),
              in.readLong("event time"),
              in.readInt("label"),
              in.readFloats("inputs", features));
      int label = event.label();
      in.require(label >= 0 && label < classes, "label", label, "a class below " + classes);
      state.pending.add(event);
    }
    in.expectEnd();
    return state;
  }

  private static TrainingState readLane(ByteReader in) {
    float[] parameters = in.readFloats("parameters");
    AdamState adam = readAdam(in, parameters.length);
    float[] statistics = in.readFloats("statistics");
    float[] conceptMeans = in.readFloats("concept means");
    float[] weightNet = in.readFloats("weight-net parameters");
    AdamState weightAdam = readAdam(in, weightNet.length);
    return new TrainingState(parameters, adam, statistics, conceptMeans, weightNet, weightAdam);
  }

  private static AdamState readAdam(ByteReader in, int size) {
    long steps = in.readUnsignedLong("optimiser steps");
    return new AdamState(
        in.readFloats("first moments", size), in.readUnsignedFloats("second moments", size), steps);
  }

  private static double[] readLaneWeights(ByteReader in, int lanes) {
    double[] weights = in.readUnsignedDoubles("lane weights", lanes);
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    in.require(Math.abs(sum - 1) < 1e-6, "sum of lane weights", sum, "1");
    return weights;
  }

  private static void readShelf(
      ByteReader in, int features, TrustedReservoir reservoir, int label) {
    List<TrustedExample> seasoned = readExamples(in, features);
    List<TrustedExample> fresh = readExamples(in, features);
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

  private static List<TrustedExample> readExamples(ByteReader in, int features) {
    int count = in.readCount("trusted examples", 12);
    List<TrustedExample> examples = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      examples.add(
          new TrustedExample(in.readLong("event time"), in.readFloats("inputs", features)));
    }
    return examples;
  }
}
