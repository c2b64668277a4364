package io.counterweight.report;

import io.counterweight.compute.Batch;
import io.counterweight.compute.BatmCompute;
import io.counterweight.compute.ComputeBackend;
import io.counterweight.compute.TrainingState;
import io.counterweight.learner.LearnerState;
import io.counterweight.learner.Standardizer;
import io.counterweight.learner.StandardizerState;
import io.counterweight.meta.TrustedExample;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.BatmSpec.Concept;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The pictures of a key's model: what each concept adds over its values, where its events lie, and
 * what pairs of concepts add together. Concepts are encoded by the model itself; how far each moves
 * the logits is in {@link ConceptEffects}. Owns scratch memory; not thread-safe.
 */
public final class ModelSections implements AutoCloseable {
  private static final int MOST_LANES = 8;
  private static final int GRID = 41;
  private static final int BINS = 30;

  /** Of the curves of a lane. */
  private static final int NUMBERS_OF_A_LANE = 8_000;

  private static final int PAIRS = 12;
  private static final int PAIR_GRID = 15;
  private static final int FEWEST_ROWS = 100;

  /** Rounding error of logits; a pair that adds less does not interact. */
  private static final double SMALLEST_PAIR = 1e-6;

  private final BatmSpec spec;
  private final List<String> featureNames;
  private final Standardizer standardizer;
  private final BatmCompute compute;

  /**
   * Pictures of models of one architecture.
   *
   * @param featureNames one for each feature, in order
   * @param clip standard deviations at which the model's inputs are clipped, positive
   */
  public ModelSections(
      BatmSpec spec, List<String> featureNames, float clip, ComputeBackend backend) {
    if (featureNames.size() != spec.features()) {
      throw new IllegalArgumentException(
          featureNames.size() + " names of " + spec.features() + " features");
    }
    this.spec = spec;
    this.featureNames = List.copyOf(featureNames);
    standardizer = new Standardizer(2, clip);
    compute = backend.open(spec);
  }

