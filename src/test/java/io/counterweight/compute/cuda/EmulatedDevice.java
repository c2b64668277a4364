package io.counterweight.compute.cuda;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The kernels on the CPU, in a process of their own; counts what is asked of it. */
final class EmulatedDevice implements Device {
  /** In which order the threads of a block, and the blocks of a grid, take their turns. */
  enum Order {
    UP,
    DOWN,
    SHUFFLED
  }

  final List<Kernel> launched = new ArrayList<>();
  int uploads;
  int downloads;
  private final Set<Long> allocated = new HashSet<>();
  private final Process process;
  private final OutputStream to;
  private final InputStream from;

  EmulatedDevice(Order order) {
    try {
      process =
          new ProcessBuilder(Emulator.program().toString(), order.name().toLowerCase())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    to = new BufferedOutputStream(process.getOutputStream(), 1 << 16);
    from = process.getInputStream();
  }

  @Override
  public String description() {
    return "emulated device";
  }

  @Override
  public long freeBytes() {
    return 4L << 30;
  }

  @Override
  public boolean guardsAllocations() {
    return true;
  }

  int allocations() {
    return allocated.size();
  }

  @Override
  public long allocate(long bytes) {
    send('A', message(8).putLong(bytes));
    long address = receive(8).getLong();
    allocated.add(address);
    return address;
  }

  @Override
  public void free(long address) {
    if (!allocated.remove(address)) {
      throw new AssertionError("Freed what was not allocated");
    }
    send('F', message(8).putLong(address));
  }

  @Override
  public void upload(ByteBuffer source, long address) {
    uploads++;
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    send('U', message(16 + bytes.length).putLong(address).putLong(bytes.length).put(bytes));
  }

  @Override
  public void download(long address, ByteBuffer target) {
    downloads++;
    int bytes = target.remaining();
    send('D', message(16).putLong(address).putLong(bytes));
    target.put(receive(bytes));
  }

  @Override
  public void launch(
      Kernel kernel, int x, int y, int z, long architecture, long items, int first, int last) {
    launched.add(kernel);
    byte[] name = kernel.function().getBytes(StandardCharsets.US_ASCII);
    send(
        'L',
        message(40 + name.length)
            .putInt(name.length)
            .put(name)
            .putInt(x)
            .putInt(y)
            .putInt(z)
            .putLong(architecture)
            .putLong(items)
            .putInt(first)
            .putInt(last));
  }

  private static ByteBuffer message(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void send(char command, ByteBuffer message) {
    try {
      to.write(command);
      to.write(message.array(), 0, message.position());
    } catch (IOException e) {
      throw died(e);
    }
  }

  private ByteBuffer receive(int bytes) {
    try {
      to.flush();
      byte[] answer = from.readNBytes(bytes);
      if (answer.length < bytes) {
        throw new EOFException();
      }
      return ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw died(e);
    }
  }

  private AssertionError died(IOException cause) {
    process.destroy();
    String exit;
    try {
      exit = "exit code " + process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exit = "no exit code";
    }
    Kernel last = launched.isEmpty() ? null : launched.get(launched.size() - 1);
    return new AssertionError("The emulator died with " + exit + "; last launch: " + last, cause);
  }

  @Override
  public void close() {
    try {
      to.close();
      process.waitFor();
    } catch (IOException e) {
      throw died(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
