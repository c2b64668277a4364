package io.counterweight.evaluation;

import java.util.Map;

/**
 * How well weights tell wrong labels from right ones. A mean over no event is NaN.
 *
 * @param wrongLabels weighted events whose label is not the true one
 * @param rightLabels the other weighted events
 * @param meanWeightOfWrong mean weight of the former; 1 is the mean of all
 * @param meanWeightOfRight mean weight of the latter
 * @param suspects events whose label was marked as suspect
 * @param wrongSuspects suspects whose label really is wrong
 * @param wrongLabelAuc observed label to the chance that a wrong label of that kind weighs less
 *     than a right one, ties counted half: 1 is perfect, 0.5 is chance, NaN where only one of both
 *     occurs; empty where no label is wrong
 */
public record WeightQuality(
    long wrongLabels,
    long rightLabels,
    double meanWeightOfWrong,
    double meanWeightOfRight,
    long suspects,
    long wrongSuspects,
    Map<Integer, Double> wrongLabelAuc) {}
