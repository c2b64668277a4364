package io.counterweight.cli;

/** A failure whose message tells the user all that there is to know: exit code 1. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
