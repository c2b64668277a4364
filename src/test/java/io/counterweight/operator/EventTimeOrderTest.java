package io.counterweight.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.counterweight.event.Event;
import io.counterweight.serde.RecordType;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.internal.InternalListState;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class EventTimeOrderTest {
  private static final long TIME = 1000;

  /** Gives out its only key's events with the watermark. */
  private static final class Waiting extends AbstractStreamOperator<Event>
      implements OneInputStreamOperator<Event, Event> {
    private static final long serialVersionUID = 1L;

    /** Those of these ids are kept as builds before the lists by time did. */
    private static final String EARLIER = "earlier";

    private transient EventTimeOrder order;
    private transient MapState<Long, List<Event>> earlier;

    @Override
    @SuppressWarnings("unchecked")
    public void open() throws Exception {
      super.open();
      ListState<Event> lists =
          getOrCreateKeyedState(
              LongSerializer.INSTANCE,
              new ListStateDescriptor<>("lists", RecordType.EVENT.typeInfo()));
      earlier =
          getKeyedStateStore()
              .getMapState(
                  new MapStateDescriptor<>(
                      "earlier", Types.LONG, Types.LIST(RecordType.EVENT.typeInfo())));
      order = new EventTimeOrder((InternalListState<?, Long, Event>) lists, earlier);
    }

    @Override
    public void processElement(StreamRecord<Event> element) throws Exception {
      Event event = element.getValue();
      if (event.eventId().startsWith(EARLIER)) {
        List<Event> before = earlier.get(event.eventTime());
        List<Event> extended = before == null ? new ArrayList<>() : new ArrayList<>(before);
        extended.add(event);
        earlier.put(event.eventTime(), extended);
      } else {
        order.add(event);
      }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
      for (Event event : order.take(mark.getTimestamp())) {
        output.collect(new StreamRecord<>(event));
      }
    }
  }

  @Test
  void whatAnEarlierBuildHeldBackIsGivenOutWithTheRestAndOnce() throws Exception {
    KeyedOneInputStreamOperatorTestHarness<String, Event, Event> harness =
        new KeyedOneInputStreamOperatorTestHarness<>(new Waiting(), Event::modelKey, Types.STRING);
    try {
      harness.open();
      for (String id : List.of("later-10", "later-2", "earlier-2", "earlier-1", "later-1")) {
        harness.processElement(event(id, TIME), TIME);
      }
      harness.processElement(event("later-3", TIME + 1), TIME + 1);

      harness.processWatermark(TIME);
      harness.processWatermark(TIME);
      assertThat(harness.extractOutputValues())
          .extracting(Event::eventId)
          .containsExactly("later-1", "later-2", "later-10", "earlier-1", "earlier-2");

      harness.processWatermark(TIME + 1);
      assertThat(harness.extractOutputValues()).hasSize(6);
    } finally {
      harness.close();
    }
  }

  private static Event event(String id, long time) {
    return new Event(id, "key", time, new float[] {1}, Event.NO_LABEL, null, null);
  }
}
