package io.counterweight.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A key and a certificate for 127.0.0.1, made by the JDK's keytool.
 *
 * @param keystore with both
 * @param truststore with the certificate
 * @param password of both stores
 */
public record TestKeys(Path keystore, Path truststore, String password) {

  /** Makes them in a folder. */
  public static TestKeys create(Path folder, String password)
      throws IOException, InterruptedException {
    Path keystore = folder.resolve("broker.p12");
    Path certificate = folder.resolve("broker.pem");
    Path truststore = folder.resolve("trust.p12");
    keytool(
        password,
        keystore,
        List.of(
            "-genkeypair",
            "-alias",
            "broker",
            "-keyalg",
            "RSA",
            "-keysize",
            "2048",
            "-validity",
            "30",
            "-dname",
            "CN=127.0.0.1",
            "-ext",
            "san=ip:127.0.0.1"));
    keytool(
        password,
        keystore,
        List.of("-exportcert", "-rfc", "-alias", "broker", "-file", certificate.toString()));
    keytool(
        password,
        truststore,
        List.of("-importcert", "-noprompt", "-alias", "broker", "-file", certificate.toString()));
    return new TestKeys(keystore, truststore, password);
  }

  private static void keytool(String password, Path store, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(arguments);
    command.addAll(
        List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", password));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError("keytool failed: " + output);
    }
  }
}
