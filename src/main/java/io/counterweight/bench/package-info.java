/**
 * What the engine's parts cost on this machine: workloads of given shapes, a timer, and the table
 * of {@code counterweight bench}. The JMH benchmarks of {@code src/jmh} use the same workloads.
 *
 * <p>May import {@code java..} and the core; reads the clock, which the core must not.
 */
package io.counterweight.bench;
