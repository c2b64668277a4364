/**
 * Prequential metrics: exact ones over a finished run, fading ones for a running job.
 *
 * <p>May import only {@code java..}.
 */
package io.counterweight.metric;
