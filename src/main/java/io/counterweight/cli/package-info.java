/**
 * The command {@code counterweight}: one class a subcommand, each listed in the {@code subcommands}
 * of the command above it. A subcommand is a {@code Callable<Integer>} that prints results to its
 * {@code CommandLine}'s {@code out}, messages to its {@code err}, and returns the exit code; it
 * throws {@link io.counterweight.config.ConfigException} for a wrong configuration (exit code 2)
 * and {@link io.counterweight.cli.CommandFailure} for what the user can understand without a stack
 * trace (exit code 1).
 *
 * <p>The top layer: may import everything, and is imported by nothing.
 */
package io.counterweight.cli;
