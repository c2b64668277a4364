package io.counterweight.registry;

import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How a schema registry is reached.
 *
 * @param urls of its instances, at least one, tried in this order
 * @param username for basic authentication, or null
 * @param password of that user, null without one; never shown
 * @param autoRegister whether schemas that it does not know are registered, or only looked up
 * @param patience how long a registry that does not answer is asked again, at least 0
 */
public record RegistryAccess(
    List<URI> urls, String username, String password, boolean autoRegister, Duration patience)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  public RegistryAccess {
    urls = List.copyOf(urls);
    Objects.requireNonNull(patience, "patience");
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("urls is empty, expected at least one");
    }
    if ((username == null) != (password == null)) {
      throw new IllegalArgumentException("expected a user with a password, found one of the two");
    }
    if (patience.isNegative()) {
      throw new IllegalArgumentException("patience is " + patience + ", expected at least 0");
    }
  }

  /** Access without a password that registers what is missing and waits for a minute. */
  public static RegistryAccess to(URI url) {
    return new RegistryAccess(List.of(url), null, null, true, Duration.ofMinutes(1));
  }

  /** The same for somebody who does not wait longer than this. */
  public RegistryAccess within(Duration most) {
    return new RegistryAccess(
        urls, username, password, autoRegister, patience.compareTo(most) < 0 ? patience : most);
  }

  @Override
  public String toString() {
    return "RegistryAccess[urls="
        + urls
        + ", username="
        + username
        + ", autoRegister="
        + autoRegister
        + ", patience="
        + patience
        + "]";
  }
}
