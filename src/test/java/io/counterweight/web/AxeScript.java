package io.counterweight.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The accessibility checks of axe-core, to be run in a page. */
final class AxeScript {
  static final String TEXT = read();

  private AxeScript() {}

  private static String read() {
    try (InputStream in = AxeScript.class.getResourceAsStream("/axe.min.js")) {
      // A function's var would not be seen by the next script.
      return new String(in.readAllBytes(), StandardCharsets.UTF_8) + "\n;window.axe = axe;";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
