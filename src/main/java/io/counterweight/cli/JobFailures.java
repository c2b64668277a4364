package io.counterweight.cli;

import io.counterweight.config.EngineConfig;
import io.counterweight.job.LocalJob;
import io.counterweight.job.ReweightJob;
import java.util.Optional;
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

  /**
   * As {@link LocalJob#start}; what cannot run here is told in a sentence.
   *
   * @throws CommandFailure if the configured backend cannot run here
   */
  static LocalJob start(EngineConfig config, Optional<String> restoreFrom, boolean restarts)
      throws Exception {
    return start(ReweightJob::addTo, config, restoreFrom, restarts);
  }

  /** The same of any topology. */
  static LocalJob start(
      LocalJob.Topology topology,
      EngineConfig config,
      Optional<String> restoreFrom,
      boolean restarts)
      throws Exception {
    try {
      return LocalJob.start(topology, config, restoreFrom, restarts);
    } catch (IllegalStateException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
