package io.counterweight.embedded;

import java.util.Arrays;

/**
 * Who is compromised on a day: some are drawn each day, and stay compromised for a number of days.
 *
 * <p>The handbook's draws per day belong to its 10,000 terminals and 5,000 customers; here the same
 * share of the population is drawn, one at a time and evenly spaced where that is less than one a
 * day.
 */
final class Compromises {
  private final int[] candidates;
  private final double drawsPerDay;
  private final int duration;
  private final CounterRandom draws;
  private final int[] compromisedUntil;
  private int nextDay;

  /**
   * @param candidates who can be drawn
   * @param population bound of the candidates
   * @param dailyShare of the candidates, drawn each day
   * @param duration days that a compromise lasts
   * @param firstDay day of the first draws
   * @param draws who is drawn
   */
  Compromises(
      int[] candidates,
      int population,
      double dailyShare,
      int duration,
      int firstDay,
      CounterRandom draws) {
    this.candidates = candidates;
    this.drawsPerDay = dailyShare * candidates.length;
    this.duration = duration;
    this.draws = draws;
    compromisedUntil = new int[population];
    Arrays.fill(compromisedUntil, Integer.MIN_VALUE);
    nextDay = firstDay;
  }

  /** Makes the draws of all days up to and including this one. */
  void advance(int day) {
    for (; nextDay <= day; nextDay++) {
      long last = (long) Math.floor((nextDay + 1) * drawsPerDay);
      for (long draw = (long) Math.floor(nextDay * drawsPerDay); draw < last; draw++) {
        int drawn = candidates[draws.below(candidates.length, draw)];
        compromisedUntil[drawn] = nextDay + duration;
      }
    }
  }

  boolean isCompromised(int candidate, int day) {
    return day < compromisedUntil[candidate];
  }
}
