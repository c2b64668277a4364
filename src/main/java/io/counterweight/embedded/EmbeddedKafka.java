package io.counterweight.embedded;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A Kafka broker in this process: one KRaft node that is broker and controller, listening on the
 * loopback address only. For demos and tests; a pipeline that matters has a cluster.
 *
 * <p>The directory holds everything, so that a broker started on it again has its topics, records
 * and committed offsets. One broker at a time uses a directory. The first start on a directory
 * takes some seconds, a later one about one.
 *
 * <p>Records are kept whatever their time stamps say: simulated and replayed events are older, or
 * younger, than the clock, and Kafka's retention and time-stamp limits would drop or refuse them.
 *
 * <p>A fatal fault of the running broker, such as a full disk, ends the process as it would end any
 * Kafka broker; one during {@link #start} is reported as an exception.
 */
public final class EmbeddedKafka implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final int NODE_ID = 1;
  private static final String CLUSTER_ID = "counterweight-embedded";
  private static final String CLIENT = "CLIENT";
  private static final String CONTROLLER = "CONTROLLER";
  private static final long ADMIN_TIMEOUT_SECONDS = 60;

  /**
   * A topic to create.
   *
   * @param name of the topic
   * @param partitions at least 1
   * @param configs topic-level settings, such as {@code cleanup.policy} = {@code compact}
   */
  public record Topic(String name, int partitions, Map<String, String> configs) {
    public Topic {
      if (partitions < 1) {
        throw new IllegalArgumentException(
            "Topic " + name + ": " + partitions + " partitions, expected 1 or more");
      }
      configs = Map.copyOf(configs);
    }

    public static Topic of(String name, int partitions) {
      return new Topic(name, partitions, Map.of());
    }

    public static Topic compacted(String name, int partitions) {
      return new Topic(name, partitions, Map.of("cleanup.policy", "compact"));
    }
  }

  private final Path directory;
  private final int port;
  private final Optional<BrokerSecurity> security;
  private final DirectoryLock lock;
  private KafkaRaftServer server;

  private EmbeddedKafka(
      Path directory,
      int port,
      Optional<BrokerSecurity> security,
      DirectoryLock lock,
      KafkaRaftServer server) {
    this.directory = directory;
    this.port = port;
    this.security = security;
    this.lock = lock;
    this.server = server;
  }

  /** Starts a broker on free ports. */
  public static EmbeddedKafka start(Path directory) {
    return start(directory, 0, 0);
  }

  /** Starts a broker on free ports that lets in its users only, over TLS. */
  public static EmbeddedKafka start(Path directory, BrokerSecurity security) {
    return start(directory, 0, 0, Optional.of(security));
  }

  /**
   * Starts a broker and waits until it serves.
   *
   * @param directory made if it is not there; a broker's earlier data in it is kept
   * @param brokerPort for clients; 0 chooses a free one
   * @param controllerPort for the node itself; 0 chooses a free one
   * @throws IllegalStateException if a port is taken, the directory cannot be used or another
   *     broker uses it, or the broker cannot start
   */
  public static EmbeddedKafka start(Path directory, int brokerPort, int controllerPort) {
    return start(directory, brokerPort, controllerPort, Optional.empty());
  }

  private static synchronized EmbeddedKafka start(
      Path directory, int brokerPort, int controllerPort, Optional<BrokerSecurity> security) {
    int[] ports = ports(brokerPort, controllerPort);
    DirectoryLock lock = DirectoryLock.acquire(directory);
    try {
      Path data = directory.resolve("data");
      format(data, security.map(BrokerSecurity::scramUsers).orElse(List.of()));
      KafkaRaftServer server = serve(data, config(data, ports[0], ports[1], security));
      return new EmbeddedKafka(directory, ports[0], security, lock, server);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** What clients need to find the broker: {@code host:port}. */
  public String bootstrapServers() {
    return LOOPBACK.getHostAddress() + ":" + port;
  }

  /** Where the broker keeps its data. */
  public Path directory() {
    return directory;
  }

  /**
   * Creates those of the topics that are not there; waits until they are.
   *
   * @throws IllegalStateException if a topic is there with another number of partitions, or Kafka
   *     refuses one
   */
  public void createTopics(Collection<Topic> topics) {
    Map<String, Object> config = new HashMap<>();
    security.ifPresent(secure -> config.putAll(secure.ownClientProperties()));
    config.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers());
    try (Admin admin = Admin.create(config)) {
      Set<String> existing =
          new HashSet<>(admin.listTopics().names().get(ADMIN_TIMEOUT_SECONDS, TimeUnit.SECONDS));
      List<NewTopic> missing = new ArrayList<>();
      List<Topic> present = new ArrayList<>();
      for (Topic topic : topics) {
        if (existing.contains(topic.name())) {
          present.add(topic);
        } else {
          missing.add(
              new NewTopic(topic.name(), topic.partitions(), (short) 1).configs(topic.configs()));
        }
      }
      admin.createTopics(missing).all().get(ADMIN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      requirePartitions(admin, present);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "Topics cannot be created: " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The broker did not create the topics in " + ADMIN_TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while topics were created", e);
    }
  }

  /** Stops the broker; the data stay. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (server == null) {
      return;
    }
    try {
      server.shutdown();
      server.awaitShutdown();
    } finally {
      server = null;
      lock.close();
    }
  }

  private static void requirePartitions(Admin admin, List<Topic> topics)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<String, TopicDescription> descriptions =
        admin
            .describeTopics(topics.stream().map(Topic::name).toList())
            .allTopicNames()
            .get(ADMIN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    for (Topic topic : topics) {
      int partitions = descriptions.get(topic.name()).partitions().size();
      if (partitions != topic.partitions()) {
        throw new IllegalStateException(
            String.format(
                "Topic %s is there with %d partitions, expected %d; ask for as many, or use another"
                    + " directory",
                topic.name(), partitions, topic.partitions()));
      }
    }
  }

  /** Writes the cluster's identity into the directory, unless it has one. */
  private static void format(Path data, List<String> scramUsers) {
    try {
      new Formatter()
          .setNodeId(NODE_ID)
          .setClusterId(CLUSTER_ID)
          .addDirectory(data.toString())
          .setMetadataLogDirectory(data.toString())
          .setControllerListenerName(CONTROLLER)
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setScramArguments(scramUsers)
          .setIgnoreFormatted(true)
          .setPrintStream(new PrintStream(PrintStream.nullOutputStream()))
          .run();
    } catch (Exception e) { // what Formatter.run declares
      throw new IllegalStateException(
          "The broker's directory " + data + " cannot be prepared: " + e.getMessage(), e);
    }
  }

  /** Kafka would halt the process on some start-up faults, so for a start it throws instead. */
  private static KafkaRaftServer serve(Path data, Map<String, String> config) {
    Exit.Procedure refuse =
        (status, message) -> {
          throw new IllegalStateException(
              "Kafka gave up with status " + status + "; its log says why");
        };
    Exit.setExitProcedure(refuse);
    Exit.setHaltProcedure(refuse);
    KafkaRaftServer server = null;
    try {
      server = new KafkaRaftServer(new KafkaConfig(config, false), Time.SYSTEM);
      server.startup();
      return server;
    } catch (RuntimeException e) {
      if (server != null) {
        server.shutdown();
      }
      throw new IllegalStateException(
          "The embedded Kafka broker in " + data + " cannot start: " + rootMessage(e), e);
    } finally {
      Exit.resetExitProcedure();
      Exit.resetHaltProcedure();
    }
  }

  private static Map<String, String> config(
      Path data, int brokerPort, int controllerPort, Optional<BrokerSecurity> security) {
    String host = LOOPBACK.getHostAddress();
    Map<String, String> config =
        new HashMap<>(security.map(secure -> secure.brokerProperties(CLIENT)).orElse(Map.of()));
    config.put("process.roles", "broker,controller");
    config.put("node.id", Integer.toString(NODE_ID));
    config.put("controller.quorum.voters", NODE_ID + "@" + host + ":" + controllerPort);
    config.put(
        "listeners",
        CLIENT
            + "://"
            + host
            + ":"
            + brokerPort
            + ","
            + CONTROLLER
            + "://"
            + host
            + ":"
            + controllerPort);
    config.put("advertised.listeners", CLIENT + "://" + host + ":" + brokerPort);
    config.put("inter.broker.listener.name", CLIENT);
    config.put("controller.listener.names", CONTROLLER);
    config.put(
        "listener.security.protocol.map",
        CLIENT + (security.isPresent() ? ":SASL_SSL," : ":PLAINTEXT,") + CONTROLLER + ":PLAINTEXT");
    config.put("log.dirs", data.toString());

    config.put("auto.create.topics.enable", "false");
    config.put("offsets.topic.replication.factor", "1");
    config.put("offsets.topic.num.partitions", "1");
    config.put("transaction.state.log.replication.factor", "1");
    config.put("transaction.state.log.min.isr", "1");
    config.put("transaction.state.log.num.partitions", "4");
    config.put("transaction.max.timeout.ms", Long.toString(TimeUnit.HOURS.toMillis(1)));
    config.put("share.coordinator.state.topic.replication.factor", "1");
    config.put("share.coordinator.state.topic.min.isr", "1");
    config.put("share.coordinator.state.topic.num.partitions", "1");
    config.put("group.initial.rebalance.delay.ms", "0");
    config.put("log.retention.ms", "-1");
    config.put("log.message.timestamp.after.max.ms", Long.toString(Long.MAX_VALUE));
    config.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20)); // 128 MB by default
    config.put("num.network.threads", "2");
    config.put("num.io.threads", "2");
    config.put("controlled.shutdown.enable", "true");
    return config;
  }

  /** Resolves 0 to free ports, and makes sure that the given ones are free. */
  private static int[] ports(int brokerPort, int controllerPort) {
    try (ServerSocket broker = bind("broker", brokerPort);
        ServerSocket controller = bind("controller", controllerPort)) {
      return new int[] {broker.getLocalPort(), controller.getLocalPort()};
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ServerSocket bind(String role, int port) throws IOException {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "The " + role + " port is " + port + ", expected 0 (any free one) to 65535");
    }
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(LOOPBACK, port));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw new IllegalStateException(
          String.format(
              "Port %d for the embedded Kafka %s cannot be used (%s); give another, or 0 for any",
              port, role, e.getMessage()),
          e);
    }
  }

  private static String rootMessage(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause.getMessage();
  }
}
