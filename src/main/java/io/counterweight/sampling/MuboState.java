package io.counterweight.sampling;

/** What a MUBO lane remembers beside its model. Plain values. */
public final class MuboState {
  /** By class: all of the rare one, of the frequent one those that were accepted. */
  public final RowBuffer[] rows;

  /** Micro-samples accepted. */
  public long accepted;

  /** Micro-samples rejected. */
  public long rejected;

  /** Nothing seen yet. */
  public MuboState(int capacity) {
    this(new RowBuffer[] {new RowBuffer(capacity), new RowBuffer(capacity)}, 0, 0);
  }

  /** Takes ownership of the buffers. */
  public MuboState(RowBuffer[] rows, long accepted, long rejected) {
    this.rows = rows;
    this.accepted = accepted;
    this.rejected = rejected;
  }

  /** Fits the buffers to another capacity. */
  public void resize(int capacity) {
    for (int k = 0; k < rows.length; k++) {
      rows[k] = rows[k].resized(capacity);
    }
  }
}
