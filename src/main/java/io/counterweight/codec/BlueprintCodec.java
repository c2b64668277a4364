package io.counterweight.codec;

import io.counterweight.learner.Blueprint;
import io.counterweight.model.BatmSpec.Concept;
import io.counterweight.model.BatmSpec.InputLayer;
import io.counterweight.model.BatmSpec.Normalisation;
import java.util.ArrayList;
import java.util.List;

/**
 * The blueprint in a learner's bytes, since version 3: number of lanes, and only where there is one
 * the rest.
 */
final class BlueprintCodec {
  private BlueprintCodec() {}

  static void write(ByteWriter out, Blueprint blueprint) {
    out.writeInt(blueprint.lanes().size());
    if (!blueprint.isKnown()) {
      return;
    }
    for (Blueprint.Lane lane : blueprint.lanes()) {
      out.writeText(lane.name()).writeText(lane.weightInputs()).writeInt(lane.mubo() ? 1 : 0);
    }
    out.writeInt(blueprint.concepts().size());
    for (Concept concept : blueprint.concepts()) {
      out.writeText(concept.name());
      writeInts(out, concept.features());
    }
    writeInts(out, blueprint.hidden());
    out.writeInt(blueprint.encoder() ? 1 : 0)
        .writeInt(blueprint.inputLayer().ordinal())
        .writeInt(blueprint.normalisation().ordinal())
        .writeInt(blueprint.order())
        .writeInt(blueprint.rank())
        .writeFloats(new float[] {blueprint.expansionPoint()})
        .writeText(blueprint.detector());
  }

  private static void writeInts(ByteWriter out, List<Integer> values) {
    out.writeInt(values.size());
    values.forEach(out::writeInt);
  }

  /**
   * Reads one.
   *
   * @param features of the learner
   */
  static Blueprint read(ByteReader in, int features) {
    int named = in.readCount("names of lanes", 12);
    if (named == 0) {
      return Blueprint.UNKNOWN;
    }
    List<Blueprint.Lane> laneList = new ArrayList<>();
    for (int l = 0; l < named; l++) {
      laneList.add(
          new Blueprint.Lane(
              in.readText("name of a lane"),
              in.readText("weight inputs of a lane"),
              readBelow(in, "whether a lane has buffers", 2) == 1));
    }
    return new Blueprint(
        readConcepts(in, features),
        readInts(in, "hidden widths", 1, 4096),
        readBelow(in, "whether concepts are encoded", 2) == 1,
        InputLayer.values()[readBelow(in, "kind of input layer", InputLayer.values().length)],
        Normalisation.values()[readBelow(in, "normalisation", Normalisation.values().length)],
        readOf(in, "order", 1, 3),
        readOf(in, "rank", 1, 64),
        in.readFloats("expansion point", 1)[0],
        in.readText("drift detector"),
        laneList);
  }

  private static List<Concept> readConcepts(ByteReader in, int features) {
    int count = in.readCount("concepts", 8);
    List<Concept> concepts = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      String name = in.readText("name of a concept");
      in.require(!name.isBlank(), "name of a concept", "'" + name + "'", "a name");
      List<Integer> group = readInts(in, "features of concept " + name, 0, features - 1);
      in.require(!group.isEmpty(), "features of concept " + name, 0, "at least one");
      concepts.add(new Concept(name, group));
    }
    return concepts;
  }

  private static List<Integer> readInts(ByteReader in, String what, int least, int most) {
    int count = in.readCount(what, 4);
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(readOf(in, what, least, most));
    }
    return values;
  }

  private static int readBelow(ByteReader in, String what, int end) {
    return readOf(in, what, 0, end - 1);
  }

  private static int readOf(ByteReader in, String what, int least, int most) {
    int value = in.readInt(what);
    in.require(value >= least && value <= most, what, value, least + " to " + most);
    return value;
  }
}
