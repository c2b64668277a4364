/**
 * The upper level: which trusted events steer, and how a loss becomes a weight.
 *
 * <p>May import only {@code java..}, {@code model} and {@code optim}.
 */
package io.counterweight.meta;
