package io.counterweight.bench;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CPU time of this process so far, by groups of threads.
 *
 * @param process nanoseconds of all threads, those of the JVM itself included
 * @param garbage nanoseconds that collections lasted
 * @param compiler nanoseconds that compilations lasted
 * @param byThread nanoseconds of each Java thread that lives, by its id
 * @param names of those threads
 */
record ThreadTimes(
    long process, long garbage, long compiler, Map<Long, Long> byThread, Map<Long, String> names) {
  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private record Group(String name, String pattern) {}

  private static final List<Group> GROUPS =
      List.of(
          new Group(
              "task of the learner, or of what replaces it, with its sinks' encoding",
              ".*(bilevel learner|Co-Keyed-Process).*"),
          new Group(
              "source tasks: decode, watermarks, exchange",
              "(Source: (events|trusted)|decode (events|trusted)).*"),
          new Group("Kafka consumers (fetcher threads)", "Source Data Fetcher.*"),
          new Group("other sink tasks", ".*(Writer|Committer).*"),
          new Group("Kafka producers (network threads)", "kafka-producer-network-thread.*"),
          new Group(
              "the broker",
              "(data-plane|control-plane|kafka-|broker-|raft-|quorum|group-coordinator|"
                  + "transaction|txn|TxnMarker|metadata|controller|ExpirationReaper|LogDir|"
                  + "Kafka|executor-).*"),
          new Group("checkpoints", "(AsyncOperations|checkpoint|jobmanager-io|Checkpoint).*"));

  static ThreadTimes now() {
    Map<Long, Long> times = new HashMap<>();
    Map<Long, String> names = new HashMap<>();
    long process = SYSTEM.getProcessCpuTime();
    for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (thread != null) {
        times.put(thread.getThreadId(), THREADS.getThreadCpuTime(thread.getThreadId()));
        names.put(thread.getThreadId(), thread.getThreadName());
      }
    }
    long garbage = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      garbage += MILLISECONDS.toNanos(collector.getCollectionTime());
    }
    long compiler =
        MILLISECONDS.toNanos(ManagementFactory.getCompilationMXBean().getTotalCompilationTime());
    return new ThreadTimes(process, garbage, compiler, times, names);
  }

  /** Nanoseconds by group since an earlier time; threads that ended in between are in the rest. */
  Map<String, Long> since(ThreadTimes earlier) {
    Map<String, Long> groups = new LinkedHashMap<>();
    GROUPS.forEach(group -> groups.put(group.name(), 0L));
    groups.put("other Java threads", 0L);
    long rest = process - earlier.process;
    for (Map.Entry<Long, Long> thread : byThread.entrySet()) {
      long spent = thread.getValue() - earlier.byThread.getOrDefault(thread.getKey(), 0L);
      groups.merge(groupOf(names.get(thread.getKey())), spent, Long::sum);
      rest -= spent;
    }
    groups.put("the JVM's own and RocksDB's", Math.max(0, rest));
    groups.put("for comparison: GC, elapsed", garbage - earlier.garbage);
    groups.put("for comparison: JIT, elapsed", compiler - earlier.compiler);
    return groups;
  }

  private static String groupOf(String thread) {
    return GROUPS.stream()
        .filter(group -> thread.matches(group.pattern()))
        .findFirst()
        .map(Group::name)
        .orElse("other Java threads");
  }
}
