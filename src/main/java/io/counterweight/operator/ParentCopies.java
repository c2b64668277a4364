package io.counterweight.operator;

import io.counterweight.event.Event;
import io.counterweight.serde.RecordType;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.util.Collector;

/**
 * Events with a mark whether they are trusted, so that both kinds can share an input; and the
 * parent's part of them once more under its key.
 */
public final class ParentCopies implements FlatMapFunction<Event, Tuple2<Event, Boolean>> {
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

  /** Of what it emits: the event, and whether it is trusted. */
  public static TypeInformation<Tuple2<Event, Boolean>> typeInfo() {
    return Types.TUPLE(RecordType.EVENT.typeInfo(), Types.BOOLEAN);
  }

  @Override
  public void flatMap(Event event, Collector<Tuple2<Event, Boolean>> out) {
    out.collect(Tuple2.of(event, trusted));
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
      out.collect(Tuple2.of(copy, trusted));
    }
  }
}
