package io.counterweight.console;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server, on a few threads and a bounded number of connections. */
final class ConsoleServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
  private static final int THREADS = 10;
  private static final int CONNECTIONS = 128;
  private static final long IDLE_MILLIS = 30_000;
  private static final int HEADER_BYTES = 8 << 10;

  private final Server server;
  private final URI address;

  private ConsoleServer(Server server, URI address) {
    this.server = server;
    this.address = address;
  }

  /**
   * Starts to serve.
   *
   * @param host address to listen on
   * @param port 0 for a free one
   * @throws IOException if it cannot listen there
   */
  static ConsoleServer start(String host, int port, WebAssets assets, ConsoleApi api)
      throws IOException {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
    threads.setName("console");
    threads.setDaemon(true);
    Server server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(CONNECTIONS, connector));
    server.setErrorHandler(new Refusals(assets.securityPolicy()));
    server.setHandler(new ConsoleHandler(assets, api, KnownHosts.of(host)));
    try {
      server.start();
    } catch (Exception e) {
      stop(server);
      throw new IOException(host + ":" + port + ": " + e.getMessage(), e);
    }
    String shown = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    return new ConsoleServer(
        server, URI.create("http://" + shown + ":" + connector.getLocalPort() + "/"));
  }

  /** What Jetty itself refuses: requests that are none. */
  private static final class Refusals extends ErrorHandler {
    private final String securityPolicy;

    Refusals(String securityPolicy) {
      this.securityPolicy = securityPolicy;
    }

    private Answer answer(int status) {
      return Answer.refusal(status, "The request cannot be understood");
    }

    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int status,
        String message,
        Throwable cause,
        Callback callback) {
      Answer answer = answer(status);
      ConsoleHandler.addHeaders(response.getHeaders(), securityPolicy);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.type());
      response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
      response.write(true, ByteBuffer.wrap(answer.body()), callback);
    }
  }

  URI address() {
    return address;
  }

  @Override
  public void close() {
    stop(server);
  }

  private static void stop(Server server) {
    try {
      server.setStopTimeout(0);
      server.stop();
    } catch (Exception e) {
      // Nothing is lost with a server that does not end: its threads are daemons.
      LOG.warn("It did not stop", e);
    }
  }
}
