package io.counterweight.cli;

import io.counterweight.evaluation.Truth;
import java.util.HashMap;
import java.util.Map;

/**
 * The demo's events between sending and their results. Bounds how far the feed runs ahead of the
 * job, and knows which events were predicted, because nobody investigates a payment before it was
 * scored. Thread-safe.
 */
final class DemoLedger {
  private static final int MOST_IN_FLIGHT = 5_000;

  private final Map<String, Open> open = new HashMap<>();
  private int sent;
  private int predicted;

  private static final class Open {
    final Truth truth;
    boolean predicted;
    boolean weighted;

    Open(Truth truth) {
      this.truth = truth;
    }
  }

  /** Enters an event that is about to be sent; waits while too many are in flight. */
  synchronized void sending(String eventId, Truth truth) throws InterruptedException {
    while (sent - predicted >= MOST_IN_FLIGHT) {
      wait();
    }
    sent++;
    open.put(eventId, new Open(truth));
  }

  /** Notes a prediction; returns the event's truth, or null if it has been noted before. */
  synchronized Truth predicted(String eventId) {
    Open event = open.get(eventId);
    if (event == null || event.predicted) {
      return null;
    }
    event.predicted = true;
    predicted++;
    notifyAll();
    return close(eventId, event);
  }

  /** Notes a weight; returns the event's truth, or null if it has been noted before. */
  synchronized Truth weighted(String eventId) {
    Open event = open.get(eventId);
    if (event == null || event.weighted) {
      return null;
    }
    event.weighted = true;
    return close(eventId, event);
  }

  private Truth close(String eventId, Open event) {
    if (event.predicted && event.weighted) {
      open.remove(eventId);
    }
    return event.truth;
  }

  /** Whether a sent event has been predicted. */
  synchronized boolean isPredicted(String eventId) {
    Open event = open.get(eventId);
    return event == null || event.predicted;
  }

  /** Waits until every sent event has been predicted. */
  synchronized void awaitPredictions() throws InterruptedException {
    while (predicted < sent) {
      wait();
    }
  }

  /** Events sent and not yet predicted. */
  synchronized int lag() {
    return sent - predicted;
  }
}
