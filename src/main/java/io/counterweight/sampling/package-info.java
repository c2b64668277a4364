/**
 * Majority undersampling with bilevel optimisation (MUBO; Medlin, Leyffer and Raghavan 2024, arXiv
 * 2410.11171): which events of the frequent class are worth training on. Core: no Flink, no files.
 */
package io.counterweight.sampling;
