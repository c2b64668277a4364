package io.counterweight.example;

import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.Backends;
import io.counterweight.config.LearnerConfig;
import io.counterweight.event.Event;
import io.counterweight.event.Prediction;
import io.counterweight.event.SampleWeight;
import io.counterweight.learner.LearnerSettings;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.OnlineLearner;
import java.util.List;
import java.util.function.Function;

/** The learner in a loop of one's own; shown in docs/library.md. */
final class PlainJava {
  private PlainJava() {}

  /**
   * Learns and prints.
   *
   * @param events in the order of their time
   * @param settled label of an event that an investigator has settled, or null
   */
  static byte[] run(Iterable<Event> events, Function<Event, Event> settled) {
    // example
    LearnerSettings settings =
        LearnerConfig.parse("model: {features: [amount, hour, distance], classes: 2}");
    try (OnlineLearner learner = new OnlineLearner(settings, Backends.choose("auto").backend())) {
      LearnerState shop = learner.create("shop-a");
      for (Event event : events) {
        Prediction prediction = learner.observe(shop, event); // before it is learned from
        if (prediction.predictedClass() == 1) {
          System.out.println("alert " + event.eventId() + " " + prediction.contributions());
        }
        Event trusted = settled.apply(event);
        if (trusted != null) {
          learner.observeTrusted(shop, trusted);
        }
        if (learner.isBatchFull(shop)) {
          List<SampleWeight> weights = learner.learn(shop).weights();
          weights.stream()
              .filter(SampleWeight::suspect)
              .forEach(weight -> System.out.println("suspect label " + weight.eventId()));
        }
      }
      learner.sync(shop);
      return LearnerStateCodec.encode(shop); // decode and adopt take it up again
    }
    // example
  }
}
