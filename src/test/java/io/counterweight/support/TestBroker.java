package io.counterweight.support;

import io.counterweight.embedded.EmbeddedKafka;
import java.nio.file.Path;

/** One real broker for all integration tests of a JVM, because a broker takes seconds to start. */
public final class TestBroker {
  private static EmbeddedKafka broker;

  private TestBroker() {}

  /**
   * Starts the broker at the first call; it stops with the JVM. Each test has topics of its own
   * names.
   */
  public static synchronized EmbeddedKafka shared() {
    if (broker == null) {
      Path directory = Path.of("target", "test-broker-" + ProcessHandle.current().pid());
      broker = EmbeddedKafka.start(directory);
      Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "stop-test-broker"));
    }
    return broker;
  }
}
