package io.counterweight.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The overview's lines over time: at most 240 samples, merged when there are more. */
final class Samples {
  private static final int MOST = 240;
  private static final long FIRST_WIDTH_MILLIS = 1_000;

  /**
   * How long what the job said last holds: on a busy machine its answers take longer than usual.
   */
  private static final long READING_HOLDS_MILLIS = 20_000;

  /** A stretch of time. */
  private static final class Sample {
    long events;
    long weights;
    double sumOfWeights;
    long suspects;
    double[] shares = new double[0];
    JobReading job;

    void add(Sample later) {
      events += later.events;
      weights += later.weights;
      sumOfWeights += later.sumOfWeights;
      suspects += later.suspects;
      for (int lane = 0; lane < later.shares.length; lane++) {
        shares = KeyWindow.plus(shares, lane, later.shares[lane]);
      }
      job = later.job == null ? job : later.job;
    }
  }

  private final JobNames names;
  private final Merging<Sample> samples =
      new Merging<>(MOST, FIRST_WIDTH_MILLIS, Sample::new, Sample::add);

  Samples(JobNames names) {
    this.names = names;
  }

  void predicted(Map<String, Float> laneWeights, long millis) {
    Sample sample = samples.at(millis);
    sample.events++;
    for (Map.Entry<String, Float> lane : laneWeights.entrySet()) {
      int number = names.lane(lane.getKey());
      if (number >= 0) {
        sample.shares = KeyWindow.plus(sample.shares, number, lane.getValue());
      }
    }
  }

  void weighted(float weight, boolean suspect, long millis) {
    Sample sample = samples.at(millis);
    sample.weights++;
    sample.sumOfWeights += weight;
    sample.suspects += suspect ? 1 : 0;
  }

  void measured(JobReading reading, long millis) {
    samples.at(millis).job = reading;
  }

  /** Without the newest, which is not over. */
  Map<String, Object> values() {
    List<Merging.Stretch<Sample>> done = samples.stretches();
    done = done.subList(0, Math.max(0, done.size() - 1));
    double seconds = samples.width() / 1e3;
    List<JobReading> readings = readings(done);
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("time", done.stream().mapToLong(Merging.Stretch::start).toArray());
    values.put("eventsPerSecond", line(done, sample -> sample.events / seconds));
    values.put("lag", read(readings, reading -> orNaN(reading.lag())));
    values.put("meanWeight", line(done, sample -> sample.sumOfWeights / sample.weights));
    values.put("suspectShare", line(done, sample -> (double) sample.suspects / sample.weights));
    values.put("prAuc", quality(readings, JobReading::prAuc));
    values.put("gMean", quality(readings, JobReading::gMean));
    Map<String, Object> share = new LinkedHashMap<>();
    List<String> lanes = names.lanes();
    for (int l = 0; l < lanes.size(); l++) {
      int lane = l;
      share.put(
          lanes.get(l), line(done, sample -> KeyWindow.at(sample.shares, lane) / sample.events));
    }
    values.put("share", share);
    return values;
  }

  private Map<String, Object> quality(
      List<JobReading> readings, Function<JobReading, Map<String, Double>> which) {
    Map<String, Object> lines = new LinkedHashMap<>();
    List<String> lanes = new ArrayList<>(names.lanesAndMixture());
    lanes.remove(JobNames.CHALLENGER);
    for (String lane : lanes) {
      lines.put(
          lane, read(readings, reading -> which.apply(reading).getOrDefault(lane, Double.NaN)));
    }
    return lines;
  }

  /** What the job had said at each stretch; null where that was nothing, or too long ago. */
  private static List<JobReading> readings(List<Merging.Stretch<Sample>> done) {
    List<JobReading> readings = new ArrayList<>();
    JobReading last = null;
    long at = 0;
    for (Merging.Stretch<Sample> stretch : done) {
      if (stretch.sums().job != null) {
        last = stretch.sums().job;
        at = stretch.start();
      } else if (stretch.start() - at > READING_HOLDS_MILLIS) {
        last = null;
      }
      readings.add(last);
    }
    return readings;
  }

  private static double[] read(List<JobReading> readings, ToDoubleFunction<JobReading> value) {
    return readings.stream()
        .mapToDouble(reading -> reading == null ? Double.NaN : value.applyAsDouble(reading))
        .toArray();
  }

  private static double orNaN(long value) {
    return value < 0 ? Double.NaN : value;
  }

  private static double[] line(
      List<Merging.Stretch<Sample>> samples, ToDoubleFunction<Sample> value) {
    return samples.stream().mapToDouble(stretch -> value.applyAsDouble(stretch.sums())).toArray();
  }
}
