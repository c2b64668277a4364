package io.counterweight.mubo;

/**
 * What a run puts out: a line for each micro-sample, then one for its end. Flat, so that Flink
 * carries it without a serializer of our own.
 *
 * @param method name of a {@link MuboMethod}
 * @param run from 1
 * @param step number of the micro-sample, or 0 for the end of the run
 * @param proposed rows of the micro-sample; at the end, rows that were trained on
 * @param majorityLoss J, NaN where there is none
 * @param bound what J was compared with
 * @param accepted whether the micro-sample was accepted
 * @param majorityRows rows of the frequent class in the training set
 * @param epochs of training
 * @param seconds since the run began
 * @param rarePrecision on the test rows, as the others
 * @param f1AtShares F1 where the probabilities are corrected from the training set's class shares
 *     to the data's (Dal Pozzolo et al. 2015, equation 4): what is lost by the threshold alone; NaN
 *     but at the end
 * @param acceptedLines at the end, lines of the file that were accepted, of both classes
 */
public record MuboOutput(
    String method,
    int run,
    int step,
    int proposed,
    double majorityLoss,
    double bound,
    boolean accepted,
    int majorityRows,
    int epochs,
    double seconds,
    double rarePrecision,
    double frequentPrecision,
    double rareRecall,
    double frequentRecall,
    double f1AtShares,
    long[] acceptedLines) {

  /** On the test rows. */
  public MuboScores scores() {
    return new MuboScores(rarePrecision, frequentPrecision, rareRecall, frequentRecall);
  }

  public boolean isEnd() {
    return step == 0;
  }
}
