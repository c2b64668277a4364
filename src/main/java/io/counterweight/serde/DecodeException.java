package io.counterweight.serde;

import io.counterweight.event.RejectedRecord;
import java.util.Objects;

/**
 * Bytes that are not the record they should be. Carries no stack trace: it is a verdict on input,
 * and a flood of bad input must stay cheap.
 */
public final class DecodeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final RejectedRecord.Reason reason;

  /**
   * @param reason stable code
   * @param message what was expected, what was found, and where
   */
  public DecodeException(RejectedRecord.Reason reason, String message) {
    super(message, null, false, false);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  public RejectedRecord.Reason reason() {
    return reason;
  }

  static DecodeException malformed(String message) {
    return new DecodeException(RejectedRecord.Reason.MALFORMED, message);
  }
}
