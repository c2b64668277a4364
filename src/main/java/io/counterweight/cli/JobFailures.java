package io.counterweight.cli;

import org.apache.flink.util.ExceptionUtils;

/** What went wrong in a job, without the layers that Flink wraps around it. */
final class JobFailures {
  private JobFailures() {}

  /** Message of the innermost cause. */
  static String sentence(Throwable failure) {
    Throwable cause = ExceptionUtils.stripExecutionException(failure);
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
