package io.counterweight.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * The schema registry, if there is one.
 *
 * @param urls of its instances, tried in this order; empty without a registry
 * @param username for basic authentication, or null
 * @param password of that user, or null; {@link #toString} leaves it out
 * @param autoRegister whether the schemas of output topics are registered, or only looked up
 * @param patience how long a registry that does not answer is asked again before the job fails
 */
public record SchemaRegistrySettings(
    List<URI> urls, String username, String password, boolean autoRegister, Duration patience) {

  public SchemaRegistrySettings {
    urls = List.copyOf(urls);
    if (username != null && password == null) {
      throw Options.REGISTRY_USERNAME.violation(
          username, "none without " + Options.REGISTRY_PASSWORD.key());
    }
    if (password != null && username == null) {
      throw Options.REGISTRY_PASSWORD.violation(
          password, "none without " + Options.REGISTRY_USERNAME.key());
    }
    Options.REGISTRY_PATIENCE.check(patience);
  }

  /** Whether there is a registry. */
  public boolean isConfigured() {
    return !urls.isEmpty();
  }

  @Override
  public String toString() {
    return "SchemaRegistrySettings[urls="
        + urls
        + ", username="
        + username
        + ", password="
        + (password == null ? "null" : Secrets.MASK)
        + ", autoRegister="
        + autoRegister
        + ", patience="
        + patience
        + "]";
  }
}
