/**
 * The passes as operations of ND4J 1.0.0-M2.1: on a CPU the cross-check of the other backends, with
 * the Maven profile {@code nd4j-cuda} the way to GPUs from Kepler to Ada. Nothing outside this
 * package knows ND4J, and {@link io.counterweight.compute.nd4j.Nd4jBackend} loads where it is
 * absent.
 */
package io.counterweight.compute.nd4j;
