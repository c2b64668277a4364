package io.counterweight.experiment;

import io.counterweight.embedded.Feed;
import io.counterweight.replay.FirstEvents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Runs a suite's cells, each a learner on a stream with a seed, on a pool of threads. What comes
 * out does not depend on how many there are, but for the speed.
 */
public final class Experiment {

  /** Told of each cell that is done, and after the last one of a stream of what is there so far. */
  public interface Progress {
    void done(int cells, int of, String cell);

    /** Results of whole streams only; called by the thread that runs the experiment. */
    default void streamDone(ExperimentResults soFar) {}
  }

  private record Cell(String stream, String name, long seed, Callable<Map<String, Row>> run) {}

  private static final String FOREIGN = "io.counterweight.experiment.MoaContestants";

  private final Suite suite;
  private final Path data;
  private final List<Contestants> contestants = new ArrayList<>();

  /**
   * An experiment.
   *
   * @param data folder of the data sets
   */
  public Experiment(Suite suite, Path data) {
    this.suite = suite;
    this.data = data;
    contestants.add(new OwnContestants());
    foreign().ifPresent(contestants::add);
  }

  /** Of the benchmarks' class path, where that is what runs. */
  private static Optional<Contestants> foreign() {
    try {
      return Optional.of(
          (Contestants) Class.forName(FOREIGN).getDeclaredConstructor().newInstance());
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(FOREIGN + " cannot be made", e);
    }
  }

  /** Runs everything. */
  public ExperimentResults run(int slots, Progress progress) throws InterruptedException {
    ExperimentResults results = new ExperimentResults(suite);
    ExecutorService pool = Executors.newFixedThreadPool(slots);
    try {
      List<Cell> cells = new ArrayList<>();
      for (StreamSpec stream : suite.streams()) {
        addCells(stream, cells, results);
      }
      List<Future<Map<String, Row>>> futures = new ArrayList<>();
      for (Cell cell : cells) {
        futures.add(pool.submit(cell.run));
      }
      for (int i = 0; i < cells.size(); i++) {
        collect(cells.get(i), futures.get(i), results);
        Cell cell = cells.get(i);
        progress.done(i + 1, cells.size(), cell.stream + ", " + cell.name + ", seed " + cell.seed);
        if (i + 1 == cells.size() || !cells.get(i + 1).stream.equals(cell.stream)) {
          progress.streamDone(results);
        }
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  /** Seed by seed, so that cells of the same events are neighbours. */
  private void addCells(StreamSpec stream, List<Cell> cells, ExperimentResults results) {
    Map<String, Contestants> peers = new LinkedHashMap<>();
    for (String peer : suite.peers()) {
      contestants.stream()
          .filter(c -> c.names().contains(peer))
          .findFirst()
          .ifPresentOrElse(
              maker -> peers.put(peer, maker),
              () -> results.note(peer + " is skipped: it runs with bin/benchmark experiment only"));
    }
    for (int s = 0; s < suite.seeds().size(); s++) {
      long seed = suite.seeds().get(s);
      boolean withPeers = s < suite.peerSeeds();
      SharedTrial shared =
          new SharedTrial(
              () -> trial(stream, seed), suite.arms().size() + (withPeers ? peers.size() : 0));
      for (Suite.Arm arm : suite.arms()) {
        cells.add(cell(stream, arm.name(), seed, shared, trial -> trial.engine(arm, seed)));
      }
      if (withPeers) {
        peers.forEach(
            (peer, maker) ->
                cells.add(
                    cell(
                        stream,
                        peer,
                        seed,
                        shared,
                        trial -> trial.contestant(peer, maker.open(peer, trial.feed(), seed)))));
      }
    }
  }

  private static Cell cell(
      StreamSpec stream,
      String name,
      long seed,
      SharedTrial shared,
      Function<Trial, Map<String, Row>> run) {
    return new Cell(stream.name(), name, seed, () -> shared.take().map(run).orElse(Map.of()));
  }

  private Optional<Trial> trial(StreamSpec stream, long seed) {
    return stream.open(data, seed).map(feed -> new Trial(capped(stream, feed), suite.half()));
  }

  private static Feed capped(StreamSpec stream, Feed feed) {
    boolean longer = stream.events() != null && feed.size() > stream.events();
    return longer ? new FirstEvents(feed, stream.events()) : feed;
  }

  private static void collect(Cell cell, Future<Map<String, Row>> future, ExperimentResults results)
      throws InterruptedException {
    try {
      Map<String, Row> rows = future.get();
      if (rows.isEmpty()) {
        results.note(cell.stream + " is skipped: its data is absent");
      }
      Map<String, Row> ordered = new LinkedHashMap<>(rows);
      ordered.forEach((name, row) -> results.add(cell.stream, name, cell.seed, row));
    } catch (ExecutionException e) {
      results.failed(cell.stream + ", " + cell.name + ", seed " + cell.seed + ": " + e.getCause());
    }
  }
}
