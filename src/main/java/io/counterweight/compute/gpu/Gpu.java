package io.counterweight.compute.gpu;

/**
 * A GPU that the NVIDIA driver sees.
 *
 * @param name as the driver calls it, {@code NVIDIA GeForce RTX 3090}
 * @param capability what code it runs
 */
public record Gpu(String name, ComputeCapability capability) {
  @Override
  public String toString() {
    return name + " (compute capability " + capability + ")";
  }
}
