package io.counterweight.compute.cuda;

/**
 * One pass over one batch on the device: {@code Pass} of {@code layout.cuh}, and how its events are
 * cut into chunks.
 */
final class PassTable {
  static final int STRUCT_BYTES = 144;

  /** Where normalisation takes its statistics from; {@code Mode} of {@code layout.cuh}. */
  enum Mode {
    PREDICT,
    TRAIN,
    FOLD
  }

  private static final int SMALLEST_CHUNK = 64;

  /** More chunks fill no GPU better, and each costs a gradient. */
  private static final int MOST_CHUNKS = 128;

  final int events;
  final int stride;
  final int chunks;
  final int chunkSize;
  final Mode mode;

  long parameters;
  long direction;
  long statistics;
  long statisticsBefore;
  long x;
  long y;
  long weights;
  long masks;
  long activations;
  long batchStatistics;
  long gradient;
  long losses;
  long alignments;
  boolean moves;
  boolean counts;
  float weight;
  float penalty;

  /**
   * A pass.
   *
   * @param whole whether one block must see all events, for statistics of the batch. Otherwise
   *     chunks depend on the number of events alone, so that sums have one order in any company
   */
  PassTable(int events, Mode mode, boolean whole) {
    this.events = events;
    this.mode = mode;
    stride = (events + 15) / 16 * 16;
    int even = (events + MOST_CHUNKS - 1) / MOST_CHUNKS;
    chunkSize =
        whole
            ? events
            : Math.max(
                SMALLEST_CHUNK, (even + SMALLEST_CHUNK - 1) / SMALLEST_CHUNK * SMALLEST_CHUNK);
    chunks = (events + chunkSize - 1) / chunkSize;
  }

  /** A pass over the same batch, with the same arrays, that only folds it into the statistics. */
  PassTable folding() {
    PassTable other = new PassTable(events, Mode.FOLD, false);
    other.parameters = parameters;
    other.statistics = statistics;
    other.statisticsBefore = statisticsBefore;
    other.x = x;
    other.activations = activations;
    return other;
  }

  void write(StructWriter to) {
    to.pointer("parameters", parameters);
    to.pointer("direction", direction);
    to.pointer("statistics", statistics);
    to.pointer("statisticsBefore", statisticsBefore);
    to.pointer("x", x);
    to.pointer("y", y);
    to.pointer("weights", weights);
    to.pointer("masks", masks);
    to.pointer("activations", activations);
    to.pointer("batchStatistics", batchStatistics);
    to.pointer("gradient", gradient);
    to.pointer("losses", losses);
    to.pointer("alignments", alignments);
    to.word("n", events);
    to.word("stride", stride);
    to.word("chunks", chunks);
    to.word("chunkSize", chunkSize);
    to.word("mode", mode.ordinal());
    to.word("moves", moves);
    to.word("counts", counts);
    to.word("weight", weight);
    to.word("penalty", penalty);
    to.word("padding", 0);
  }
}
