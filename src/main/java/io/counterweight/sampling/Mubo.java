package io.counterweight.sampling;

import io.counterweight.model.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Batch MUBO (paper, algorithm 1; SPEC 6): begins with all rows of the rare class and proposes
 * micro-samples of the frequent one. Each is trained on together with what was accepted before, and
 * accepted if the majority part of the mean loss does not rise. Used once; not thread-safe.
 */
public final class Mubo {
  /** Share of the training rows that {@code CORRECTED} holds out to measure on. */
  private static final double HELD_OUT = 0.2;

  /** Told of every micro-sample. */
  public interface Listener {
    void tried(Step step);
  }

  /**
   * A micro-sample.
   *
   * @param number from 1; the burn-in of the published code is number 1
   * @param proposed rows of the frequent class in it
   * @param majorityLoss J after training on it
   * @param bound what J was compared with
   * @param accepted whether it was accepted
   * @param majorityRows rows of the frequent class accepted so far
   * @param epochs it took to train
   */
  public record Step(
      int number,
      int proposed,
      double majorityLoss,
      double bound,
      boolean accepted,
      int majorityRows,
      int epochs) {}

  private final MuboVariant variant;
  private final LabelledRows rows;
  private final SoftmaxNetwork network;
  private final SeededRandom random;
  private final AcceptRule rule;

  /** Rows that are trained on; of {@code CORRECTED} a part of them. */
  private final int[] minority;

  private final LabelledRows heldOut;

  /** Rows of the frequent class not proposed yet, in the order in which they will be. */
  private final int[] proposals;

  private int nextProposal;
  private int acceptedSteps;
  private final List<Integer> accepted = new ArrayList<>();

  /**
   * A run.
   *
   * @param rows training rows, at least 2 of each class
   * @param network not trained yet; afterwards as the variant leaves it
   * @param seed of the proposals
   */
  public Mubo(MuboVariant variant, LabelledRows rows, SoftmaxNetwork network, long seed) {
    this.variant = variant;
    this.rows = rows;
    this.network = network;
    random = new SeededRandom(seed);
    rule =
        variant == MuboVariant.PUBLISHED_CODE
            ? AcceptRule.publishedCode()
            : AcceptRule.lastAccepted(AcceptRule.STARTING_LOSS);
    int[] rare = rows.indices(LabelledRows.MINORITY);
    int[] frequent = rows.indices(LabelledRows.MAJORITY);
    if (rare.length < 2 || frequent.length < 2) {
      throw new IllegalArgumentException(
          "There are "
              + rare.length
              + " and "
              + frequent.length
              + " rows of the classes, expected at least 2 of each");
    }
    Indices.shuffle(rare, random);
    Indices.shuffle(frequent, random);
    double share = variant == MuboVariant.CORRECTED ? HELD_OUT : 0;
    int heldRare = (int) Math.ceil(share * rare.length);
    int heldFrequent = (int) Math.ceil(share * frequent.length);
    heldOut =
        share == 0
            ? null
            : rows.select(
                Indices.joined(
                    Arrays.copyOf(rare, heldRare), Arrays.copyOf(frequent, heldFrequent)));
    minority = Arrays.copyOfRange(rare, heldRare, rare.length);
    proposals = Arrays.copyOfRange(frequent, heldFrequent, frequent.length);
  }

  /**
   * Tries micro-samples until there are none left, or as many as allowed.
   *
   * @param mostSteps micro-samples at most
   */
  public void run(int mostSteps, Listener listener) {
    for (int step = 1; step <= mostSteps; step++) {
      int[] microSample = propose(step);
      if (microSample.length == 0) {
        return;
      }
      listener.tried(attempt(step, microSample));
    }
  }

  private Step attempt(int number, int[] microSample) {
    SoftmaxNetwork.State before = network.save();
    LabelledRows current = currentSet(number, microSample);
    final int epochs = network.train(current);
    double loss = network.majorityLoss(heldOut == null ? current : heldOut);
    double bound = rule.bound();
    boolean isAccepted = rule.accepts(loss);
    if (isAccepted) {
      rule.accepted(loss);
      acceptedSteps++;
      Arrays.stream(microSample).forEach(accepted::add);
    } else if (variant != MuboVariant.PUBLISHED_CODE) {
      network.restore(before);
    }
    return new Step(number, microSample.length, loss, bound, isAccepted, accepted.size(), epochs);
  }

  /** Rare rows, accepted rows and the micro-sample. */
  private LabelledRows currentSet(int number, int[] microSample) {
    int[] rare = minority;
    if (variant == MuboVariant.PUBLISHED_CODE && number == 1) {
      int burnIn = Math.max(1, (int) Math.round(0.07 * minority.length));
      rare = Arrays.copyOf(minority, burnIn);
    }
    List<Integer> majority = new ArrayList<>(accepted);
    Arrays.stream(microSample).forEach(majority::add);
    return rows.select(Indices.joined(rare, majority.stream().mapToInt(i -> i).toArray()));
  }

  private int[] propose(int number) {
    int m = minority.length;
    if (variant == MuboVariant.PUBLISHED_CODE) {
      int[] drawn = new int[publishedSize(number, m)];
      for (int i = 0; i < drawn.length; i++) {
        drawn[i] = proposals[random.nextInt(proposals.length)];
      }
      return drawn;
    }
    boolean few = m + accepted.size() > 7 * m / 4.0;
    int size = (int) Math.ceil(m / (few ? 100.0 : 10.0));
    int to = Math.min(proposals.length, nextProposal + size);
    int[] next = Arrays.copyOfRange(proposals, nextProposal, to);
    nextProposal = to;
    return next;
  }

  private int publishedSize(int number, int m) {
    double share;
    if (number == 1) {
      share = 0.15;
    } else if (accepted.size() >= 1.5 * m) {
      share = 0.01;
    } else if (acceptedSteps >= 5) {
      share = 0.1;
    } else if (acceptedSteps >= 2) {
      share = 0.25;
    } else {
      share = 0.05;
    }
    return Math.max(1, (int) Math.round(share * m));
  }

  /** Rows of the rare class that are trained on. */
  public int minorityRows() {
    return minority.length;
  }

  /**
   * Indices of the rows of the frequent class that were accepted, in the order of acceptance; drawn
   * with replacement they may be there more than once.
   */
  public int[] accepted() {
    return accepted.stream().mapToInt(i -> i).toArray();
  }
}
