package io.counterweight.compute.gpu;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CUDA compute capability of a GPU, or of machine code for one.
 *
 * @param major generation: 6 Pascal, 7 Volta and Turing, 8 Ampere and Ada, 9 Hopper, 10 and 12
 *     Blackwell
 * @param minor revision within it
 */
public record ComputeCapability(int major, int minor) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})");

  /**
   * Reads {@code 8.6}.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static ComputeCapability parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no compute capability, expected one such as 8.6");
    }
    return new ComputeCapability(
        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /**
   * Whether a device of this capability runs machine code (a cubin) compiled for another: the same
   * major version and no newer a minor one (CUDA C++ Programming Guide, Binary Compatibility).
   */
  public boolean runsCodeFor(ComputeCapability code) {
    return major == code.major && minor >= code.minor;
  }

  /** As nvcc writes it, {@code sm_86}. */
  public String architecture() {
    return "sm_" + major + minor;
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
