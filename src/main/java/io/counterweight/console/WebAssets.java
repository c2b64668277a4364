package io.counterweight.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page and its modules, from the class path. Names are checked by a pattern that knows no way
 * upwards, and only what is there is kept.
 */
final class WebAssets {
  private static final String FOLDER = "web/";
  private static final String PAGE = "console.html";
  private static final Pattern NAME =
      Pattern.compile("(lib/)?[A-Za-z0-9][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*\\.(js|css|txt)");
  private static final Pattern INLINE_SCRIPT =
      Pattern.compile("<script(?![^>]*\\ssrc=)[^>]*>(.*?)</script>", Pattern.DOTALL);
  private static final Map<String, String> TYPES =
      Map.of(
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "txt", "text/plain; charset=utf-8");

  private final ClassLoader loader;
  private final Map<String, Answer> kept = new ConcurrentHashMap<>();
  private final Answer page;
  private final String scripts;

  WebAssets(ClassLoader loader) {
    this.loader = loader;
    byte[] bytes = read(PAGE).orElse(null);
    page =
        bytes == null
            ? Answer.refusal(404, "This build has no page; the API under /api works")
            : new Answer(200, "text/html; charset=utf-8", bytes, tag(bytes));
    scripts = bytes == null ? "" : hashes(new String(bytes, StandardCharsets.UTF_8));
  }

  Answer page() {
    return page;
  }

  /**
   * What a browser may load: everything from here only, and of scripts inside the page those that
   * it was built with.
   */
  String securityPolicy() {
    return "default-src 'self'; script-src 'self'"
        + scripts
        + "; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none';"
        + " frame-ancestors 'none'";
  }

  /** A module, a style sheet or a licence; empty if there is none of that name. */
  Optional<Answer> named(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Answer asset = kept.get(name);
    if (asset == null) {
      Optional<byte[]> bytes = read(name);
      if (bytes.isEmpty()) {
        return Optional.empty();
      }
      asset = new Answer(200, TYPES.get(matcher.group(3)), bytes.get(), tag(bytes.get()));
      kept.put(name, asset);
    }
    return Optional.of(asset);
  }

  private Optional<byte[]> read(String name) {
    try (InputStream in = loader.getResourceAsStream(FOLDER + name)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("The build's " + FOLDER + name + " cannot be read", e);
    }
  }

  private static String hashes(String html) {
    StringBuilder sources = new StringBuilder();
    Matcher script = INLINE_SCRIPT.matcher(html);
    while (script.find()) {
      sources.append(" 'sha256-").append(sha256(script.group(1).getBytes(StandardCharsets.UTF_8)));
      sources.append('\'');
    }
    return sources.toString();
  }

  private static String tag(byte[] bytes) {
    return '"' + sha256(bytes).substring(0, 22) + '"';
  }

  private static String sha256(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
