package io.counterweight.event;

import java.util.Map;

/**
 * What the learner said of one event before it was trained on it.
 *
 * @param eventId the event
 * @param modelKey the learner
 * @param eventTime milliseconds since the epoch, the event's
 * @param probabilities {@code [classes]}, sum to 1
 * @param predictedClass the most probable class
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
 * @param laneProbabilities lane name to its own probabilities {@code [classes]}
 * @param laneWeights lane name to its share of the mixture, sum to 1
 * @param modelVersion mini-batches that the learner had trained on
 * @param trainedUntil latest event time that had been trained on, in milliseconds, or {@link
 *     Long#MIN_VALUE}
 * @param missingFeatures how many features of the event were missing
 * @param clippedFeatures how many features were beyond the standardiser's clip
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
    int clippedFeatures) {}
