package io.counterweight.compute.nd4j;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Floats outside the heap that stay from pass to pass, under whatever shape is asked for. They grow
 * to the largest, and are freed by {@link #close} and not by the garbage collector.
 */
final class NativeFloats implements AutoCloseable {
  private INDArray floats;
  private INDArray shaped;

  /** Zeros. */
  NativeFloats(long capacity) {
    floats = allocate(capacity);
    floats.assign(0);
    shaped = floats;
  }

  NativeFloats() {
    this(1);
  }

  /** Never in an open workspace, which would take it back. */
  private static INDArray allocate(long capacity) {
    return Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', capacity);
  }

  /** The first floats under a shape, row-major; undefined where the array has to grow for it. */
  INDArray shaped(long... shape) {
    if (!Arrays.equals(shaped.shape(), shape)) {
      long size = 1;
      for (long extent : shape) {
        size *= extent;
      }
      if (size > floats.length()) {
        floats.close();
        floats = allocate(size);
      }
      shaped = block(0, shape);
    }
    return shaped;
  }

  /** The last shape. */
  INDArray array() {
    return shaped;
  }

  /** A view of some floats, of use until the array grows. */
  INDArray block(long offset, long... shape) {
    long size = 1;
    for (long extent : shape) {
      size *= extent;
    }
    return floats.get(NDArrayIndex.interval(offset, offset + size)).reshape('c', shape);
  }

  /** Copies the first {@code count} floats from the heap. */
  void write(float[] from, int count) {
    floats.data().asNioFloat().put(from, 0, count);
    Nd4j.getAffinityManager().tagLocation(floats, Location.HOST);
  }

  /** Copies the first {@code count} floats to the heap, when what computes them is done. */
  void read(float[] to, int count) {
    Nd4j.getExecutioner().commit();
    floats.data().asNioFloat().get(to, 0, count);
  }

  @Override
  public void close() {
    floats.close();
  }
}
