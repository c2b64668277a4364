package io.counterweight.mubo;

import java.io.Serializable;
import java.util.List;

/**
 * What is to be run; plain values that travel with the job.
 *
 * @param file path of the CSV file
 * @param label name of the label column
 * @param ignored names of columns that are left out
 * @param positive label of the class that stands against all others, or null where the file has two
 * @param sample rows drawn from the file, as many of each class as in the file; 0 for all
 * @param testShare share of the rows that are only tested on, in (0, 1)
 * @param mostSteps micro-samples at most, at least 1
 * @param mostEpochs passes of a training at most, at least 1
 * @param tolerance norm of the gradient at which a training ends
 * @param seed of everything random
 */
public record MuboRequest(
    String file,
    String label,
    List<String> ignored,
    Integer positive,
    int sample,
    double testShare,
    int mostSteps,
    int mostEpochs,
    double tolerance,
    long seed)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public MuboRequest {
    ignored = List.copyOf(ignored);
    require(testShare > 0 && testShare < 1, "--test", testShare, "above 0 and below 1");
    require(mostSteps >= 1, "--max-iter", mostSteps, "at least 1");
    require(mostEpochs >= 1, "--max-epochs", mostEpochs, "at least 1");
    require(tolerance >= 0, "--tolerance", tolerance, "at least 0");
    require(sample == 0 || sample >= 20, "--sample", sample, "at least 20, or 0 for all");
  }

  private static void require(boolean condition, String option, Object value, String rule) {
    if (!condition) {
      throw new IllegalArgumentException(option + " is " + value + ", expected " + rule);
    }
  }
}
