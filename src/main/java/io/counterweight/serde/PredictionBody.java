package io.counterweight.serde;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import io.counterweight.event.DriftKind;
import io.counterweight.event.DriftState;
import io.counterweight.event.Prediction;
import java.io.IOException;
import org.apache.avro.Schema;

final class PredictionBody implements RecordBody<Prediction> {
  // values() copies its array at every call.
  private static final DriftState[] STATES = DriftState.values();
  private static final DriftKind[] KINDS = DriftKind.values();

  @Override
  public Schema schema() {
    return io.counterweight.avro.Prediction.getClassSchema();
  }

  @Override
  public void write(Prediction prediction, BodyWriter out) {
    out.writeString(prediction.eventId());
    out.writeString(prediction.modelKey());
    out.writeLong(prediction.eventTime());
    out.writeFloatArray(prediction.probabilities());
    out.writeInt(prediction.predictedClass());
    if (out.writePresence(prediction.predictionSet())) {
      out.writeIntArray(prediction.predictionSet());
    }
    if (out.writePresence(prediction.setLevel())) {
      out.writeFloat(prediction.setLevel());
    }
    if (out.writePresence(prediction.driftState())) {
      out.writeEnum(prediction.driftState());
    }
    if (out.writePresence(prediction.driftKind())) {
      out.writeEnum(prediction.driftKind());
    }
    out.writeFloat(prediction.uncertainty());
    out.writeFloat(prediction.baseValue());
    out.writeMap(prediction.contributions(), BodyWriter::writeFloat);
    out.writeMap(prediction.laneProbabilities(), BodyWriter::writeFloatArray);
    out.writeMap(prediction.laneWeights(), BodyWriter::writeFloat);
    out.writeLong(prediction.modelVersion());
    if (prediction.trainedUntil() == Long.MIN_VALUE) {
      out.writeInt(0);
    } else {
      out.writeInt(1);
      out.writeLong(prediction.trainedUntil());
    }
    out.writeInt(prediction.missingFeatures());
    out.writeInt(prediction.clippedFeatures());
    out.writeFloatArray(prediction.classShares());
    out.writeFloatArray(prediction.setCoverage());
    out.writeMap(prediction.interactions(), BodyWriter::writeFloat);
  }

  @Override
  public Prediction read(BodyReader in) throws DecodeException {
    return new Prediction(
        in.readString("eventId"),
        in.readString("modelKey"),
        in.readLong("eventTime"),
        in.readFloatArray("probabilities"),
        in.readInt("predictedClass"),
        in.readPresence("predictionSet") ? in.readIntArray("predictionSet") : null,
        in.readPresence("setLevel") ? (Float) in.readFloat("setLevel") : null,
        in.readPresence("driftState") ? in.readEnum(STATES, "driftState") : null,
        in.readPresence("driftKind") ? in.readEnum(KINDS, "driftKind") : null,
        in.readFloat("uncertainty"),
        in.readFloat("baseValue"),
        in.readMap(BodyReader::readFloat, "contributions"),
        in.readMap(BodyReader::readFloatArray, "laneProbabilities"),
        in.readMap(BodyReader::readFloat, "laneWeights"),
        in.readLong("modelVersion"),
        in.readPresence("trainedUntil") ? in.readLong("trainedUntil") : Long.MIN_VALUE,
        in.readInt("missingFeatures"),
        in.readInt("clippedFeatures"),
        in.readFloatArray("classShares"),
        in.readFloatArray("setCoverage"),
        in.readMap(BodyReader::readFloat, "interactions"));
  }

  @Override
  public byte[] key(Prediction prediction) {
    return prediction.modelKey().getBytes(UTF_8);
  }

  @Override
  public void writeJson(Prediction prediction, JsonGenerator json) throws IOException {
    json.writeStringField("eventId", prediction.eventId());
    json.writeStringField("modelKey", prediction.modelKey());
    json.writeNumberField("eventTime", prediction.eventTime());
    JsonFields.floats(json, "probabilities", prediction.probabilities());
    json.writeNumberField("predictedClass", prediction.predictedClass());
    JsonFields.ints(json, "predictionSet", prediction.predictionSet());
    JsonFields.number(json, "setLevel", prediction.setLevel());
    JsonFields.constant(json, "driftState", prediction.driftState());
    JsonFields.constant(json, "driftKind", prediction.driftKind());
    JsonFields.number(json, "uncertainty", prediction.uncertainty());
    JsonFields.number(json, "baseValue", prediction.baseValue());
    JsonFields.map(json, "contributions", prediction.contributions(), JsonFields::number);
    JsonFields.map(json, "laneProbabilities", prediction.laneProbabilities(), JsonFields::floats);
    JsonFields.map(json, "laneWeights", prediction.laneWeights(), JsonFields::number);
    json.writeNumberField("modelVersion", prediction.modelVersion());
    if (prediction.trainedUntil() == Long.MIN_VALUE) {
      json.writeNullField("trainedUntil");
    } else {
      json.writeNumberField("trainedUntil", prediction.trainedUntil());
    }
    json.writeNumberField("missingFeatures", prediction.missingFeatures());
    json.writeNumberField("clippedFeatures", prediction.clippedFeatures());
    JsonFields.floats(json, "classShares", prediction.classShares());
    JsonFields.floats(json, "setCoverage", prediction.setCoverage());
    JsonFields.map(json, "interactions", prediction.interactions(), JsonFields::number);
  }
}
