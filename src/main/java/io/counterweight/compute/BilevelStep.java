package io.counterweight.compute;

import io.counterweight.compute.NetworkPasses.Activations;
import io.counterweight.meta.MetaWeightNet;
import io.counterweight.model.BatmSpec;
import io.counterweight.model.ParameterLayout;
import io.counterweight.optim.GroupLasso;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * One bilevel step in the order of SPEC 4.3, without second-order differentiation: (1) forward and
 * weighted gradient, look ahead; (2) gradient of the trusted loss there; (3) one forward-mode pass
 * gives every event's alignment s_i with it, and ∂L_meta/∂Θ = −α Σ s_i ∂w_i/∂Θ; (4) the real step
 * with the new weights, from the same forward pass.
 *
 * <p>Cost: about 7 forward units on the train batch, 3 on the trusted one and 3 on the anchor.
 * Arrays are kept between steps because a step is run every few events.
 */
public final class BilevelStep implements BatmCompute {
  private final BatmSpec spec;
  private final NetworkPasses passes;
  private final GroupLasso groupLasso;
  private final Activations trained;
  private final Activations trusted;

  private final float[] gradient;
  private final float[] metric;
  private final float[] ahead;

  /** Of the trusted loss at the look-ahead, then of the anchor. */
  private final float[] direction;

  private final float[] statisticsBefore;

  /** Derivative by the logits. */
  private float[] slopes = new float[0];

  /** Θ and its two moments, one after the other. */
  private float[] weightNetBefore = new float[0];

  private final Map<StepSettings, MetaWeightNet> weightNets = new HashMap<>();

  /**
   * Runs the step on the given passes.
   *
   * @param spec the architecture
   * @param passes for that architecture
   */
  public BilevelStep(BatmSpec spec, NetworkPasses passes) {
    this.spec = spec;
    this.passes = passes;
    ParameterLayout layout = ParameterLayout.parameters(spec);
    groupLasso = new GroupLasso(spec, layout);
    trained = passes.newActivations();
    trusted = passes.newActivations();
    gradient = new float[layout.size()];
    metric = new float[layout.size()];
    ahead = new float[layout.size()];
    direction = new float[layout.size()];
    statisticsBefore = new float[ParameterLayout.statistics(spec).size()];
  }

  @Override
  public void predict(TrainingState state, Batch batch, float[] logits, float[] concepts) {
    passes.predict(state.predicting(), state.statistics, batch, trusted);
    copyRows(trusted.logits(), trusted.stride(), spec.outputs(), batch.size(), logits);
    copyRows(trusted.concepts(), trusted.stride(), spec.conceptCount(), batch.size(), concepts);
  }

