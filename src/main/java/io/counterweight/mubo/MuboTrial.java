package io.counterweight.mubo;

import io.counterweight.compute.cpu.Kernels;
import io.counterweight.optim.Adam;
import io.counterweight.sampling.LabelledRows;
import io.counterweight.sampling.Mubo;
import io.counterweight.sampling.MuboVariant;
import io.counterweight.sampling.Smote;
import io.counterweight.sampling.SoftmaxNetwork;
import java.util.Arrays;
import java.util.function.Consumer;

/** One method on one split of the data. */
final class MuboTrial {
  private static final double NANOS = 1e-9;
  private static final float RATE = 1e-4f;
  private static final int BATCH = 32;

  private final MuboRequest request;
  private final MuboMethod method;
  private final int run;
  private final MuboData.Split split;
  private final SoftmaxNetwork network;
  private final long seed;
  private final long began = System.nanoTime();

  /**
   * A trial; runs of the same number have the same split and the same start of the network.
   *
   * @param run from 1
   */
  MuboTrial(MuboRequest request, MuboData data, MuboMethod method, int run, Kernels kernels) {
    this.request = request;
    this.method = method;
    this.run = run;
    seed = request.seed() * 1000 + run;
    split = data.split(request.testShare(), seed);
    boolean published = method.variant() == MuboVariant.PUBLISHED_CODE;
    network =
        new SoftmaxNetwork(
            kernels,
            split.train().x()[0].length,
            new SoftmaxNetwork.Training(
                Adam.withRate(RATE),
                BATCH,
                request.tolerance(),
                request.mostEpochs(),
                published,
                published),
            seed);
  }

  void run(Consumer<MuboOutput> outputs) {
    if (method.variant() != null) {
      runMubo(outputs);
    } else {
      LabelledRows rows = sampled();
      int epochs = network.train(rows);
      int frequent = rows.indices(LabelledRows.MAJORITY).length;
      outputs.accept(ended(rows.size(), frequent, rows.size() - frequent, epochs, new long[0]));
    }
  }

  private void runMubo(Consumer<MuboOutput> outputs) {
    Mubo mubo = new Mubo(method.variant(), split.train(), network, seed);
    int[] epochs = {0};
    mubo.run(
        request.mostSteps(),
        step -> {
          epochs[0] += step.epochs();
          outputs.accept(tried(step));
        });
    int[] accepted = mubo.accepted();
    int[] rare = split.train().indices(LabelledRows.MINORITY);
    long[] lines = new long[accepted.length + rare.length];
    for (int i = 0; i < lines.length; i++) {
      int row = i < accepted.length ? accepted[i] : rare[i - accepted.length];
      lines[i] = split.trainLines()[row];
    }
    Arrays.sort(lines);
    outputs.accept(ended(lines.length, accepted.length, mubo.minorityRows(), epochs[0], lines));
  }

  private LabelledRows sampled() {
    LabelledRows train = split.train();
    return switch (method) {
      case WITHOUT_SAMPLING -> train;
      case UNDERSAMPLING -> new Smote(train, seed).undersampled();
      case SMOTE -> new Smote(train, seed).plain();
      case BORDERLINE_SMOTE -> new Smote(train, seed).borderline();
      case SVM_SMOTE -> new Smote(train, seed).atSupport(SupportVectors.ofRare(train, seed));
      default -> throw new IllegalStateException(method + " makes its training set as it trains");
    };
  }

  private MuboOutput tried(Mubo.Step step) {
    MuboScores scores = MuboScores.of(split.test(), network.predict(split.test()));
    return new MuboOutput(
        method.name(),
        run,
        step.number(),
        step.proposed(),
        step.majorityLoss(),
        step.bound(),
        step.accepted(),
        step.majorityRows(),
        step.epochs(),
        seconds(),
        scores.rarePrecision(),
        scores.frequentPrecision(),
        scores.rareRecall(),
        scores.frequentRecall(),
        Double.NaN,
        new long[0]);
  }

  /**
   * The end of the run.
   *
   * @param majorityRows in the training set
   * @param rareRows in the training set
   */
  private MuboOutput ended(int rows, int majorityRows, int rareRows, int epochs, long[] lines) {
    double[] p = network.predict(split.test());
    MuboScores scores = MuboScores.of(split.test(), p);
    double[] atShares = atShares(p, majorityRows, rareRows);
    return new MuboOutput(
        method.name(),
        run,
        0,
        rows,
        Double.NaN,
        Double.NaN,
        true,
        majorityRows,
        epochs,
        seconds(),
        scores.rarePrecision(),
        scores.frequentPrecision(),
        scores.rareRecall(),
        scores.frequentRecall(),
        MuboScores.of(split.test(), atShares).f1(),
        lines);
  }

  private double seconds() {
    return (System.nanoTime() - began) * NANOS;
  }

  /** Probabilities of the rare class at the data's shares, of those at the training set's. */
  private double[] atShares(double[] p, int majorityRows, int rareRows) {
    int rare = split.train().indices(LabelledRows.MINORITY).length;
    int frequent = split.train().size() - rare;
    double ratio = (double) rare / frequent * majorityRows / rareRows;
    double[] corrected = new double[p.length];
    for (int i = 0; i < p.length; i++) {
      corrected[i] = p[i] * ratio / (p[i] * ratio + 1 - p[i]);
    }
    return corrected;
  }
}
