package io.counterweight.operator;

import io.counterweight.event.Event;
import io.counterweight.serde.RecordType;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.util.Collector;

/**
 * Events with marks whether they are trusted, so that both kinds can share an input, and whether
 * they are copies: the parent's part of them comes once more under its key.
 */
public final class ParentCopies implements FlatMapFunction<Event, Tuple3<Event, Boolean, Boolean>> {
  private static final long serialVersionUID = 1L;

  private final Parent parent;
  private final boolean trusted;

  /**
   * For one kind of events.
   *
   * @param trusted whether they are trusted
   */
  public ParentCopies(Parent parent, boolean trusted) {
    this.parent = parent;
    this.trusted = trusted;
  }

  /** Of what it emits: the event, whether it is trusted, whether it is a copy. */
  public static TypeInformation<Tuple3<Event, Boolean, Boolean>> typeInfo() {
    return Types.TUPLE(RecordType.EVENT.typeInfo(), Types.BOOLEAN, Types.BOOLEAN);
  }

  @Override
  public void flatMap(Event event, Collector<Tuple3<Event, Boolean, Boolean>> out) {
    out.collect(Tuple3.of(event, trusted, false));
    if (parent.copies(event.eventId()) && !event.modelKey().equals(parent.key())) {
      Event copy =
          new Event(
              event.eventId(),
              parent.key(),
              event.eventTime(),
              event.features(),
              event.label(),
              event.labelSource(),
              event.attributes());
      out.collect(Tuple3.of(copy, trusted, true));
    }
  }
}
