/**
 * Experiments: arms of configuration over streams whose truth is known, several seeds, side by side
 * in one table.
 *
 * <p>Above {@code replay}, {@code config} and {@code embedded}; below {@code cli}. Drives the
 * learner in plain loops, without Flink.
 */
package io.counterweight.experiment;
