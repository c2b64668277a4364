/** The batch form of MUBO as a command: data, splits, baselines, a bounded Flink job, results. */
package io.counterweight.mubo;
