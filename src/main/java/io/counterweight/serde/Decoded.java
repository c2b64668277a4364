package io.counterweight.serde;

import io.counterweight.event.Event;
import io.counterweight.event.RejectedRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * What a source makes of one Kafka record. A reject travels like an event as far as {@link
 * SplitRejects}, so that nothing is dropped, while watermarks look at events only.
 */
public sealed interface Decoded {

  /** For the streams between a source and the split. */
  static TypeInformation<Decoded> typeInfo() {
    return RecordType.DECODED.typeInfo();
  }

  /** A record that passed every check. */
  record Accepted(Event event) implements Decoded {}

  /** A record that did not. */
  record Rejected(RejectedRecord reject) implements Decoded {}
}
