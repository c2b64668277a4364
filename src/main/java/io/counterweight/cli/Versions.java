package io.counterweight.cli;

import java.util.Optional;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.kafka.common.utils.AppInfoParser;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Versions implements IVersionProvider {
  Versions() {}

  @Override
  public String[] getVersion() {
    Optional<String> own =
        Optional.ofNullable(Counterweight.class.getPackage().getImplementationVersion());
    return new String[] {
      "counterweight " + own.orElse("(not from a jar)"),
      "Flink " + EnvironmentInformation.getVersion(),
      "Kafka clients " + AppInfoParser.getVersion(),
      "Java " + Runtime.version()
    };
  }
}
