/**
 * The coarse seam between the mathematics and the machine: one bilevel step, one prediction (SPEC
 * 7).
 *
 * <p>May import {@code java..}, {@code model}, {@code optim} and {@code meta}; what a backend needs
 * beyond that stays in the backend's own package below this one.
 */
package io.counterweight.compute;