  /**
   * A model, an entry of the section {@code models}.
   *
   * @param state of that architecture, its arrays current; one whose lanes were only drawn has no
   *     pictures of them
   * @param bytes of it in state
   * @param sample events of the run, or null; without enough of the key, the trusted events that
   *     the learner keeps are taken
   * @param allLanes whether all lanes are shown, or only the one of the largest share
   * @throws IllegalArgumentException if the state is of another architecture
   */
  public Map<String, Object> values(
      LearnerState state, long bytes, FeatureSample sample, boolean allLanes) {
    List<float[]> rows = trusted(state);
    String of = "the trusted events kept";
    List<float[]> ofRun = sample == null ? List.of() : sample.rows(state.modelKey);
    if (ofRun.size() >= Math.min(FEWEST_ROWS, rows.size() + 1)) {
      rows = ofRun.stream().map(raw -> standardised(state, raw)).toList();
      of = "events of the run";
    }
    double[] shares = state.modelShares();
    int strongest =
        IntStream.range(0, shares.length)
            .boxed()
            .max(Comparator.comparingDouble(m -> shares[m]))
            .orElseThrow();
    List<Integer> shown =
        IntStream.range(0, shares.length)
            .boxed()
            .sorted(Comparator.comparingDouble(m -> -shares[m]))
            .limit(allLanes ? MOST_LANES : 1)
            .sorted()
            .toList();
    List<Map<String, Object>> lanes = new ArrayList<>();
    for (int m : state.lanes.isEmpty() ? List.<Integer>of() : shown) {
      Map<String, Object> lane = new LinkedHashMap<>();
      lane.put("name", state.modelNames().get(m));
      lane.put("share", Numbers.rounded(shares[m]));
      lane.putAll(
          new LanePictures(state.models().get(m), state.standardizer, rows).values(m == strongest));
      lanes.add(lane);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("key", state.modelKey);
    values.put("version", state.version);
    values.put("trainedUntil", state.trainedUntil == Long.MIN_VALUE ? null : state.trainedUntil);
    values.put("bytes", bytes);
    values.put("sample", rows.size());
    values.put("sampleOf", of);
    values.put("classes", spec.outputs());
    values.put("order", spec.order());
    values.put("lanes", lanes);
    return values;
  }

  private static List<float[]> trusted(LearnerState state) {
    List<float[]> rows = new ArrayList<>();
    for (int k = 0; k < state.reservoir.classes(); k++) {
      for (TrustedExample example : state.reservoir.seasoned(k)) {
        rows.add(example.inputs());
      }
      for (TrustedExample example : state.reservoir.fresh(k)) {
        rows.add(example.inputs());
      }
    }
    return rows;
  }

  private float[] standardised(LearnerState state, float[] raw) {
    float[] inputs = new float[raw.length];
    standardizer.standardise(state.standardizer, raw, inputs);
    return inputs;
  }

  /**
   * Concepts shown of a lane: fewer where each has a line for every class, so that a page is small.
   */
  private static int mostConcepts(int lines) {
    return Math.max(2, Math.min(40, NUMBERS_OF_A_LANE / (2 * GRID * (lines + 1))));
  }

  /** The pictures of one lane. */
  private final class LanePictures {
    private final TrainingState lane;
    private final StandardizerState scale;
    private final List<float[]> rows;
    private final ConceptEffects effects;

    /** Concepts of the sample, {@code [concepts][rows]}. */
    private final double[][] z;

    private final Axis[] axes;

    /** Mean size of what each concept alone adds over the sample, and over the lines. */
    private final double[] strengths;

    LanePictures(TrainingState lane, StandardizerState scale, List<float[]> rows) {
      this.lane = lane;
      this.scale = scale;
      this.rows = rows;
      effects = new ConceptEffects(spec, lane);
      z = rows.isEmpty() ? new double[spec.conceptCount()][0] : encode(rows);
      axes = new Axis[z.length];
      strengths = new double[z.length];
      for (int c = 0; c < z.length; c++) {
        axes[c] = Axis.of(z[c], effects.typical(c), 3);
        strengths[c] = strength(c);
      }
    }

    private double[][] encode(List<float[]> inputs) {
      int n = inputs.size();
      float[] logits = new float[spec.outputs() * n];
      float[] concepts = new float[spec.conceptCount() * n];
      compute.predict(lane, Batch.ofRows(inputs.toArray(float[][]::new), null), logits, concepts);
      double[][] encoded = new double[spec.conceptCount()][n];
      for (int c = 0; c < encoded.length; c++) {
        for (int i = 0; i < n; i++) {
          encoded[c][i] = concepts[c * n + i];
        }
      }
      return encoded;
    }

    /**
     * By the histogram of the sample: the effect in the middle of each bin counts as its events.
     */
    private double strength(int concept) {
      long[] density = axes[concept].density(z[concept], BINS);
      double width = (axes[concept].to() - axes[concept].from()) / BINS;
      double sum = 0;
      long events = 0;
      for (int b = 0; b < BINS; b++) {
        if (density[b] == 0) {
          continue;
        }
        double middle = axes[concept].from() + (b + 0.5) * width;
        for (int line = 0; line < effects.lines(); line++) {
          sum += density[b] * Math.abs(effects.alone(line, concept, middle)) / effects.lines();
        }
        events += density[b];
      }
      return events == 0 ? 0 : sum / events;
    }

    Map<String, Object> values(boolean withPairs) {
      List<Integer> shown =
          IntStream.range(0, z.length)
              .boxed()
              .sorted(Comparator.comparingDouble(c -> -strengths[c]))
              .limit(mostConcepts(effects.lines()))
              .toList();
      double[][] inputGrids = inputGrids();
      double[][] encodedGrids = encode(rowsOf(inputGrids));
      List<Map<String, Object>> concepts = new ArrayList<>();
      for (int c : shown) {
        concepts.add(concept(c, inputGrids, encodedGrids));
      }
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("removed", RemovedConcepts.of(spec, lane));
      values.put("conceptsLeftOut", z.length - shown.size());
      values.put("concepts", concepts);
      if (withPairs && spec.order() == 2) {
        values.put("pairs", pairs());
      }
      return values;
    }

    /** Standardised values over which each feature is drawn, {@code [features][GRID]}. */
    private double[][] inputGrids() {
      double[][] grids = new double[spec.features()][];
      for (int f = 0; f < grids.length; f++) {
        grids[f] = Axis.of(inputs(f), 0, 3).grid(GRID);
      }
      return grids;
    }

    private double[] inputs(int feature) {
      return rows.stream().mapToDouble(row -> row[feature]).toArray();
    }

    /** All features move at once: a concept of one feature sees no other. */
    private List<float[]> rowsOf(double[][] grids) {
      List<float[]> steps = new ArrayList<>();
      for (int i = 0; i < GRID; i++) {
        float[] row = new float[grids.length];
        for (int f = 0; f < row.length; f++) {
          row[f] = (float) grids[f][i];
        }
        steps.add(row);
      }
      return steps;
    }

    private Map<String, Object> concept(int c, double[][] inputGrids, double[][] encodedGrids) {
      Concept concept = spec.concepts().get(c);
      double[] grid = axes[c].grid(GRID);
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("name", concept.name());
      values.put("features", concept.features().stream().map(featureNames::get).toList());
      values.put("strength", Numbers.rounded(strengths[c]));
      values.put("typical", Numbers.rounded(effects.typical(c)));
      values.put("z", Numbers.rounded(grid));
      values.put("effect", lines(c, grid));
      putDensity(values, axes[c], z[c]);
      values.put(
          "byFeature",
          concept.features().size() == 1
              ? byFeature(c, concept.features().get(0), inputGrids, encodedGrids)
              : null);
      return values;
    }

    private List<List<Double>> lines(int concept, double[] at) {
      List<List<Double>> lines = new ArrayList<>();
      for (int line = 0; line < effects.lines(); line++) {
        double[] effect = new double[at.length];
        for (int i = 0; i < at.length; i++) {
          effect[i] = effects.alone(line, concept, at[i]);
        }
        lines.add(Numbers.rounded(effect));
      }
      return lines;
    }

    private void putDensity(Map<String, Object> values, Axis axis, double[] of) {
      values.put("density", of.length == 0 ? null : Numbers.list(axis.density(of, BINS)));
      values.put("densityEdges", of.length == 0 ? null : Numbers.rounded(axis.grid(BINS + 1)));
    }

    private Map<String, Object> byFeature(
        int concept, int feature, double[][] inputGrids, double[][] encodedGrids) {
      double[] grid = inputGrids[feature];
      double[] ownUnit = new double[GRID];
      for (int i = 0; i < GRID; i++) {
        ownUnit[i] = inOwnUnit(feature, grid[i]);
      }
      double[] inputs = inputs(feature);
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = inOwnUnit(feature, inputs[i]);
      }
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("feature", featureNames.get(feature));
      values.put("x", Numbers.rounded(ownUnit));
      values.put("effect", lines(concept, encodedGrids[concept]));
      putDensity(values, new Axis(ownUnit[0], ownUnit[GRID - 1]), inputs);
      return values;
    }

    private double inOwnUnit(int feature, double input) {
      return scale.mean[feature] + input * scale.deviation(feature);
    }

    private record Pair(int a, int b, int line, double factor, double strength) {}

    /** Those that move the logits most over the sample. */
    private List<Map<String, Object>> pairs() {
      List<Pair> found = new ArrayList<>();
      int n = z.length;
      double[][] factors = new double[effects.lines()][];
      for (int line = 0; line < factors.length; line++) {
        factors[line] = effects.together(line);
      }
      for (int a = 0; a < n; a++) {
        for (int b = a + 1; b < n; b++) {
          int line = strongestLine(factors, a * n + b);
          double factor = factors[line][a * n + b];
          double strength = Math.abs(factor) * meanProduct(a, b);
          if (strength > SMALLEST_PAIR) {
            found.add(new Pair(a, b, line, factor, strength));
          }
        }
      }
      return found.stream()
          .sorted(Comparator.comparingDouble(pair -> -pair.strength))
          .limit(PAIRS)
          .map(this::pair)
          .toList();
    }

    private int strongestLine(double[][] factors, int pair) {
      int best = 0;
      for (int line = 1; line < factors.length; line++) {
        if (Math.abs(factors[line][pair]) > Math.abs(factors[best][pair])) {
          best = line;
        }
      }
      return best;
    }

    private double meanProduct(int a, int b) {
      int n = z[a].length;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += Math.abs((z[a][i] - effects.typical(a)) * (z[b][i] - effects.typical(b)));
      }
      return n == 0 ? 1 : sum / n;
    }

    private Map<String, Object> pair(Pair pair) {
      double[] first = axes[pair.a].grid(PAIR_GRID);
      double[] second = axes[pair.b].grid(PAIR_GRID);
      List<List<Double>> effect = new ArrayList<>();
      for (double za : first) {
        double[] row = new double[PAIR_GRID];
        for (int j = 0; j < PAIR_GRID; j++) {
          row[j] =
              pair.factor * (za - effects.typical(pair.a)) * (second[j] - effects.typical(pair.b));
        }
        effect.add(Numbers.rounded(row));
      }
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("a", spec.concepts().get(pair.a).name());
      values.put("b", spec.concepts().get(pair.b).name());
      values.put("line", pair.line);
      values.put("strength", Numbers.rounded(pair.strength));
      values.put("zA", Numbers.rounded(first));
      values.put("zB", Numbers.rounded(second));
      values.put("effect", effect);
      return values;
    }
  }

  @Override
  public void close() {
    compute.close();
  }
}
