/**
 * The step and the prediction on an NVIDIA GPU, as kernels of our own ({@code src/main/cuda}).
 * Parameters and moments of hot lanes stay on the device; the lanes of many keys are stepped in one
 * sequence of launches, with one copy to the device and one back.
 *
 * <p>The driver is behind {@link io.counterweight.compute.cuda.Device}. Its one implementation is
 * compiled by the Maven profile {@code cuda} from {@code src/cuda/java} and loaded by name; all
 * else here needs no library and is tested with the same kernels compiled for the CPU.
 */
package io.counterweight.compute.cuda;
