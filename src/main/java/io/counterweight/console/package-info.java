/**
 * The live console: follows a job's output topics and metrics, and serves what it saw as a page.
 *
 * <p>One thread follows the topics and writes {@code ConsoleState}; threads of the server read it.
 * Everything that grows has a bound. Jetty's classes are used here only.
 */
package io.counterweight.console;
