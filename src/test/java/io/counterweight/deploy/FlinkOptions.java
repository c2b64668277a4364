package io.counterweight.deploy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.state.rocksdb.RocksDBNativeMetricOptions;
import org.apache.flink.state.rocksdb.RocksDBOptions;

/** Flink's options by key, from its own constants. */
final class FlinkOptions {
  private static final List<Class<?>> CLASSES =
      List.of(
          CheckpointingOptions.class,
          CoreOptions.class,
          ExternalResourceOptions.class,
          HighAvailabilityOptions.class,
          JobManagerOptions.class,
          MetricOptions.class,
          RestOptions.class,
          RocksDBNativeMetricOptions.class,
          RocksDBOptions.class,
          StateBackendOptions.class,
          TaskManagerOptions.class);

  /**
   * Keys of parts that are not on the class path: of the reporter, of Flink's Kubernetes module and
   * of the operator.
   */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "metrics.reporter.prom.port",
          "external-resource.gpu.kubernetes.config-key",
          "kubernetes.operator.savepoint.format.type",
          "kubernetes.operator.periodic.savepoint.interval",
          "kubernetes.operator.savepoint.history.max.age");

  private static final Map<String, ConfigOption<?>> BY_KEY = byKey();

  private FlinkOptions() {}

  private static Map<String, ConfigOption<?>> byKey() {
    Map<String, ConfigOption<?>> options = new TreeMap<>();
    for (Class<?> holder : CLASSES) {
      for (Field field : holder.getFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
          ConfigOption<?> option = constant(field);
          options.put(option.key(), option);
        }
      }
    }
    return options;
  }

  private static ConfigOption<?> constant(Field field) {
    try {
      return (ConfigOption<?>) field.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Reads every value as the type of its option.
   *
   * @throws AssertionError if there is no such option, or the value is not one of its values
   */
  static void check(Configuration configuration) {
    configuration.toMap().forEach(FlinkOptions::check);
  }

  private static void check(String key, String value) {
    if (OF_OTHERS.contains(key)) {
      return;
    }
    ConfigOption<?> option =
        find(key).orElseThrow(() -> new AssertionError("Flink has no option " + key));
    try {
      Configuration.fromMap(Map.of(option.key(), value)).get(option);
    } catch (IllegalArgumentException e) {
      throw new AssertionError(key + " cannot be " + value, e);
    }
  }

  /** Options of a reporter or of an external resource are constants without their prefix. */
  private static Optional<ConfigOption<?>> find(String key) {
    String generic =
        key.replaceFirst("^metrics\\.reporter\\.prom\\.", "metrics.reporter.<name>.")
            .replaceFirst("^external-resource\\.gpu\\.", "external-resource.<resource_name>.");
    return Optional.<ConfigOption<?>>ofNullable(BY_KEY.get(key))
        .or(() -> Optional.ofNullable(BY_KEY.get(generic)))
        .or(() -> Optional.ofNullable(BY_KEY.get(generic.replaceFirst("^.*>\\.", ""))));
  }
}
