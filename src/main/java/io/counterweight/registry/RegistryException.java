package io.counterweight.registry;

/**
 * The registry does not answer, or refuses what the job cannot go on without. The message is for
 * the user and names the registry's address. It says nothing about any record: a job that meets one
 * fails, and goes on from its newest checkpoint.
 */
public final class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RegistryException(String message) {
    super(message);
  }
}
