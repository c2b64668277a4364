/**
 * The double-precision twin: the learner's mathematics in plain loops over {@code double[]},
 * written from the reference and not from the production code, which is checked against it. Nothing
 * here may use a production class other than {@code BatmSpec} and {@code ParameterLayout}.
 */
package io.counterweight.support;
