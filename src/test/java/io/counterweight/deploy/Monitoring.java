package io.counterweight.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The metrics that alerts and dashboard are built on, and the expressions that ask for them. */
final class Monitoring {
  private static final String TASK = "flink_taskmanager_job_task_";
  private static final String OPERATOR = TASK + "operator_";

  private static final List<String> OF_THE_JOB =
      List.of(
          "lastCheckpointCompletedTimestamp",
          "lastCheckpointDuration",
          "lastCheckpointFullSize",
          "lastCheckpointSize",
          "numRestarts",
          "numberOfCompletedCheckpoints",
          "numberOfFailedCheckpoints",
          "uptime");
  private static final List<String> OF_TASKS =
      List.of(
          "backPressuredTimeMsPerSecond",
          "busyTimeMsPerSecond",
          "latency_source_id_operator_id_operator_subtask_index_latency");
  private static final List<String> OF_OPERATORS =
      List.of(
          "KafkaSourceReader_KafkaConsumer_records_lag_max",
          "currentEmitEventTimeLag",
          "learners_rocksdb_estimate_num_keys",
          "learners_rocksdb_total_sst_files_size",
          "pendingRecords",
          "reason_recordsRejectedFor",
          "recordsRead",
          "recordsRejected",
          "rejectRatio");
  private static final List<String> OF_THE_LEARNER =
      List.of(
          "cacheBytes",
          "cacheHits",
          "cacheKeys",
          "cacheMisses",
          "drift_drifts",
          "effectiveSampleSize",
          "events",
          "lane_accuracy",
          "lane_brier",
          "lane_ece",
          "lane_gMean",
          "lane_logLoss",
          "lane_prAuc",
          "lane_rocAuc",
          "lane_weight",
          "lateEvents",
          "lateTrustedEvents",
          "metaLoss",
          "miniBatches",
          "mixture_accuracy",
          "mixture_brier",
          "mixture_ece",
          "mixture_gMean",
          "mixture_logLoss",
          "mixture_prAuc",
          "mixture_rocAuc",
          "predictions",
          "reservoirAge",
          "setCoverage",
          "skippedSteps",
          "suspects",
          "trustedEvents",
          "unsteeredMiniBatches",
          "weightSeparation",
          "weights");

  private static final List<String> OF_THE_SCORER =
      List.of(
          "cacheBytes",
          "cacheHits",
          "cacheMisses",
          "decisionMicros",
          "eventAgeMillis",
          "keys",
          "modelsHeld",
          "modelsRefused",
          "modelsSwapped",
          "predictions",
          "refusedEvents",
          "waitingEvents",
          "withoutModel");

  private Monitoring() {}

  /** Every name that may be asked for, as a scrape has it. */
  static Set<String> names() {
    Set<String> names = new TreeSet<>();
    OF_THE_JOB.forEach(name -> names.add("flink_jobmanager_job_" + name));
    OF_TASKS.forEach(name -> names.add(TASK + name));
    OF_OPERATORS.forEach(name -> names.add(OPERATOR + name));
    OF_THE_LEARNER.forEach(name -> names.add(OPERATOR + "learner_" + name));
    OF_THE_SCORER.forEach(name -> names.add(OPERATOR + "scorer_" + name));
    return names;
  }

  static JsonNode dashboard() {
    return DeployFiles.json(DeployFiles.FOLDER.resolve("grafana/counterweight.json"));
  }

  /** The panels that show something. */
  static List<JsonNode> panels() {
    List<JsonNode> panels = new ArrayList<>();
    for (JsonNode panel : dashboard().path("panels")) {
      if (!panel.path("type").asText().equals("row")) {
        panels.add(panel);
      }
    }
    return panels;
  }

  static List<JsonNode> alerts() {
    List<JsonNode> alerts = new ArrayList<>();
    DeployFiles.yaml(DeployFiles.FOLDER.resolve("prometheus/alerts.yml"))
        .path("groups")
        .forEach(group -> group.path("rules").forEach(alerts::add));
    return alerts;
  }

  /** Every expression of the alerts, the panels and the annotations. */
  static List<String> expressions() {
    Stream<JsonNode> queries =
        Stream.concat(
            panels().stream().flatMap(panel -> elements(panel.path("targets"))),
            elements(dashboard().path("annotations").path("list")));
    return Stream.concat(alerts().stream(), queries)
        .map(query -> query.path("expr").asText())
        .toList();
  }

  private static Stream<JsonNode> elements(JsonNode array) {
    List<JsonNode> elements = new ArrayList<>();
    array.forEach(elements::add);
    return elements.stream();
  }
}
