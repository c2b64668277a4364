package io.counterweight.bench;

import java.util.List;

/** What a sampled stack of the pipeline was doing: the first rule that any of its frames fits. */
final class PipelinePhases {
  private record Rule(String phase, List<String> prefixes) {}

  private static final List<Rule> RULES =
      List.of(
          rule("learner: training steps", "io.counterweight.learner.OnlineLearner.learn"),
          rule(
              "learner: prediction and reason codes",
              "io.counterweight.learner.OnlineLearner.observe"),
          rule("learner: metrics", "io.counterweight.operator.LearnerMetrics"),
          rule("learner: cache and state", "io.counterweight.operator.LearnerCache"),
          rule("Avro: decode events", "io.counterweight.job.DecodingSchema"),
          rule("Avro: encode records", "io.counterweight.job.EncodingSchema"),
          rule("exchange between tasks: records to bytes and back", "io.counterweight.serde."),
          rule("Kafka producer", "org.apache.kafka.clients.producer"),
          rule(
              "broker",
              "kafka.",
              "org.apache.kafka.server",
              "org.apache.kafka.storage",
              "org.apache.kafka.raft",
              "org.apache.kafka.coordinator",
              "org.apache.kafka.metadata",
              "org.apache.kafka.controller",
              "org.apache.kafka.network",
              "org.apache.kafka.image",
              "org.apache.kafka.timeline",
              "org.apache.kafka.queue"),
          rule("Kafka consumer and other clients", "org.apache.kafka.clients"),
          rule("Kafka connector", "org.apache.flink.connector"),
          rule("learner: operator", "io.counterweight.operator."),
          rule("Flink runtime", "org.apache.flink"));

  private PipelinePhases() {}

  private static Rule rule(String phase, String... prefixes) {
    return new Rule(phase, List.of(prefixes));
  }

  static String of(ExecutionSamples.Sample sample) {
    for (Rule rule : RULES) {
      for (String frame : sample.frames()) {
        if (rule.prefixes().stream().anyMatch(frame::startsWith)) {
          return rule.phase();
        }
      }
    }
    return "other";
  }
}
