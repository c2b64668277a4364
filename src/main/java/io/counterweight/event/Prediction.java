package io.counterweight.event;

import java.util.Map;

/**
 * What the learner said of one event before it was trained on it.
 *
 * @param eventId the event
 * @param modelKey the learner
 * @param eventTime milliseconds since the epoch, the event's
 * @param probabilities {@code [classes]}, sum to 1
 * @param predictedClass the class whose probability has risen most over its share, or the most
 *     probable one, as configured
 * @param predictionSet classes that the set holds at {@code setLevel}, or null where no prediction
 *     sets are computed
 * @param setLevel target coverage of the prediction set in (0, 1), or null
 * @param driftState state of the key's drift monitor, or null where none runs
 * @param driftKind kind of the drift, or null where no monitor runs
 * @param uncertainty entropy of the probabilities over its maximum, in [0, 1]
 * @param baseValue the logit difference of a typical event, see {@code contributions}
 * @param contributions concept name to its share of the logit difference; {@code baseValue} plus
 *     their sum is that difference. Two classes: logit of class 1 minus logit of class 0. More:
 *     logit of the predicted class minus the mean logit of the others
 * @param laneProbabilities lane name to its own probabilities {@code [classes]}; names of lanes
 *     that began at a suspected drift end in {@link #CHALLENGER}
 * @param laneWeights lane name to its share of the mixture, sum to 1
 * @param modelVersion mini-batches that the learner had trained on
 * @param trainedUntil latest event time that had been trained on, in milliseconds, or {@link
 *     Long#MIN_VALUE}
 * @param missingFeatures how many features of the event were missing
 * @param clippedFeatures how many features were beyond the standardiser's clip
 * @param classShares shares of the classes in the stream that the probabilities are stated at
 *     {@code [classes]}, sum to 1; empty from builds before 0.2
 * @param setCoverage share of the newest trusted events of each class whose set held their class
 *     {@code [classes]}, NaN without any; empty where no prediction sets are computed
 * @param interactions the strongest pairs of concepts, names joined by {@code *}, to what they add
 *     to the logit difference together, beyond each alone; {@code contributions} hold one half of
 *     it in each of the two; empty for models of another order than 2
 */
public record Prediction(
    String eventId,
    String modelKey,
    long eventTime,
    float[] probabilities,
    int predictedClass,
    int[] predictionSet,
    Float setLevel,
    DriftState driftState,
    DriftKind driftKind,
    float uncertainty,
    float baseValue,
    Map<String, Float> contributions,
    Map<String, float[]> laneProbabilities,
    Map<String, Float> laneWeights,
    long modelVersion,
    long trainedUntil,
    int missingFeatures,
    int clippedFeatures,
    float[] classShares,
    float[] setCoverage,
    Map<String, Float> interactions) {

  /** Ends the names of lanes that may take over. */
  public static final String CHALLENGER = "-challenger";

  /** Under which name contributions hold the sum of the concepts that are not named. */
  public static final String OTHERS = "(others)";
}
