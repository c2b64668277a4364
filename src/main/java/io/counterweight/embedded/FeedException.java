package io.counterweight.embedded;

/** A feed cannot be made from what was given; the message says what to do about it. */
public final class FeedException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public FeedException(String message) {
    super(message);
  }

  public FeedException(String message, Throwable cause) {
    super(message, cause);
  }
}
