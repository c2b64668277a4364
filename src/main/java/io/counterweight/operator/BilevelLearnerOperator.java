package io.counterweight.operator;

import io.counterweight.compute.Backends;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.function.SerializableFunction;

/** The {@link LearnerOperator} over two keyed inputs, events and trusted events. */
public final class BilevelLearnerOperator extends LearnerOperator
    implements TwoInputStreamOperator<Event, Event, Prediction> {
  private static final long serialVersionUID = 2L;

  /** The keyed state that holds each key's learner. */
  public static ValueStateDescriptor<LearnerState> learners() {
    return learnersOfKeys();
  }

  public BilevelLearnerOperator(LearnerSettings settings, LearnerOptions options) {
    this(settings, options, Backends::choose);
  }

  /**
   * An operator with backends of its own.
   *
   * @param backends by the name in the options
   */
  BilevelLearnerOperator(
      LearnerSettings settings,
      LearnerOptions options,
      SerializableFunction<String, Backends.Choice> backends) {
    super(settings, options, backends);
  }

  @Override
  public void processElement1(StreamRecord<Event> element) throws Exception {
    take(element.getValue(), false);
  }

  @Override
  public void processElement2(StreamRecord<Event> element) throws Exception {
    takeTrusted(element.getValue(), false);
  }
}
