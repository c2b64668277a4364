package io.counterweight.compute.cuda;

import java.util.ArrayList;
import java.util.List;

/**
 * Device memory of one call: arrays are cut from one allocation, which grows to the largest call,
 * or allocated one by one where the device guards its allocations.
 */
final class Scratch implements AutoCloseable {
  private static final long ALIGNMENT = 256;

  private final Device device;
  private final List<Long> single = new ArrayList<>();
  private long base;
  private long capacity;
  private long used;

  Scratch(Device device) {
    this.device = device;
  }

  /** Bytes that {@link #take} needs for an array. */
  static long rounded(long bytes) {
    return (Math.max(1, bytes) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Begins a call, which may take arrays of that many rounded bytes in all. */
  void begin(long bytes) {
    single.forEach(device::free);
    single.clear();
    used = 0;
    if (bytes > capacity && !device.guardsAllocations()) {
      if (capacity > 0) {
        device.free(base);
      }
      capacity = 0;
      base = device.allocate(bytes);
      capacity = bytes;
    }
  }

  /** Address of an array of undefined content, valid until the next {@link #begin}. */
  long take(long bytes) {
    if (device.guardsAllocations()) {
      long address = device.allocate(Math.max(1, bytes));
      single.add(address);
      return address;
    }
    long address = base + used;
    used += rounded(bytes);
    if (used > capacity) {
      throw new IllegalStateException(
          "Scratch of " + capacity + " bytes was planned, " + used + " are needed");
    }
    return address;
  }

  @Override
  public void close() {
    begin(0);
    if (capacity > 0) {
      device.free(base);
      capacity = 0;
    }
  }
}
