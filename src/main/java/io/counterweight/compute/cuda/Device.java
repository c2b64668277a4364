package io.counterweight.compute.cuda;

import java.nio.ByteBuffer;

/**
 * Memory and launches of one GPU. Addresses are the device's. What is launched runs in order; a
 * download waits for all of it.
 */
interface Device extends AutoCloseable {
  /** Name and capability, for the log. */
  String description();

  /** Bytes that could be allocated now. */
  long freeBytes();

  /**
   * Memory of undefined content, aligned to 16 bytes at least.
   *
   * @throws IllegalStateException if there is not enough
   */
  long allocate(long bytes);

  void free(long address);

  /**
   * Copies the remaining bytes of a direct buffer, which may be reused on return. As with a
   * download, its position afterwards is undefined.
   */
  void upload(ByteBuffer from, long to);

  /** Fills the remaining bytes of a direct buffer. */
  void download(long from, ByteBuffer to);

  /**
   * Launches a kernel in blocks of {@link Kernel#THREADS} threads.
   *
   * @param architecture address of the architecture's table
   * @param items address of the passes or steps, one for each z of the grid
   * @param first first argument of the kernel, if it takes one
   * @param last second argument
   */
  void launch(
      Kernel kernel, int x, int y, int z, long architecture, long items, int first, int last);

  /**
   * Whether arrays shall be allocated one by one, so that an access past one of them is noticed.
   */
  default boolean guardsAllocations() {
    return false;
  }

  @Override
  void close();
}
