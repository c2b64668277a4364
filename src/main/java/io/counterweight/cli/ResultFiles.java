package io.counterweight.cli;

import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.serde.RecordType;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Predictions and weights as lines of JSON in a folder, or nowhere. */
final class ResultFiles implements AutoCloseable {
  private final BufferedWriter predictions;
  private final BufferedWriter weights;

  private ResultFiles(BufferedWriter predictions, BufferedWriter weights) {
    this.predictions = predictions;
    this.weights = weights;
  }

  /** Starts both files anew; a folder of null keeps nothing. */
  static ResultFiles in(Path folder) {
    if (folder == null) {
      return new ResultFiles(null, null);
    }
    try {
      Files.createDirectories(folder);
      return new ResultFiles(
          Files.newBufferedWriter(folder.resolve("predictions.jsonl")),
          Files.newBufferedWriter(folder.resolve("weights.jsonl")));
    } catch (IOException e) {
      throw new CommandFailure("Cannot write into " + folder + ": " + e.getMessage(), e);
    }
  }

  void write(Prediction prediction) {
    write(predictions, RecordType.PREDICTION, prediction);
  }

  void write(SampleWeight weight) {
    write(weights, RecordType.SAMPLE_WEIGHT, weight);
  }

  private static <T> void write(BufferedWriter file, RecordType<T> type, T record) {
    if (file == null) {
      return;
    }
    try {
      file.write(type.toJson(record));
      file.write('\n');
    } catch (IOException e) {
      throw new CommandFailure("Cannot write " + type + " lines: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try {
      if (predictions != null) {
        predictions.close();
        weights.close();
      }
    } catch (IOException e) {
      throw new CommandFailure("Cannot write results: " + e.getMessage(), e);
    }
  }
}
