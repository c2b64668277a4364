package io.counterweight.bench;

/**
 * What one shape costs at one size of batch.
 *
 * @param shape the architecture, for people
 * @param batch events of a batch; the step takes as many trusted events besides
 * @param step seconds of a training step
 * @param stepFlops floating point operations per second in the step
 * @param predict seconds of a batched prediction
 * @param predictFlops floating point operations per second in the prediction
 */
public record ShapeResult(
    String shape, int batch, Timing step, double stepFlops, Timing predict, double predictFlops) {

  /** Times a workload, half of the seconds each. */
  static ShapeResult of(Shape shape, int batch, Workload workload, double seconds) {
    BlockTimer timer = new BlockTimer();
    Timing step = timer.time(workload::step, seconds / 2);
    Timing predict = timer.time(workload::predict, seconds / 2);
    return new ShapeResult(
        shape.description(),
        batch,
        step,
        workload.stepOperations() / step.seconds(),
        predict,
        workload.predictOperations() / predict.seconds());
  }

  double stepEventsPerSecond() {
    return batch / step.seconds();
  }

  double predictEventsPerSecond() {
    return batch / predict.seconds();
  }
}
