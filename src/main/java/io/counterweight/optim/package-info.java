/**
 * Optimisers over flat parameter arrays.
 *
 * <p>May import only {@code java..} and {@code model}. An algorithm is its hyperparameters; what it
 * remembers is a state of plain arrays.
 */
package io.counterweight.optim;
