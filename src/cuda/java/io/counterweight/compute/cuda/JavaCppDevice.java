package io.counterweight.compute.cuda;

import static org.bytedeco.cuda.global.cudart.*;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The first GPU, through the driver's own interface, which JavaCPP's presets reach. A stream of its
 * own in the process's primary context; calls may come from any one thread at a time.
 */
final class JavaCppDevice implements Device {
  /** Of the PTX that is shipped. */
  private static final int OLDEST_CAPABILITY = 75;

  /** CUDA 11.0, the first whose driver reads PTX 7.0. */
  private static final int OLDEST_DRIVER = 11000;

  private static final int SUCCESS = 0;

  private final int device;
  private final String description;
  private final CUctx_st context = new CUctx_st();
  private final CUmod_st module = new CUmod_st();
  private final CUstream_st stream = new CUstream_st();
  private final Map<Kernel, CUfunc_st> functions = new EnumMap<>(Kernel.class);

  /** The four arguments of every kernel; the driver copies them at the launch. */
  private final LongPointer architectureArgument = new LongPointer(1);

  private final LongPointer itemsArgument = new LongPointer(1);
  private final IntPointer firstArgument = new IntPointer(1);
  private final IntPointer lastArgument = new IntPointer(1);
  private final PointerPointer<Pointer> arguments =
      new PointerPointer<>(architectureArgument, itemsArgument, firstArgument, lastArgument);

  /**
   * Opens the device and compiles the kernels for it.
   *
   * @param kernels PTX
   * @throws IllegalStateException saying what the driver or the device lacks
   */
  JavaCppDevice(String kernels) {
    check(cuInit(0), "the driver does not start");
    int[] value = new int[1];
    check(cuDriverGetVersion(value), "the driver does not tell its version");
    if (value[0] < OLDEST_DRIVER) {
      throw new IllegalStateException(
          "the driver is for CUDA "
              + version(value[0])
              + ", at least "
              + version(OLDEST_DRIVER)
              + " is needed");
    }
    check(cuDeviceGet(value, 0), "there is no GPU");
    device = value[0];
    int capability = 10 * attribute(75) + attribute(76);
    byte[] name = new byte[256];
    check(cuDeviceGetName(name, name.length, device), "the GPU has no name");
    String called = new String(name, StandardCharsets.US_ASCII).replaceAll("\\x00.*", "");
    description = called + ", compute capability " + capability / 10 + "." + capability % 10;
    if (capability < OLDEST_CAPABILITY) {
      throw new IllegalStateException("the GPU is " + description + ", at least 7.5 is needed");
    }
    check(cuDevicePrimaryCtxRetain(context, device), "the GPU cannot be used");
    try {
      useContext();
      load(kernels);
      check(cuStreamCreate(stream, 1), "the GPU gives no stream"); // CU_STREAM_NON_BLOCKING
    } catch (RuntimeException | Error e) {
      if (!module.isNull()) {
        cuModuleUnload(module);
      }
      cuDevicePrimaryCtxRelease(device);
      throw e;
    }
  }

  private void load(String kernels) {
    try (BytePointer ptx = new BytePointer(kernels, StandardCharsets.US_ASCII)) {
      check(cuModuleLoadData(module, ptx), "the driver does not compile the kernels");
    }
    for (Kernel kernel : Kernel.values()) {
      CUfunc_st function = new CUfunc_st();
      check(cuModuleGetFunction(function, module, kernel.function()), "no kernel " + kernel);
      functions.put(kernel, function);
    }
  }

  /** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR is 75, MINOR is 76. */
  private int attribute(int which) {
    int[] value = new int[1];
    check(cuDeviceGetAttribute(value, which, device), "the GPU does not tell its capability");
    return value[0];
  }

  private static String version(int driver) {
    return driver / 1000 + "." + driver % 1000 / 10;
  }

  private static void check(int result, String failure) {
    if (result != SUCCESS) {
      String name = "error " + result;
      try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
        if (cuGetErrorName(result, text) == SUCCESS) {
          name = text.get(BytePointer.class, 0).getString();
        }
      }
      throw new IllegalStateException(failure + " (" + name + ")");
    }
  }

  private void useContext() {
    check(cuCtxSetCurrent(context), "the GPU's context is lost");
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public long freeBytes() {
    useContext();
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      check(cuMemGetInfo(free, total), "the GPU does not tell its memory");
      return free.get();
    }
  }

  @Override
  public long allocate(long bytes) {
    useContext();
    long[] address = new long[1];
    check(cuMemAlloc(address, bytes), "the GPU has no " + bytes + " bytes left");
    return address[0];
  }

  @Override
  public void free(long address) {
    useContext();
    check(cuMemFree(address), "memory of the GPU cannot be freed");
  }

  @Override
  public void upload(ByteBuffer from, long to) {
    useContext();
    try (Pointer source = new Pointer(from)) {
      check(cuMemcpyHtoDAsync(to, source, from.remaining(), stream), "a copy to the GPU failed");
      check(cuStreamSynchronize(stream), "the GPU failed");
    }
  }

  @Override
  public void download(long from, ByteBuffer to) {
    useContext();
    try (Pointer target = new Pointer(to)) {
      check(cuMemcpyDtoHAsync(target, from, to.remaining(), stream), "a copy from the GPU failed");
      check(cuStreamSynchronize(stream), "the GPU failed");
    }
  }

  @Override
  public void launch(
      Kernel kernel, int x, int y, int z, long architecture, long items, int first, int last) {
    useContext();
    architectureArgument.put(architecture);
    itemsArgument.put(items);
    firstArgument.put(first);
    lastArgument.put(last);
    int result =
        cuLaunchKernel(
            functions.get(kernel), x, y, z, Kernel.THREADS, 1, 1, 0, stream, arguments, null);
    check(result, "launch of " + kernel.function() + " failed");
  }

  @Override
  public void close() {
    useContext();
    cuStreamDestroy(stream);
    cuModuleUnload(module);
    cuDevicePrimaryCtxRelease(device);
  }
}
