package io.counterweight.codec;

/** The bytes are not a learner's state, or not whole. */
public final class StateFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StateFormatException(String message) {
    super(message);
  }
}
