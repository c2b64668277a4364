/**
 * Drift: detectors of a change in one signal, and the monitor that says from several signals what
 * kind of change it is (SPEC 5).
 *
 * <p>May import only {@code java..}, {@code event} and {@code model}.
 */
package io.counterweight.drift;
