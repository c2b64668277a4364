package io.counterweight.compute.cuda;

import io.counterweight.compute.TrainingState;
import java.nio.ByteBuffer;
import java.util.List;

/** A lane's arrays in one allocation of the device, in the order of {@link #arrays}. */
final class ResidentState {
  private final TrainingState state;
  private final long address;

  /** Whether the device has what the host should know; else both agree or the host is ahead. */
  private boolean ahead;

  /** Whether the host may have changed its arrays since they were copied. */
  private boolean stale = true;

  ResidentState(TrainingState state, long address) {
    this.state = state;
    this.address = address;
  }

  private static List<float[]> arrays(TrainingState state) {
    return List.of(
        state.parameters,
        state.adam.firstMoment,
        state.adam.secondMoment,
        state.statistics,
        state.conceptMeans,
        state.weightNet,
        state.weightAdam.firstMoment,
        state.weightAdam.secondMoment);
  }

  static long bytes(TrainingState state) {
    return arrays(state).stream().mapToLong(array -> 4L * array.length).sum();
  }

  long address() {
    return address;
  }

  /** Address of the array of that place in the order. */
  long array(int index) {
    long at = address;
    List<float[]> arrays = arrays(state);
    for (int i = 0; i < index; i++) {
      at += 4L * arrays.get(i).length;
    }
    return at;
  }

  long parameters() {
    return array(0);
  }

  long statistics() {
    return array(3);
  }

  /** Copies to the device what the host may have changed. */
  void refresh(Device device, Staging staging) {
    if (!stale) {
      return;
    }
    ByteBuffer buffer = staging.room(bytes(state));
    arrays(state).forEach(array -> Staging.put(buffer, array));
    device.upload(buffer.flip(), address);
    stale = false;
  }

  /** The device will change it. */
  void changes() {
    ahead = true;
  }

  /** Brings everything home; from now on the host may change it. */
  void sync(Device device, Staging staging) {
    if (ahead) {
      ByteBuffer buffer = staging.room(bytes(state));
      device.download(address, buffer);
      buffer.rewind();
      arrays(state).forEach(array -> Staging.get(buffer, array, 0, array.length));
      ahead = false;
    }
    stale = true;
  }
}
