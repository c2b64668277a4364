package io.counterweight.console;

import java.util.Map;

/**
 * What a request gets.
 *
 * @param status of HTTP
 * @param type of the body
 * @param body bytes as they are without compression
 * @param tag of an asset, quoted, by which a browser asks whether it changed; null for answers that
 *     are never kept
 */
record Answer(int status, String type, byte[] body, String tag) {
  private static final String JSON = "application/json; charset=utf-8";

  static Answer json(Object value) {
    return new Answer(200, JSON, Json.bytes(value), null);
  }

  /** A refusal with a sentence for the reader. */
  static Answer refusal(int status, String message) {
    return new Answer(status, JSON, Json.bytes(Map.of("status", status, "message", message)), null);
  }
}
