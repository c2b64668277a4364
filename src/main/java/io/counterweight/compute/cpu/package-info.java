/**
 * The passes on a CPU, written once over {@link io.counterweight.compute.cpu.Kernels}: encoders,
 * polynomial, loss. What a processor does best, products and rows of floats, is behind that
 * interface.
 */
package io.counterweight.compute.cpu;
