/**
 * Prediction sets whose coverage is kept, class by class, by the trusted events (SPEC 5).
 *
 * <p>May import only {@code java..}.
 */
package io.counterweight.conformal;
