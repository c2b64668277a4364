package io.counterweight.job;

import io.counterweight.config.EngineConfig;
import java.util.Optional;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/** The engine's configuration as Flink's. */
public final class JobEnvironment {
  private static final MemorySize LOCAL_MANAGED_MEMORY = MemorySize.ofMebiBytes(256);
  private static final MemorySize LOCAL_NETWORK_MEMORY = MemorySize.ofMebiBytes(64);

  private JobEnvironment() {}

  /**
   * What the job itself needs, on a cluster as on one machine.
   *
   * @param restoreFrom a checkpoint or savepoint to start from
   */
  public static Configuration job(EngineConfig config, Optional<String> restoreFrom) {
    Configuration flink = new Configuration();
    flink.set(PipelineOptions.NAME, config.job().name());
    flink.set(CoreOptions.DEFAULT_PARALLELISM, config.job().parallelism());
    flink.set(PipelineOptions.MAX_PARALLELISM, config.job().maxParallelism());
    flink.set(PipelineOptions.OBJECT_REUSE, true);
    // A type without a serializer of its own must fail here, not fall back to Kryo.
    flink.set(PipelineOptions.GENERIC_TYPES, false);

    flink.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    flink.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, config.checkpoints().toString());
    flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, config.state().checkpointInterval());
    flink.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, config.state().checkpointTimeout());
    flink.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
    flink.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    flink.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, config.state().retain());
    restoreFrom.ifPresent(path -> flink.set(StateRecoveryOptions.SAVEPOINT_PATH, path));
    return flink;
  }

  /** The job's configuration plus a cluster of one process. */
  public static Configuration local(EngineConfig config, Optional<String> restoreFrom) {
    Configuration flink = job(config, restoreFrom);
    flink.set(TaskManagerOptions.NUM_TASK_SLOTS, config.job().parallelism());
    flink.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, LOCAL_MANAGED_MEMORY);
    flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, LOCAL_NETWORK_MEMORY);
    flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, LOCAL_NETWORK_MEMORY);
    config
        .job()
        .dashboardPort()
        .ifPresent(
            port -> {
              flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
              flink.set(RestOptions.ADDRESS, "127.0.0.1");
              flink.set(RestOptions.BIND_PORT, Integer.toString(port));
              flink.set(RestOptions.PORT, port);
            });
    return flink;
  }
}