  private static void copyRows(float[] from, int stride, int rows, int n, float[] to) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(from, r * stride, to, r * n, n);
    }
  }

  @Override
  public StepReport step(StepRequest request) {
    TrainingState state = request.state();
    Batch train = request.train();
    Batch meta = request.meta();
    Batch anchor = request.anchor();
    StepSettings settings = request.settings();
    int n = train.size();
    System.arraycopy(state.statistics, 0, statisticsBefore, 0, statisticsBefore.length);
    passes.forward(state.parameters, state.statistics, train, true, request.dropout(), trained);

    float[] losses = Arrays.copyOf(trained.losses(), n);
    float[] weights = new float[n];
    Steering steering = null;
    if (request.targets() != null) {
      return towards(request, losses);
    }
    if (settings.steering() && meta != null) {
      steering = steer(state, train, meta, settings, losses, weights);
    } else {
      Arrays.fill(weights, 1f / n);
    }

    Arrays.fill(gradient, 0);
    passes.backward(state.parameters, trained, weights, spec.outputPenalty(), gradient);
    double objective = weightedSum(weights, losses) + penalty(n);
    if (anchor != null && settings.anchor() > 0) {
      objective += settings.anchor() * anchorGradient(state, anchor, settings.anchor());
    }
    boolean applied = apply(state, settings, n);
    if (!applied && steering != null && steering.moved) {
      restoreWeightNet(state);
    }
    for (int i = 0; i < n; i++) {
      weights[i] *= n;
    }
    return new StepReport(
        losses,
        weights,
        steering == null ? null : steering.raw,
        steering == null ? null : steering.alignments,
        steering == null ? Float.NaN : steering.metaLoss,
        objective,
        steering == null ? null : steering.hypergradient,
        applied);
  }

  /** The lower step on targets, which a weight net that is taught elsewhere may multiply. */
  private StepReport towards(StepRequest request, float[] losses) {
    TrainingState state = request.state();
    StepSettings settings = request.settings();
    int n = losses.length;
    LabelTargets targets = request.targets();
    float[] raw = null;
    float[] weights = new float[n];
    Arrays.fill(weights, 1);
    if (request.weighed()) {
      raw = new float[n];
      targets.losses(trained.logits(), request.train().y(), n, trained.stride(), losses);
      weigh(state, request.train(), request.beliefs(), settings, losses, raw, weights);
      targets = targets.times(weights);
    }
    targets.slopes(trained.logits(), n, trained.stride(), slopes());
    Arrays.fill(gradient, 0);
    passes.backwardFrom(state.parameters, trained, slopes, spec.outputPenalty(), gradient);
    double objective = targets.objective(trained.logits(), n, trained.stride()) + penalty(n);
    if (request.anchor() != null && settings.anchor() > 0) {
      objective += settings.anchor() * anchorGradient(state, request.anchor(), settings.anchor());
    }
    boolean applied = apply(state, settings, n);
    return new StepReport(losses, weights, raw, null, Float.NaN, objective, null, applied);
  }

  /** V of each event, and the weights times n that it gives. */
  private void weigh(
      TrainingState state,
      Batch train,
      float[] beliefs,
      StepSettings settings,
      float[] losses,
      float[] raw,
      float[] weights) {
    int n = losses.length;
    MetaWeightNet net = weightNet(settings);
    net.observe(n, losses, train.y(), trained.concepts(), trained.stride(), beliefs);
    net.forward(state.weightNet, raw);
    settings.weightNormalisation().apply(n, raw, train.y(), weights);
    for (int i = 0; i < n; i++) {
      weights[i] *= n;
    }
  }

  @Override
  public float steer(SteerRequest request) {
    TrainingState state = request.state();
    StepSettings settings = request.settings();
    Batch pool = request.pool();
    int n = pool.size();
    passes.forward(state.parameters, state.statistics, pool, false, null, trained);
    int stride = trained.stride();
    float[] losses = new float[n];
    request.targets().losses(trained.logits(), pool.y(), n, stride, losses);
    float[] raw = new float[n];
    float[] weights = new float[n];
    weigh(state, pool, request.beliefs(), settings, losses, raw, weights);
    float metaLoss = pooledGradient(request, request.targets().times(weights));
    float[] s = winsorised(pooledAlignments(request), settings);
    float[] hypergradient = hypergradient(state, pool, settings, weightNet(settings), raw, s);
    if (isUsable(hypergradient)) {
      settings.weightAdam().step(state.weightNet, hypergradient, state.weightAdam);
    }
    return metaLoss;
  }

  @Override
  public float[] align(SteerRequest request) {
    TrainingState state = request.state();
    passes.forward(state.parameters, state.statistics, request.pool(), false, null, trained);
    pooledGradient(request, request.targets());
    return pooledAlignments(request);
  }

  /** Looks ahead along the pool's gradient; returns the mean trusted loss there. */
  private float pooledGradient(SteerRequest request, LabelTargets targets) {
    TrainingState state = request.state();
    targets.slopes(trained.logits(), trained.size(), trained.stride(), slopes());
    Arrays.fill(gradient, 0);
    passes.backwardFrom(state.parameters, trained, slopes, spec.outputPenalty(), gradient);
    return lookAheadGradient(state, request.meta(), request.settings());
  }

  private float[] pooledAlignments(SteerRequest request) {
    int n = trained.size();
    int stride = trained.stride();
    float[] tangents = new float[spec.outputs() * stride];
    passes.tangents(request.state().parameters, trained, direction, tangents);
    request.targets().slopes(trained.logits(), n, stride, slopes);
    float[] alignments = new float[n];
    for (int q = 0; q < spec.outputs(); q++) {
      for (int e = 0; e < n; e++) {
        // The slopes are those of a mean over the pool.
        alignments[e] += n * slopes[q * stride + e] * tangents[q * stride + e];
      }
    }
    return alignments;
  }

  private float[] slopes() {
    if (slopes.length < spec.outputs() * trained.stride()) {
      slopes = new float[spec.outputs() * trained.stride()];
    }
    return slopes;
  }

  /** Adam, prox, averages; or nothing at all if the gradient or the statistics are not finite. */
  private boolean apply(TrainingState state, StepSettings settings, int n) {
    passes.updateBatchStatistics(trained, state.statistics);
    if (!isUsable(gradient) || !isFinite(state.statistics)) {
      System.arraycopy(statisticsBefore, 0, state.statistics, 0, statisticsBefore.length);
      return false;
    }
    settings.adam().step(state.parameters, gradient, state.adam);
    if (settings.groupLasso() > 0) {
      groupLasso.shrink(state.parameters, settings.adam().learningRate() * settings.groupLasso());
    }
    updateAverage(state, settings);
    updateConceptMeans(state, n);
    return true;
  }

  /** The average of a young lane forgets faster, or it would stay near the random start. */
  private static void updateAverage(TrainingState state, StepSettings settings) {
    float[] averaged = state.averaged;
    float keep = (float) Math.min(settings.averaging(), 1 - 2.0 / (state.adam.steps + 2));
    for (int i = 0; i < averaged.length; i++) {
      averaged[i] = state.parameters[i] + keep * (averaged[i] - state.parameters[i]);
    }
  }

  private record Steering(
      float[] raw, float[] alignments, float metaLoss, float[] hypergradient, boolean moved) {}

  /** Steps 1 to 3: moves Θ and fills {@code weights} from the new Θ. */
  private Steering steer(
      TrainingState state,
      Batch train,
      Batch meta,
      StepSettings settings,
      float[] losses,
      float[] weights) {
    int n = train.size();
    MetaWeightNet net = weightNet(settings);
    float[] raw = new float[n];
    net.observe(n, losses, train.y(), trained.concepts(), trained.stride(), null);
    net.forward(state.weightNet, raw);
    settings.weightNormalisation().apply(n, raw, train.y(), weights);

    Arrays.fill(gradient, 0);
    passes.backward(state.parameters, trained, weights, spec.outputPenalty(), gradient);
    float metaLoss = lookAheadGradient(state, meta, settings);

    float[] alignments = new float[n];
    passes.alignments(state.parameters, trained, direction, alignments);
    float[] hypergradient =
        hypergradient(state, train, settings, net, raw, winsorised(alignments, settings));
    boolean moves = isUsable(hypergradient);
    if (moves) {
      rememberWeightNet(state);
      settings.weightAdam().step(state.weightNet, hypergradient, state.weightAdam);
    }
    net.forward(state.weightNet, raw);
    settings.weightNormalisation().apply(n, raw, train.y(), weights);
    return new Steering(raw, alignments, metaLoss, hypergradient, moves);
  }

  /**
   * Steps ahead along {@code gradient} and fills {@code direction} with D ∇L_meta there; returns
   * the mean trusted loss.
   */
  private float lookAheadGradient(TrainingState state, Batch meta, StepSettings settings) {
    float rate = settings.adam().learningRate();
    boolean identity = settings.lookAhead() == StepSettings.LookAhead.SGD;
    if (identity) {
      lookAhead(state.parameters, rate, gradient, ahead);
    } else {
      settings.adam().metric(state.adam, settings.metricCap(), metric);
      lookAhead(state.parameters, rate, metric, gradient, ahead);
    }

    passes.forward(ahead, state.statistics, meta, false, null, trusted);
    float metaLoss = mean(trusted.losses(), meta.size());
    Arrays.fill(direction, 0);
    passes.backward(ahead, trusted, equalWeights(meta.size(), 1), 0, direction);
    if (!identity) {
      multiply(direction, metric);
    }
    return metaLoss;
  }

  private void rememberWeightNet(TrainingState state) {
    int size = state.weightNet.length;
    if (weightNetBefore.length < 3 * size) {
      weightNetBefore = new float[3 * size];
    }
    System.arraycopy(state.weightNet, 0, weightNetBefore, 0, size);
    System.arraycopy(state.weightAdam.firstMoment, 0, weightNetBefore, size, size);
    System.arraycopy(state.weightAdam.secondMoment, 0, weightNetBefore, 2 * size, size);
  }

  private void restoreWeightNet(TrainingState state) {
    int size = state.weightNet.length;
    System.arraycopy(weightNetBefore, 0, state.weightNet, 0, size);
    System.arraycopy(weightNetBefore, size, state.weightAdam.firstMoment, 0, size);
    System.arraycopy(weightNetBefore, 2 * size, state.weightAdam.secondMoment, 0, size);
    state.weightAdam.steps--;
  }

  private MetaWeightNet weightNet(StepSettings settings) {
    return weightNets.computeIfAbsent(
        settings, s -> MetaWeightNet.of(spec, s.weightNetHidden(), s.weightInputs()));
  }

  /** p̂ = p − α g. */
  private static void lookAhead(float[] p, float rate, float[] g, float[] ahead) {
    for (int i = 0; i < ahead.length; i++) {
      ahead[i] = p[i] - rate * g[i];
    }
  }

  /** p̂ = p − α D g. */
  private static void lookAhead(float[] p, float rate, float[] d, float[] g, float[] ahead) {
    for (int i = 0; i < ahead.length; i++) {
      ahead[i] = p[i] - rate * d[i] * g[i];
    }
  }

  private static void multiply(float[] values, float[] by) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= by[i];
    }
  }

  /** −α Σ s_i ∂w_i/∂Θ, its norm clipped. */
  private static float[] hypergradient(
      TrainingState state,
      Batch train,
      StepSettings settings,
      MetaWeightNet net,
      float[] raw,
      float[] s) {
    int n = train.size();
    float[] upstream = new float[n];
    for (int i = 0; i < n; i++) {
      upstream[i] = -settings.adam().learningRate() * s[i];
    }
    float[] byRaw = new float[n];
    settings.weightNormalisation().pullBack(n, raw, train.y(), upstream, byRaw);
    float[] hypergradient = new float[state.weightNet.length];
    net.backward(state.weightNet, byRaw, hypergradient);
    double norm = Math.sqrt(squares(hypergradient));
    if (norm > settings.hypergradientClip()) {
      float scale = (float) (settings.hypergradientClip() / norm);
      for (int i = 0; i < hypergradient.length; i++) {
        hypergradient[i] *= scale;
      }
    }
    return hypergradient;
  }

  /** One event must not own the upper step: s is bounded by a multiple of its root mean square. */
  private static float[] winsorised(float[] s, StepSettings settings) {
    float bound = (float) (settings.alignmentWinsor() * Math.sqrt(squares(s) / s.length));
    float[] bounded = new float[s.length];
    for (int i = 0; i < s.length; i++) {
      bounded[i] = Math.max(-bound, Math.min(bound, s[i]));
    }
    return bounded;
  }

  /**
   * Adds μ times the anchor's gradient; returns the anchor's mean loss. The anchor's is summed up
   * by itself first, so that no backend's way of summing sees what it is added to.
   */
  private float anchorGradient(TrainingState state, Batch anchor, float coefficient) {
    passes.forward(state.parameters, state.statistics, anchor, false, null, trusted);
    Arrays.fill(direction, 0);
    float[] weights = equalWeights(anchor.size(), coefficient);
    passes.backward(state.parameters, trusted, weights, 0, direction);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] += direction[i];
    }
    return mean(trusted.losses(), anchor.size());
  }

  private void updateConceptMeans(TrainingState state, int n) {
    float keep = state.adam.steps == 1 ? 0 : 1 - spec.normalisationMomentum();
    float[] z = trained.concepts();
    for (int c = 0; c < state.conceptMeans.length; c++) {
      double sum = 0;
      for (int e = 0; e < n; e++) {
        sum += z[c * trained.stride() + e];
      }
      state.conceptMeans[c] = keep * state.conceptMeans[c] + (1 - keep) * (float) (sum / n);
    }
  }

  private double penalty(int n) {
    double squares = 0;
    float[] z = trained.concepts();
    for (int c = 0; c < spec.conceptCount(); c++) {
      for (int e = 0; e < n; e++) {
        double value = z[c * trained.stride() + e];
        squares += value * value;
      }
    }
    return spec.outputPenalty() * squares / (spec.conceptCount() * n);
  }

  private static float[] equalWeights(int n, float total) {
    float[] weights = new float[n];
    Arrays.fill(weights, total / n);
    return weights;
  }

  private static double weightedSum(float[] weights, float[] values) {
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += (double) weights[i] * values[i];
    }
    return sum;
  }

  private static float mean(float[] values, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += values[i];
    }
    return (float) (sum / n);
  }

  /** Eight sums side by side: one alone would wait for each of its additions. */
  private static double squares(float[] values) {
    double sum0 = 0;
    double sum1 = 0;
    double sum2 = 0;
    double sum3 = 0;
    double sum4 = 0;
    double sum5 = 0;
    double sum6 = 0;
    double sum7 = 0;
    int i = 0;
    for (; i + 8 <= values.length; i += 8) {
      sum0 += (double) values[i] * values[i];
      sum1 += (double) values[i + 1] * values[i + 1];
      sum2 += (double) values[i + 2] * values[i + 2];
      sum3 += (double) values[i + 3] * values[i + 3];
      sum4 += (double) values[i + 4] * values[i + 4];
      sum5 += (double) values[i + 5] * values[i + 5];
      sum6 += (double) values[i + 6] * values[i + 6];
      sum7 += (double) values[i + 7] * values[i + 7];
    }
    for (; i < values.length; i++) {
      sum0 += (double) values[i] * values[i];
    }
    return sum0 + sum1 + (sum2 + sum3) + (sum4 + sum5 + (sum6 + sum7));
  }

  /** Finite, and its squares are finite in float32 too, so that Adam's moments stay finite. */
  private static boolean isUsable(float[] gradient) {
    return squares(gradient) < Float.MAX_VALUE;
  }

  /** A batch too large for float32 sets an infinite variance and yet a gradient of zero. */
  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    passes.close();
  }
}
