package io.counterweight.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request. Only GET and HEAD, only the hosts that the console is known by, so that a foreign
 * name that resolves to this machine gets nothing.
 */
final class ConsoleHandler extends Handler.Abstract {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleHandler.class);
  private static final String ASSETS = "/assets/";
  private static final String API = "/api/";
  private static final int WORTH_COMPRESSING = 1024;

  private final WebAssets assets;
  private final ConsoleApi api;
  private final KnownHosts hosts;

  /**
   * A handler.
   *
   * @param hosts that the console answers to
   */
  ConsoleHandler(WebAssets assets, ConsoleApi api, KnownHosts hosts) {
    this.assets = assets;
    this.api = api;
    this.hosts = hosts;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Answer answer;
    try {
      answer = answer(request);
    } catch (RuntimeException e) {
      LOG.error("{} cannot be answered", Request.getPathInContext(request), e);
      answer = Answer.refusal(500, "The console failed; its log says more");
    }
    send(answer, request, response, callback);
    return true;
  }

  private Answer answer(Request request) {
    if (!hosts.include(Request.getServerName(request))) {
      return Answer.refusal(421, "The console answers to " + hosts + " only, not to that host");
    }
    if (!isRead(request)) {
      return Answer.refusal(405, "The console is read-only: ask with GET or HEAD");
    }
    String path = Request.getPathInContext(request);
    if (path.equals("/")) {
      return assets.page();
    }
    Optional<Answer> found = Optional.empty();
    if (path.startsWith(ASSETS)) {
      found = assets.named(path.substring(ASSETS.length()));
    } else if (path.startsWith(API)) {
      Fields fields;
      try {
        fields = Request.extractQueryParameters(request);
      } catch (RuntimeException e) {
        return Answer.refusal(400, "What follows the question mark cannot be read");
      }
      found = Optional.of(api.answer(path.substring(API.length()), fields::getValue));
    }
    return found.orElseGet(() -> Answer.refusal(404, "There is nothing at this address"));
  }

  private static boolean isRead(Request request) {
    return HttpMethod.GET.is(request.getMethod()) || HttpMethod.HEAD.is(request.getMethod());
  }

  /** Adds what every response says. */
  static void addHeaders(HttpFields.Mutable headers, String securityPolicy) {
    headers.put("Content-Security-Policy", securityPolicy);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("X-Frame-Options", "DENY");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
  }

  private void send(Answer answer, Request request, Response response, Callback callback) {
    HttpFields.Mutable headers = response.getHeaders();
    addHeaders(headers, assets.securityPolicy());
    // Assets are kept and asked for again by their tag: after an upgrade the old page must not
    // stay.
    headers.put(HttpHeader.CACHE_CONTROL, answer.tag() == null ? "no-store" : "no-cache");
    headers.put(HttpHeader.VARY, "Accept-Encoding");
    if (answer.status() == 405) {
      headers.put(HttpHeader.ALLOW, "GET, HEAD");
    }
    if (answer.tag() != null) {
      headers.put(HttpHeader.ETAG, answer.tag());
      String known = request.getHeaders().get(HttpHeader.IF_NONE_MATCH);
      if (known != null && known.contains(answer.tag())) {
        response.setStatus(304);
        callback.succeeded();
        return;
      }
    }
    byte[] body = answer.body();
    if (body.length >= WORTH_COMPRESSING
        && request.getHeaders().getQualityCSV(HttpHeader.ACCEPT_ENCODING).contains("gzip")) {
      body = compressed(body);
      headers.put(HttpHeader.CONTENT_ENCODING, "gzip");
    }
    response.setStatus(answer.status());
    headers.put(HttpHeader.CONTENT_TYPE, answer.type());
    headers.put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  private static byte[] compressed(byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 3);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("Writing to memory failed", e);
    }
    return bytes.toByteArray();
  }
}
