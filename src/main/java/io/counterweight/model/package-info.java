/**
 * The model as mathematics: architecture, named layout of its flat arrays, initialisation,
 * explanation.
 *
 * <p>May import only {@code java..}. How fast it runs is the concern of {@code compute}.
 */
package io.counterweight.model;
