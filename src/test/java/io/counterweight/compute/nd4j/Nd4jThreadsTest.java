package io.counterweight.compute.nd4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.compute.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.nativeblas.NativeOpsHolder;

class Nd4jThreadsTest {
  private static final String WORKER = "nd4j-worker";

  @Test
  void everyLibraryIsSetToOneThread() {
    Backends.named("nd4j");

    assertThat(Nd4j.factory().blas().getMaxThreads()).isEqualTo(1);
    assertThat(Nd4j.getEnvironment().maxMasterThreads()).isEqualTo(1);
    assertThat(NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads()).isEqualTo(1);
  }

  /**
   * A thread of the operating system inherits the name of the one that starts it, so a pool that
   * the work starts would show by that name, and one started earlier by the processor time that it
   * uses.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  void largeOperationsRunOnTheCallingThreadAlone() throws Exception {
    Backends.named("nd4j");

    Map<String, Task> before = tasks();
    List<Task> after =
        onWorker(
            () -> {
              Nd4jRuntime.useOneThread();
              INDArray square = Nd4j.rand(DataType.FLOAT, 1200, 1200);
              for (int i = 0; i < 12; i++) {
                square.mmul(square);
              }
              INDArray line = Nd4j.rand(DataType.FLOAT, 2_000_000);
              for (int i = 0; i < 20; i++) {
                Transforms.exp(line, false).sum();
              }
              return new ArrayList<>(tasks().values());
            });

    Map<Boolean, List<Task>> byWorker = new HashMap<>();
    for (Task task : after) {
      long used = task.ticks - before.getOrDefault(task.id, new Task(task.id, "", 0)).ticks;
      byWorker
          .computeIfAbsent(task.name.equals(WORKER), key -> new ArrayList<>())
          .add(new Task(task.id, task.name, used));
    }
    assertThat(byWorker.get(true)).hasSize(1);
    long worked = byWorker.get(true).get(0).ticks;
    assertThat(worked).isGreaterThan(10);
    assertThat(byWorker.get(false))
        .filteredOn(task -> !isOfTheJvm(task.name))
        .allSatisfy(task -> assertThat(task.ticks).as(task.toString()).isLessThan(worked / 4));
  }

  /**
   * A thread of this process.
   *
   * @param ticks of processor time, usually 10 ms each
   */
  private record Task(String id, String name, long ticks) {}

  private static boolean isOfTheJvm(String name) {
    return name.matches("(C1|C2|VM|GC|G1|Sweeper|Service|Signal|Monitor|Finalizer).*");
  }

  private static Map<String, Task> tasks() throws IOException {
    Map<String, Task> tasks = new HashMap<>();
    try (Stream<Path> folders = Files.list(Path.of("/proc/self/task"))) {
      for (Path folder : folders.toList()) {
        try {
          String stat = Files.readString(folder.resolve("stat"));
          String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
          String id = folder.getFileName().toString();
          String name = Files.readString(folder.resolve("comm")).strip();
          long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
          tasks.put(id, new Task(id, name, ticks));
        } catch (NoSuchFileException e) {
          // The thread has ended.
        }
      }
    }
    return tasks;
  }

  private static <T> T onWorker(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    new Thread(task, WORKER).start();
    return task.get();
  }
}
