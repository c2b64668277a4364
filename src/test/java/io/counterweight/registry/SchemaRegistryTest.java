package io.counterweight.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.counterweight.support.TestRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client against a registry over HTTP. */
class SchemaRegistryTest {
  private static final String PASSWORD = "hunter2hunter2";
  private static final String ONE =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}";
  private static final String OTHER =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"b\",\"type\":\"int\"}]}";

  private TestRegistry registry = TestRegistry.start();

  @AfterEach
  void close() {
    registry.close();
  }

  private SchemaRegistry client(String user, String password, boolean register, URI... urls) {
    return new SchemaRegistry(
        new RegistryAccess(List.of(urls), user, password, register, Duration.ofMillis(150)));
  }

  @Test
  void whatIsRegisteredIsFoundUnderItsIdAndRegisteredOnce() {
    SchemaRegistry client = registry.client();

    int id = client.idOf("t-value", ONE);

    assertThat(client.find(id)).isEqualTo(new FoundSchema.Avro(ONE));
    assertThat(client.idOf("t-value", ONE)).isEqualTo(id);
    assertThat(registry.ids("t-value")).containsExactly(id);
    assertThat(registry.requests()).startsWith("POST /subjects/t-value/versions");
  }

  @Test
  void anUnknownIdAndOtherLanguagesAndEndlessAnswersAreTold() {
    int protobuf = registry.add("syntax = \"proto3\";", "PROTOBUF");
    int endless = registry.add("x".repeat(SchemaRegistry.LONGEST_ANSWER));

    assertThat(registry.client().find(77))
        .isEqualTo(new FoundSchema.Unknown("the schema registry has no schema 77"));
    assertThat(registry.client().find(-1)).isInstanceOf(FoundSchema.Unknown.class);
    assertThat(registry.client().find(protobuf))
        .isEqualTo(new FoundSchema.Unusable("schema 1 is of type PROTOBUF, expected AVRO"));
    assertThat(registry.client().find(endless))
        .isEqualTo(new FoundSchema.Unusable("schema 2 takes more than 1048576 bytes"));
  }

  @Test
  void withoutAutoRegisterASchemaIsOnlyLookedUp() {
    SchemaRegistry client = client(null, null, false, registry.url());

    assertThatThrownBy(() -> client.idOf("t-value", ONE))
        .isInstanceOf(RegistryException.class)
        .hasMessageStartingWith("The schema registry at " + registry.url())
        .hasMessageContaining("t-value, and schema-registry.auto-register is false");

    assertThat(registry.ids("t-value")).isEmpty();
    int id = registry.client().idOf("t-value", ONE);
    assertThat(client.idOf("t-value", ONE)).isEqualTo(id);
  }

  @Test
  void aRefusedRegistrationIsToldInTheRegistrysWords() {
    registry.client().idOf("t-value", ONE);

    assertThatThrownBy(() -> registry.client().idOf("t-value", OTHER))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("refuses the schema of t-value: HTTP 409, Schema being registered")
        .hasMessageContaining("incompatible with an earlier schema");
  }

  @Test
  void theUserIsLetInAndNobodyElse() {
    registry.close();
    registry = TestRegistry.start("ada", PASSWORD);

    assertThat(client("ada", PASSWORD, true, registry.url()).idOf("t-value", ONE)).isEqualTo(1);
    assertThatThrownBy(() -> client("ada", "guessed", true, registry.url()).find(1))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("schema-registry.username")
        .hasMessageContaining("HTTP 401, Unauthorized")
        .hasMessageNotContaining("guessed");
    assertThatThrownBy(() -> registry.client().find(1)).hasMessageContaining("HTTP 401");
    assertThat(new RegistryAccess(List.of(registry.url()), "ada", PASSWORD, true, Duration.ZERO))
        .asString()
        .contains("ada")
        .doesNotContain(PASSWORD);
  }

  @Test
  void anErrorThatQuotesThePasswordIsMasked() {
    registry.client().idOf("v", ONE);

    assertThatThrownBy(() -> client("ada", "incompatible", true, registry.url()).idOf("v", OTHER))
        .hasMessageContaining("is (secret) with")
        .hasMessageNotContaining("incompatible");
  }

  @Test
  void aServerThatIsNoRegistryIsNotTakenForOneWithoutTheSchema() {
    URI wrong = URI.create(registry.url() + "/elsewhere");

    assertThatThrownBy(() -> client(null, null, true, wrong).find(1))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("HTTP 404, without a registry's error code: is it one?");
  }

  @Test
  void itIsAskedAgainUntilItAnswers() {
    int id = registry.add(ONE);
    registry.fail(3);

    assertThat(registry.client().find(id)).isEqualTo(new FoundSchema.Avro(ONE));

    assertThat(registry.requests()).hasSize(4).containsOnly("GET /schemas/ids/" + id);
  }

  @Test
  void anOutageIsWaitedFor() throws Exception {
    int id = registry.add(ONE);
    SchemaRegistry client = registry.client();
    client.find(id); // the connection that is kept is of no use later
    registry.switchOff();

    CompletableFuture<FoundSchema> found = CompletableFuture.supplyAsync(() -> client.find(id));
    registry.switchOn();

    assertThat(found.get()).isEqualTo(new FoundSchema.Avro(ONE));
  }

  @Test
  void anOutageThatLastsFailsWithTheAddress() {
    registry.switchOff();

    assertThatThrownBy(() -> client(null, null, true, registry.url()).find(1))
        .isInstanceOf(RegistryException.class)
        .hasMessageStartingWith(
            "The schema registry at "
                + registry.url()
                + " (schema-registry.url) did not answer within 0.15 s: ")
        .hasNoCause();
    registry.switchOn();
    registry.fail(Integer.MAX_VALUE);
    assertThatThrownBy(() -> client(null, null, true, registry.url()).find(1))
        .hasMessageContaining("HTTP 503, not ready");
  }

  @Test
  void theNextInstanceIsAskedWhereOneDoesNotAnswer() {
    int id = registry.add(ONE);
    try (TestRegistry down = TestRegistry.start()) {
      down.switchOff();

      assertThat(client(null, null, true, down.url(), registry.url()).find(id))
          .isEqualTo(new FoundSchema.Avro(ONE));
      assertThat(down.requests()).isEmpty();
      down.switchOn();
    }
  }

  @Test
  void whoeverWaitsCanBeInterrupted() throws Exception {
    registry.switchOff();
    SchemaRegistry client = registry.client();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiting =
        new Thread(
            () -> {
              try {
                client.find(1);
                interrupted.complete(false);
              } catch (RegistryException e) {
                interrupted.complete(
                    Thread.currentThread().isInterrupted()
                        && e.getMessage().startsWith("Interrupted"));
              }
            });

    waiting.start();
    waiting.interrupt();

    assertThat(interrupted.get()).isTrue();
  }

  @Test
  void accessThatMakesNoSenseIsRefused() {
    assertThatThrownBy(() -> client(null, null, true)).hasMessageContaining("urls is empty");
    assertThatThrownBy(() -> client("ada", null, true, registry.url()))
        .hasMessageContaining("one of the two");
    assertThatThrownBy(() -> RegistryAccess.to(registry.url()).within(Duration.ofMillis(-1)))
        .hasMessageContaining("patience");
  }
}
