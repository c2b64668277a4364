package io.counterweight.embedded;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;

/**
 * TLS and user names on the clients' listener of an {@link EmbeddedKafka}. Users may log in by
 * SCRAM-SHA-256, SCRAM-SHA-512 or PLAIN. The controller's own listener stays on the loopback
 * address without either.
 *
 * <p>For SCRAM the users are those of the first start on a directory, as a broker keeps them in its
 * metadata.
 */
public final class BrokerSecurity {

  /** How a user proves who it is. */
  public enum Mechanism {
    SCRAM_SHA_256("SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule"),
    SCRAM_SHA_512("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule"),
    PLAIN("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule");

    private final String kafkaName;
    private final String loginModule;

    Mechanism(String kafkaName, String loginModule) {
      this.kafkaName = kafkaName;
      this.loginModule = loginModule;
    }

    /** Name in {@code sasl.mechanism}. */
    public String kafkaName() {
      return kafkaName;
    }
  }

  private static final String WORD = "[A-Za-z0-9._-]+";
  private static final String STORE_TYPE = "PKCS12";

  /** The broker's own user, whose password is made anew at every start. */
  private static final String BROKER = "embedded-broker";

  private final Path keystore;
  private final Path truststore;
  private final String storePassword;
  private final Map<String, String> users;
  private final String brokerPassword;

  /**
   * Security of one broker.
   *
   * @param keystore PKCS12 with the broker's key and a certificate for the loopback address
   * @param truststore PKCS12 with what that certificate is trusted by
   * @param storePassword of both
   * @param users from names to passwords, both of letters, digits, dots, _ and -
   * @throws IllegalArgumentException if a name or password has other characters
   */
  public BrokerSecurity(
      Path keystore, Path truststore, String storePassword, Map<String, String> users) {
    this.keystore = keystore;
    this.truststore = truststore;
    this.storePassword = storePassword;
    this.users = new TreeMap<>(users);
    this.users.forEach(
        (name, password) -> {
          if (!name.matches(WORD) || !password.matches(WORD) || name.equals(BROKER)) {
            throw new IllegalArgumentException(
                "User " + name + ": its name or password cannot be used by the embedded broker");
          }
        });
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    brokerPassword = HexFormat.of().formatHex(random);
  }

  /** What a client needs to log in as a user, whether the password is right or not. */
  public Map<String, String> clientProperties(Mechanism mechanism, String user, String password) {
    Map<String, String> properties = new HashMap<>();
    properties.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_SSL");
    properties.put(SaslConfigs.SASL_MECHANISM, mechanism.kafkaName);
    properties.put(SaslConfigs.SASL_JAAS_CONFIG, login(mechanism, user, password, ""));
    properties.putAll(truststore());
    return properties;
  }

  /** As {@link #clientProperties}, of the broker's own user. */
  Map<String, String> ownClientProperties() {
    return clientProperties(Mechanism.PLAIN, BROKER, brokerPassword);
  }

  /** Settings of the broker beside its listeners. */
  Map<String, String> brokerProperties(String listener) {
    String prefix = "listener.name." + listener.toLowerCase(Locale.ROOT) + ".";
    Map<String, String> config = new HashMap<>(truststore());
    config.put(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG, keystore.toString());
    config.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, STORE_TYPE);
    config.put(SslConfigs.SSL_KEYSTORE_PASSWORD_CONFIG, storePassword);
    config.put("sasl.enabled.mechanisms", "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN");
    config.put("sasl.mechanism.inter.broker.protocol", Mechanism.PLAIN.kafkaName);
    StringBuilder accounts = new StringBuilder(account(BROKER, brokerPassword));
    users.forEach((name, password) -> accounts.append(account(name, password)));
    config.put(
        prefix + "plain." + SaslConfigs.SASL_JAAS_CONFIG,
        login(Mechanism.PLAIN, BROKER, brokerPassword, accounts.toString()));
    for (Mechanism scram : List.of(Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_512)) {
      config.put(
          prefix + scram.kafkaName.toLowerCase(Locale.ROOT) + "." + SaslConfigs.SASL_JAAS_CONFIG,
          scram.loginModule + " required;");
    }
    return config;
  }

  /** Users as the tool that formats a broker's directory takes them. */
  List<String> scramUsers() {
    List<String> arguments = new ArrayList<>();
    users.forEach(
        (name, password) -> {
          for (Mechanism scram : List.of(Mechanism.SCRAM_SHA_256, Mechanism.SCRAM_SHA_512)) {
            arguments.add(
                scram.kafkaName + "=[name=\"" + name + "\",password=\"" + password + "\"]");
          }
        });
    return arguments;
  }

  private Map<String, String> truststore() {
    return Map.of(
        SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG,
        truststore.toString(),
        SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG,
        STORE_TYPE,
        SslConfigs.SSL_TRUSTSTORE_PASSWORD_CONFIG,
        storePassword);
  }

  private static String account(String user, String password) {
    return " user_" + user + "=\"" + password + "\"";
  }

  private static String login(Mechanism mechanism, String user, String password, String accounts) {
    return mechanism.loginModule
        + " required username=\""
        + user
        + "\" password=\""
        + password
        + "\""
        + accounts
        + ";";
  }

  @Override
  public String toString() {
    return "BrokerSecurity" + users.keySet();
  }
}
