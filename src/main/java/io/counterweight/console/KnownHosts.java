package io.counterweight.console;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Whom the console answers as, so that a foreign name that resolves to this machine gets nothing.
 * An address in a request is nobody's name; off the loopback address all of them are known.
 *
 * @param names in small letters
 * @param addresses whether every address is known
 */
record KnownHosts(Set<String> names, boolean addresses) {
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+(%[^]]+)?\\]");

  /** Of a console that listens at a name or an address. */
  static KnownHosts of(String listening) {
    Set<String> names = new TreeSet<>(Set.of("localhost"));
    names.add(listening.toLowerCase(Locale.ROOT));
    if (isLoopback(listening)) {
      names.addAll(Set.of("127.0.0.1", "[::1]"));
      return new KnownHosts(names, false);
    }
    try {
      InetAddress machine = InetAddress.getLocalHost();
      names.add(machine.getHostName().toLowerCase(Locale.ROOT));
      names.add(machine.getCanonicalHostName().toLowerCase(Locale.ROOT));
    } catch (UnknownHostException e) {
      // A machine without a name is reached by its addresses.
    }
    return new KnownHosts(names, true);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /**
   * Whether a request to a host is answered.
   *
   * @param host without the port, or null
   */
  boolean include(String host) {
    if (host == null) {
      return false;
    }
    String small = host.toLowerCase(Locale.ROOT);
    return names.contains(small) || addresses && ADDRESS.matcher(small).matches();
  }

  /** For a sentence. */
  @Override
  public String toString() {
    return String.join(", ", names) + (addresses ? ", addresses" : "");
  }
}
