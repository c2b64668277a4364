package io.counterweight.compute.cuda;

import io.counterweight.compute.TrainingState;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The lanes that live on the device, known by identity, bounded in bytes. The least recently used
 * one goes first, and what it learned is copied home.
 */
final class ResidentStates implements AutoCloseable {
  private final Device device;
  private final Staging staging;
  private final long capacityBytes;
  private final LinkedHashMap<Identity, ResidentState> states =
      new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /** A state as a key: the same object, whatever it holds. */
  private static final class Identity {
    private final TrainingState state;

    private Identity(TrainingState state) {
      this.state = state;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Identity && ((Identity) other).state == state;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(state);
    }
  }

  ResidentStates(Device device, Staging staging, long capacityBytes) {
    this.device = device;
    this.staging = staging;
    this.capacityBytes = capacityBytes;
  }

  /**
   * The state on the device, current.
   *
   * @param inUse states that must stay, because the same call uses them
   */
  ResidentState use(TrainingState state, Set<TrainingState> inUse) {
    ResidentState resident = states.get(new Identity(state));
    if (resident == null) {
      long size = ResidentState.bytes(state);
      evict(size, inUse);
      resident = new ResidentState(state, device.allocate(size));
      states.put(new Identity(state), resident);
      bytes += size;
    }
    resident.refresh(device, staging);
    return resident;
  }

  private void evict(long needed, Set<TrainingState> inUse) {
    Iterator<Map.Entry<Identity, ResidentState>> oldest = states.entrySet().iterator();
    while (bytes + needed > capacityBytes && oldest.hasNext()) {
      Map.Entry<Identity, ResidentState> victim = oldest.next();
      if (!inUse.contains(victim.getKey().state)) {
        victim.getValue().sync(device, staging);
        free(victim.getKey().state, victim.getValue());
        oldest.remove();
      }
    }
  }

  private void free(TrainingState state, ResidentState resident) {
    device.free(resident.address());
    bytes -= ResidentState.bytes(state);
  }

  /** Makes the host's arrays current, if the state is here; the host may change them then. */
  void sync(TrainingState state) {
    ResidentState resident = states.get(new Identity(state));
    if (resident != null) {
      resident.sync(device, staging);
    }
  }

  /** Forgets the state, if it is here, with all that was not synced. */
  void release(TrainingState state) {
    ResidentState resident = states.remove(new Identity(state));
    if (resident != null) {
      free(state, resident);
    }
  }

  int size() {
    return states.size();
  }

  long bytes() {
    return bytes;
  }

  /** Brings every state home. */
  @Override
  public void close() {
    for (ResidentState resident : states.values()) {
      resident.sync(device, staging);
      device.free(resident.address());
    }
    states.clear();
    bytes = 0;
  }
}
