package io.counterweight.config;

/**
 * The live console of a job that runs locally.
 *
 * @param enabled whether there is one
 * @param address that it listens on
 * @param port that it listens on; 0 takes a free one
 */
public record ConsoleSettings(boolean enabled, String address, int port) {
  public ConsoleSettings {
    Options.CONSOLE_ENABLED.check(enabled);
    Options.CONSOLE_ADDRESS.check(address);
    Options.CONSOLE_PORT.check(port);
  }
}
