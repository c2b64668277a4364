package io.counterweight.job;

import io.counterweight.config.ConfigException;
import io.counterweight.config.EngineConfig;
import io.counterweight.config.KafkaSettings;
import io.counterweight.config.TopicSettings;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates the job's topics where they do not exist; never changes one that does. */
public final class KafkaTopics {

  /**
   * A topic after {@link #create}.
   *
   * @param name of the topic
   * @param created whether it was made now; otherwise it was there
   * @param partitions that it has
   * @param remark what is unlike the configuration, if anything
   */
  public record Topic(String name, boolean created, int partitions, Optional<String> remark) {}

  private static final long ASK_AGAIN_MILLIS = 50;

  private final Admin admin;
  private final TopicSettings settings;
  private final boolean labels;
  private final Duration patience;

  private KafkaTopics(Admin admin, TopicSettings settings, boolean labels, Duration patience) {
    this.admin = admin;
    this.settings = settings;
    this.labels = labels;
    this.patience = patience;
  }

  /**
   * Creates what is missing and waits until it takes records. Doing it again changes nothing.
   *
   * @param patience how long to wait for the brokers
   * @return every topic, in the order of {@link TopicSettings}
   * @throws IOException with a message for the user, if the brokers do not answer or refuse
   * @throws ConfigException if the client refuses {@code kafka.properties}
   */
  public static List<Topic> create(EngineConfig config, Duration patience) throws IOException {
    KafkaSettings kafka = config.kafka();
    try (Admin admin = admin(kafka, patience)) {
      return new KafkaTopics(admin, config.topics(), config.labels().join(), patience).create();
    } catch (ExecutionException e) {
      throw new IOException(explanation(e.getCause(), kafka, patience), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while creating topics");
    }
  }

  private static Admin admin(KafkaSettings kafka, Duration patience) throws IOException {
    String millis = String.valueOf(patience.toMillis());
    Properties properties = new Properties();
    properties.putAll(kafka.properties());
    properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
    try {
      return Admin.create(properties);
    } catch (KafkaException e) {
      String reason = String.valueOf(innermost(e).getMessage());
      if (reason.contains("No resolvable bootstrap urls")) {
        throw new IOException("No host of " + brokers(kafka) + " can be resolved", e);
      }
      throw ConfigException.of(
          "kafka.properties", "are refused by the Kafka client: " + refusal(reason, kafka));
    }
  }

  /** The parser of JAAS configurations quotes pieces of them, which no mask would recognise. */
  private static String refusal(String reason, KafkaSettings kafka) {
    return reason.contains("JAAS")
        ? "sasl.jaas.config is missing or cannot be read, expected CLASS required NAME=\"VALUE\" …;"
            + " with \\ before each \" and \\ of a value"
        : kafka.masked(reason);
  }

  private static String brokers(KafkaSettings kafka) {
    return kafka.masked(kafka.bootstrapServers()) + " (kafka.bootstrap-servers)";
  }

  private static String explanation(Throwable cause, KafkaSettings kafka, Duration patience) {
    String brokers = brokers(kafka);
    if (cause instanceof TimeoutException) {
      return "No Kafka broker answered at "
          + brokers
          + " within "
          + patience.toSeconds()
          + " s; is it running, and does security.protocol in kafka.properties fit?";
    }
    if (cause instanceof SslAuthenticationException) {
      return "The TLS handshake with the Kafka broker at "
          + brokers
          + " failed: "
          + kafka.masked(innermost(cause).getMessage())
          + "; do ssl.truststore.* and the host's name fit the broker's certificate?";
    }
    String reason = kafka.masked(cause.getMessage());
    return cause instanceof AuthenticationException
        ? "The Kafka broker at " + brokers + " refuses to let us in: " + reason
        : "The Kafka broker at " + brokers + " cannot create the topics: " + reason;
  }

  private static Throwable innermost(Throwable e) {
    return e.getCause() == null || e.getCause() == e ? e : innermost(e.getCause());
  }

  private List<Topic> create() throws ExecutionException, InterruptedException {
    List<NewTopic> wanted = wanted();
    CreateTopicsResult creation = admin.createTopics(wanted);
    List<Topic> topics = new ArrayList<>();
    for (NewTopic topic : wanted) {
      topics.add(
          isNew(creation, topic.name())
              ? new Topic(topic.name(), true, settings.partitions(), Optional.empty())
              : existing(topic.name()));
    }
    awaitLeaders(topics);
    return topics;
  }

  /**
   * Waits until the brokers lead all partitions of the new topics. A producer that is faster may
   * lose records: the first batch is refused, the second, in flight behind it, is taken, and then
   * the first stays out of sequence until it expires.
   */
  private void awaitLeaders(List<Topic> topics) throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (Topic topic : topics) {
      for (int partition = 0; topic.created() && partition < topic.partitions(); partition++) {
        ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
      }
    }
    long deadline = System.nanoTime() + patience.toNanos();
    while (!haveLeaders(ends, deadline)) {
      Thread.sleep(ASK_AGAIN_MILLIS);
    }
  }

  /** The client itself waits for leaders, but not for brokers that have not heard of a topic. */
  private boolean haveLeaders(Map<TopicPartition, OffsetSpec> ends, long deadline)
      throws ExecutionException, InterruptedException {
    try {
      admin.listOffsets(ends).all().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException
          && System.nanoTime() < deadline) {
        return false;
      }
      throw e;
    }
  }

  private List<NewTopic> wanted() {
    List<String> names = new ArrayList<>(List.of(settings.events(), settings.trusted()));
    if (labels) {
      names.add(settings.labels());
    }
    names.addAll(
        List.of(
            settings.predictions(),
            settings.scores(),
            settings.weights(),
            settings.drift(),
            settings.models(),
            settings.rejects()));
    List<NewTopic> topics = new ArrayList<>();
    for (String name : names) {
      NewTopic topic = new NewTopic(name, settings.partitions(), (short) settings.replication());
      topics.add(
          name.equals(settings.models())
              ? topic.configs(
                  Map.of(
                      TopicConfig.CLEANUP_POLICY_CONFIG,
                      TopicConfig.CLEANUP_POLICY_COMPACT,
                      TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                      Integer.toString(KafkaEndpoints.LARGEST_RECORD)))
              : topic);
    }
    return topics;
  }

  private static boolean isNew(CreateTopicsResult creation, String name)
      throws ExecutionException, InterruptedException {
    try {
      creation.values().get(name).get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw e;
    }
  }

  private Topic existing(String name) throws ExecutionException, InterruptedException {
    int partitions =
        admin.describeTopics(List.of(name)).topicNameValues().get(name).get().partitions().size();
    Optional<String> remark = Optional.empty();
    if (name.equals(settings.models()) && !isCompacted(name)) {
      remark =
          Optional.of(
              "topic "
                  + name
                  + " is not compacted: set its cleanup.policy to compact, or old snapshots expire");
    } else if (partitions != settings.partitions()) {
      remark =
          Optional.of(
              "topic "
                  + name
                  + " has "
                  + partitions
                  + " partitions, topics.partitions is "
                  + settings.partitions());
    }
    return new Topic(name, false, partitions, remark);
  }

  private boolean isCompacted(String name) throws ExecutionException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    return admin
        .describeConfigs(List.of(resource))
        .values()
        .get(resource)
        .get()
        .get(TopicConfig.CLEANUP_POLICY_CONFIG)
        .value()
        .contains(TopicConfig.CLEANUP_POLICY_COMPACT);
  }
}
