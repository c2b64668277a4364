package io.counterweight.serde;

/** Share of rejects among about the last {@value #WINDOW} records, forgetting exponentially. */
final class RejectRatio {
  static final int WINDOW = 1000;

  private long records;
  private double ratio;

  void record(boolean rejected) {
    records++;
    ratio += ((rejected ? 1 : 0) - ratio) / Math.min(records, WINDOW);
  }

  /** In [0, 1]; 0 before the first record. */
  double value() {
    return ratio;
  }
}
