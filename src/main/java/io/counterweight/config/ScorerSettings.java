package io.counterweight.config;

import java.time.Duration;

/**
 * How published models are taken over by the scorer.
 *
 * @param tolerance in nats, by which a new model's loss on its trusted events may be above that of
 *     the running one
 * @param patience for which an event waits for the first model of its key
 * @param mostWaiting events of a subtask that wait at most
 * @param cacheBytes heap of a subtask for decoded models
 * @param flushEvery longest time for which an event or a score waits for others on its way between
 *     tasks
 */
public record ScorerSettings(
    double tolerance, Duration patience, int mostWaiting, long cacheBytes, Duration flushEvery) {}
