package io.counterweight.job;

import io.counterweight.serde.EventFormat;
import io.counterweight.serde.EventLimits;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * One input topic.
 *
 * @param topic of events, or of trusted events
 * @param groupId consumer group; offsets are committed to it at checkpoints, for monitoring
 * @param format of the record values
 * @param limits that an event must keep
 * @param startingOffsets where to begin without a checkpoint
 * @param boundedToLatest whether to end at the offsets that are the latest when the job starts
 * @param properties of the consumers, over those of {@link KafkaSettings}; never null
 */
public record SourceSettings(
    String topic,
    String groupId,
    EventFormat format,
    EventLimits limits,
    StartingOffsets startingOffsets,
    boolean boundedToLatest,
    Map<String, String> properties) {

  /** Where a source begins when there is no checkpoint to restore. */
  public enum StartingOffsets {
    EARLIEST,
    LATEST,
    /** What the group has committed; the earliest where it has committed nothing. */
    COMMITTED
  }

  /** Properties that have a setting of their own, or that the source relies on. */
  private static final Set<String> RESERVED =
      Set.of(
          ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
          ConsumerConfig.GROUP_ID_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

  public SourceSettings {
    KafkaNames.requireTopic(topic);
    KafkaNames.requireText("groupId", groupId);
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(startingOffsets, "startingOffsets");
    properties = KafkaNames.without(RESERVED, properties);
  }
}
