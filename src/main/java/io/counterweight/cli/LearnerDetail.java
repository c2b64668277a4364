package io.counterweight.cli;

import io.counterweight.bench.MarkdownTable;
import io.counterweight.codec.LearnerStateCodec;
import io.counterweight.compute.TrainingState;
import io.counterweight.learner.LearnerState;
import io.counterweight.report.RemovedConcepts;
import io.counterweight.sampling.MuboState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Everything about one stored learner that says something to a reader. */
final class LearnerDetail {
  private final LearnerState state;
  private final LearnerSummary summary;
  private final List<Lane> lanes = new ArrayList<>();

  /** A lane, or one of a challenger's. */
  private record Lane(
      String name,
      double share,
      int parameters,
      double norm,
      double weightNetNorm,
      long steps,
      boolean averaged,
      List<String> removed) {
    Map<String, Object> toJson() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("name", name);
      json.put("share", share);
      json.put("parameters", parameters);
      json.put("norm", norm);
      json.put("weightNetNorm", weightNetNorm);
      json.put("adamSteps", steps);
      json.put("averaged", averaged);
      json.put("conceptsRemoved", removed);
      return json;
    }
  }

  LearnerDetail(LearnerState state) {
    this.state = state;
    summary = LearnerSummary.of(state, LearnerStateCodec.encode(state).length);
    List<String> names = state.modelNames();
    double[] shares = state.modelShares();
    for (int m = 0; m < shares.length; m++) {
      TrainingState lane = state.models().get(m);
      lanes.add(
          new Lane(
              names.get(m),
              shares[m],
              lane.parameters.length,
              norm(lane.predicting()),
              norm(lane.weightNet),
              lane.adam.steps,
              lane.averaged.length > 0,
              removed(lane)));
    }
  }

  private static double norm(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  private List<String> removed(TrainingState lane) {
    return state.blueprint.isKnown()
        ? RemovedConcepts.of(
            state.blueprint.spec(state.standardizer.mean.length, state.trustedCounts.length), lane)
        : List.of();
  }

  /** P(ordinary label | true class) by the fading counts of pairs; null without a pair. */
  private static List<Double> rates(double[] counts) {
    double sum = Arrays.stream(counts).sum();
    return sum > 0 ? Arrays.stream(counts).mapToObj(count -> count / sum).toList() : null;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    line(text, "key", LearnerTable.printable(state.modelKey));
    line(text, "bytes", LearnerTable.count(summary.bytes()));
    line(text, "events predicted", LearnerTable.count(state.predicted));
    line(text, "labels seen", LearnerTable.count(state.belief.labels));
    line(text, "model version", LearnerTable.count(state.version));
    line(text, "steps skipped", LearnerTable.count(state.skippedSteps));
    line(text, "trained until", LearnerTable.time(state.trainedUntil));
    line(text, "latest event", LearnerTable.time(state.latestEventTime));
    line(text, "pending", state.pending.size() + ", pool of the upper level " + state.pool.size());
    line(text, "drift", summary.drift());
    line(text, "features", String.valueOf(state.standardizer.mean.length));
    if (state.blueprint.isKnown()) {
      line(
          text,
          "model",
          String.format(
              Locale.ROOT,
              "%d concepts, hidden widths %s, order %d, rank %d",
              state.blueprint.concepts().size(),
              state.blueprint.hidden(),
              state.blueprint.order(),
              state.blueprint.rank()));
    }
    if (state.challenger != null) {
      line(
          text,
          "challenger",
          String.format(
              Locale.ROOT,
              "share %s, after %d trusted events, settled for %d",
              MarkdownTable.percent(state.challenger.share),
              state.challenger.age,
              state.challenger.streak));
    }
    return text.append('\n')
        .append(laneTable())
        .append('\n')
        .append(classTable())
        .append(buffers())
        .toString();
  }

  private static void line(StringBuilder text, String what, String value) {
    text.append(String.format(Locale.ROOT, "%-18s%s%n", what, value));
  }

  private MarkdownTable laneTable() {
    MarkdownTable table =
        new MarkdownTable(
            "lane",
            "share",
            "parameters",
            "norm",
            "weight net's norm",
            "steps",
            "averaged",
            "concepts removed");
    for (Lane lane : lanes) {
      table.row(
          lane.name,
          MarkdownTable.percent(lane.share),
          LearnerTable.count(lane.parameters),
          MarkdownTable.number(lane.norm, 4),
          MarkdownTable.number(lane.weightNetNorm, 4),
          LearnerTable.count(lane.steps),
          lane.averaged ? "yes" : "no",
          lane.removed.isEmpty() ? "none" : String.join(", ", lane.removed));
    }
    return table;
  }

  private MarkdownTable classTable() {
    MarkdownTable table =
        new MarkdownTable(
            "class",
            "trusted seen",
            "kept",
            "share of labels",
            "true share",
            "pairs",
            "labelled as 0, 1, …");
    for (int k = 0; k < state.trustedCounts.length; k++) {
      List<Double> rates = rates(state.belief.pairCounts[k]);
      table.row(
          String.valueOf(k),
          LearnerTable.count(state.trustedCounts[k]),
          LearnerTable.count(state.reservoir.size(k)),
          percent(state.belief.observedShares[k]),
          percent(state.belief.trueShares[k]),
          MarkdownTable.number(Arrays.stream(state.belief.pairCounts[k]).sum(), 3),
          rates == null
              ? "-"
              : rates.stream().map(LearnerDetail::percent).collect(Collectors.joining(", ")));
    }
    return table;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private String buffers() {
    StringBuilder text = new StringBuilder();
    for (int l = 0; l < state.mubo.size(); l++) {
      MuboState lane = state.mubo.get(l);
      text.append(
          String.format(
              Locale.ROOT,
              "%nMUBO lane %d: %,d micro-samples accepted, %,d rejected; rows of class 0 %d, of class"
                  + " 1 %d, at most %d%n",
              l + 1,
              lane.accepted,
              lane.rejected,
              lane.rows[0].size(),
              lane.rows[1].size(),
              lane.rows[0].capacity()));
    }
    return text.toString();
  }

  /** The summary and the rest, as JSON. */
  Map<String, Object> toJson() {
    Map<String, Object> json = summary.toJson();
    json.put("labelsSeen", state.belief.labels);
    json.put("skippedSteps", state.skippedSteps);
    json.put("pool", state.pool.size());
    json.put("lanes", lanes.stream().map(Lane::toJson).toList());
    List<Map<String, Object>> classes = new ArrayList<>();
    for (int k = 0; k < state.trustedCounts.length; k++) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("trustedSeen", state.trustedCounts[k]);
      one.put("trustedKept", state.reservoir.size(k));
      one.put("observedShare", state.belief.observedShares[k]);
      one.put("trueShare", state.belief.trueShares[k]);
      one.put("pairs", state.belief.pairCounts[k]);
      one.put("flipRates", rates(state.belief.pairCounts[k]));
      classes.add(one);
    }
    json.put("classes", classes);
    Map<String, Object> challenger = new LinkedHashMap<>();
    if (state.challenger != null) {
      challenger.put("share", state.challenger.share);
      challenger.put("streak", state.challenger.streak);
      challenger.put("age", state.challenger.age);
    }
    json.put("challenger", state.challenger == null ? null : challenger);
    List<Map<String, Object>> mubo = new ArrayList<>();
    for (MuboState lane : state.mubo) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("accepted", lane.accepted);
      one.put("rejected", lane.rejected);
      one.put("rows", List.of(lane.rows[0].size(), lane.rows[1].size()));
      one.put("capacity", lane.rows[0].capacity());
      mubo.add(one);
    }
    json.put("mubo", mubo);
    return json;
  }
}
