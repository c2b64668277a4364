/**
 * The pipeline over a feed instead of Kafka: a bounded source, a job in this process that ends with
 * the feed, and the truth beside its results.
 *
 * <p>Sees {@code job}, {@code config}, {@code embedded} and {@code evaluation}; is seen by {@code
 * cli} only.
 */
package io.counterweight.replay;
