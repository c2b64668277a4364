package io.counterweight.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options by which single keys of a configuration are set on the command line. */
final class Overrides {

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = {
        "Sets a configuration key, whatever the file says; may be repeated.",
        "For example --set learner.mini-batch=16 or --set learner.lanes=uniform,bilevel"
      })
  private List<String> assignments = new ArrayList<>();

  Overrides() {}

  /** {@code key=value}, in the order given. */
  List<String> assignments() {
    return assignments;
  }

  /** The same after some that they win over. */
  List<String> after(String... earlier) {
    List<String> all = new ArrayList<>(List.of(earlier));
    all.addAll(assignments);
    return all;
  }
}
