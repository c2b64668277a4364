package io.counterweight.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/**
 * How many keys of a subtask have a learner, and whether there may be one more.
 *
 * <p>Counts are kept by key group, and every subtask is given those of all subtasks when it is
 * restored, of which it takes those of its own key groups: so they are exact after a rescale too.
 */
final class KeyCount {
  private static final String STATE = "keys-of-key-groups";

  private final ListState<Tuple2<Integer, Long>> stored;
  private final KeyGroupRange own;
  private final int keyGroups;
  private final long most;
  private final long[] counts;
  private volatile long total;

  /**
   * The counts of a subtask.
   *
   * @param own key groups of the subtask
   * @param keyGroups number of all key groups
   * @param most keys that are admitted; 0 for any number
   */
  KeyCount(OperatorStateStore store, KeyGroupRange own, int keyGroups, long most) throws Exception {
    this.stored =
        store.getUnionListState(
            new ListStateDescriptor<>(STATE, Types.TUPLE(Types.INT, Types.LONG)));
    this.own = own;
    this.keyGroups = keyGroups;
    this.most = most;
    this.counts = new long[own.getNumberOfKeyGroups()];
  }

  /**
   * Takes over the stored counts.
   *
   * @return whether there were any; a state from before keys were counted has none
   */
  boolean restore() throws Exception {
    boolean any = false;
    for (Tuple2<Integer, Long> entry : stored.get()) {
      any = true;
      if (own.contains(entry.f0)) {
        add(entry.f0, entry.f1);
      }
    }
    return any;
  }

  /** Counts keys that have a learner. */
  void recount(Stream<String> keys) {
    keys.forEach(this::added);
  }

  /** Whether there may be a learner for one more key. */
  boolean hasRoom() {
    return most == 0 || total < most;
  }

  /** Counts a key that has just got its learner. */
  void added(String key) {
    add(KeyGroupRangeAssignment.assignToKeyGroup(key, keyGroups), 1);
  }

  private void add(int keyGroup, long keys) {
    counts[keyGroup - own.getStartKeyGroup()] += keys;
    total += keys;
  }

  /** Keys with a learner; also read by the thread that reports metrics. */
  long total() {
    return total;
  }

  /** To be called by every snapshot. */
  void store() throws Exception {
    List<Tuple2<Integer, Long>> entries = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      entries.add(Tuple2.of(own.getStartKeyGroup() + i, counts[i]));
    }
    stored.update(entries);
  }
}
