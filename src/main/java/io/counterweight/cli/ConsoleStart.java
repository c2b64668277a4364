package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.console.LiveConsole;
import io.counterweight.job.LocalJob;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** The live console beside a job of this process: a help to see it, and never what ends it. */
final class ConsoleStart {
  private ConsoleStart() {}

  /** The same configuration with Flink's REST interface at hand, if a console is to ask it. */
  static EngineConfig withMetrics(EngineConfig config) {
    boolean wanted = config.console().enabled() && config.job().dashboardPort().isEmpty();
    return wanted ? config.withDashboard(0) : config;
  }

  /** Starts it if it is enabled; what is wrong is told and the job goes on. */
  static Optional<LiveConsole> beside(LocalJob job, EngineConfig config, PrintWriter err) {
    if (!config.console().enabled()) {
      return Optional.empty();
    }
    Optional<LiveConsole> console = Optional.empty();
    try {
      console = Optional.of(LiveConsole.start(config, job.dashboard()));
      tell(console.get(), config, err);
    } catch (IOException e) {
      err.println("counterweight: there is no console: " + e.getMessage());
    }
    err.flush();
    return console;
  }

  /** Says where it is, and who may see it. */
  static void tell(LiveConsole console, EngineConfig config, PrintWriter err) {
    console.remark().ifPresent(remark -> err.println("counterweight: console: " + remark));
    err.println("counterweight: console: " + console.address());
    if (!isLoopback(config.console().address())) {
      err.println(
          "counterweight: console: whoever reaches that address reads keys, event ids and labels; it"
              + " asks for no password");
    }
    err.flush();
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
