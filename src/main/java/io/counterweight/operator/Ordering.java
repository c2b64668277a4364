package io.counterweight.operator;

/** In which order a key's learner sees its two inputs. */
public enum Ordering {
  /** As they come: the lowest latency; the interleaving of the inputs is not repeatable. */
  ARRIVAL,
  /**
   * By event time up to the watermark, then events before trusted events, then by id: the same
   * topics and seed give the same weights bit for bit, whatever the interleaving, the parallelism,
   * or a failure in between.
   */
  EVENT_TIME
}
