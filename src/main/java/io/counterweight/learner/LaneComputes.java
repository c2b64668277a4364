package io.counterweight.learner;

import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.StepReport;
import io.counterweight.compute.StepRequest;
import io.counterweight.compute.TrainingState;
import io.counterweight.model.BatmSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The opened architectures: one for each memory of the encoders' running statistics, which is all
 * that lanes may differ in. Not thread-safe.
 */
final class LaneComputes implements AutoCloseable {
  private final Map<Float, BatmCompute> byMomentum = new LinkedHashMap<>();

  LaneComputes(LearnerSettings settings, ComputeBackend backend) {
    BatmSpec spec = settings.spec();
    for (LaneSettings lane : settings.lanes()) {
      byMomentum.computeIfAbsent(
          lane.normalisationMomentum(),
          momentum -> backend.open(spec.withNormalisationMomentum(momentum)));
    }
  }

  BatmCompute of(LaneSettings lane) {
    return byMomentum.get(lane.normalisationMomentum());
  }

  /**
   * Steps of lanes, those of one architecture together.
   *
   * @param lanes the lane of each request
   * @return one report for each request, in their order
   */
  List<StepReport> stepAll(List<StepRequest> requests, List<LaneSettings> lanes) {
    if (byMomentum.size() == 1) {
      return of(lanes.get(0)).stepAll(requests);
    }
    StepReport[] reports = new StepReport[requests.size()];
    for (BatmCompute compute : byMomentum.values()) {
      List<StepRequest> own = new ArrayList<>();
      List<Integer> places = new ArrayList<>();
      for (int i = 0; i < reports.length; i++) {
        if (of(lanes.get(i)) == compute) {
          own.add(requests.get(i));
          places.add(i);
        }
      }
      List<StepReport> stepped = compute.stepAll(own);
      for (int i = 0; i < places.size(); i++) {
        reports[places.get(i)] = stepped.get(i);
      }
    }
    return List.of(reports);
  }

  void sync(TrainingState state) {
    byMomentum.values().forEach(compute -> compute.sync(state));
  }

  void release(TrainingState state) {
    byMomentum.values().forEach(compute -> compute.release(state));
  }

  @Override
  public void close() {
    byMomentum.values().forEach(BatmCompute::close);
  }
}
