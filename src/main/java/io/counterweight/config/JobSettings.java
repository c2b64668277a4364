package io.counterweight.config;

import java.util.OptionalInt;

/**
 * The Flink job.
 *
 * @param name shown in the dashboard and in metrics
 * @param parallelism subtasks of each operator, at most {@code maxParallelism}
 * @param maxParallelism number of key groups, fixed once there is state
 * @param dashboardPort of the web dashboard where the job runs locally; 0 takes a free port, empty
 *     is no dashboard
 */
public record JobSettings(
    String name, int parallelism, int maxParallelism, OptionalInt dashboardPort) {
  public JobSettings {
    Options.JOB_NAME.check(name);
    Options.PARALLELISM.check(parallelism);
    Options.MAX_PARALLELISM.check(maxParallelism);
    Options.DASHBOARD_PORT.check(dashboardPort);
    if (parallelism > maxParallelism) {
      throw Options.PARALLELISM.violation(
          parallelism, "at most " + Options.MAX_PARALLELISM.key() + " (" + maxParallelism + ")");
    }
  }

  /** The same under another name. */
  JobSettings withName(String newName) {
    return new JobSettings(newName, parallelism, maxParallelism, dashboardPort);
  }

  /** The same with the dashboard on another port. */
  JobSettings withDashboard(OptionalInt port) {
    return new JobSettings(name, parallelism, maxParallelism, port);
  }
}
