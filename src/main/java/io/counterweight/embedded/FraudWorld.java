package io.counterweight.embedded;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Who pays where: customers and terminals scattered over a square of {@value #SIDE} by {@value
 * #SIDE}.
 *
 * <p>The size follows from the number of events to come: the world makes a ninetieth of them a day,
 * but {@value #LEAST_DAILY_PAYMENTS} at least (a short stream covers fewer days) and {@value
 * #MOST_DAILY_PAYMENTS} at most (a long one more), so that memory is bounded. There are two
 * terminals a customer, and the radius in which a customer shops is 5 for 10,000 terminals and
 * wider where they are fewer, so that about 78 terminals are in reach at any size.
 */
final class FraudWorld {
  static final int SIDE = 100;
  private static final int USUAL_DAYS = 90;
  private static final int LEAST_DAILY_PAYMENTS = 500;
  private static final int MOST_DAILY_PAYMENTS = 20_000;

  /** Two payments a day on average, less the 3 % that fall outside the day and are dropped. */
  private static final double PAYMENTS_PER_CUSTOMER = 1.94;

  /** Mean of a customer's amounts, in currency units; their standard deviation is half of it. */
  final double[] meanAmount;

  /** Mean number of a customer's payments a day, in [0, 4]. */
  final double[] paymentsPerDay;

  /** The terminals in reach of each customer, at least one. */
  final int[][] reach;

  /** The terminals that somebody can reach, ascending. */
  final int[] usedTerminals;

  final int terminals;

  FraudWorld(long events, CounterRandom seed) {
    double daily =
        Math.max(LEAST_DAILY_PAYMENTS, Math.min(MOST_DAILY_PAYMENTS, (double) events / USUAL_DAYS));
    int customers = (int) Math.round(daily / PAYMENTS_PER_CUSTOMER);
    terminals = 2 * customers;
    Random random = seed.generator(0);
    meanAmount = new double[customers];
    paymentsPerDay = new double[customers];
    double[][] homes = new double[customers][];
    for (int c = 0; c < customers; c++) {
      homes[c] = point(random);
      meanAmount[c] = 5 + 95 * random.nextDouble();
      paymentsPerDay[c] = 4 * random.nextDouble();
    }
    double[][] places = new double[terminals][];
    for (int t = 0; t < terminals; t++) {
      places[t] = point(random);
    }
    reach = reach(homes, places, 5 * Math.sqrt(10_000.0 / terminals));
    usedTerminals = Arrays.stream(reach).flatMapToInt(Arrays::stream).distinct().sorted().toArray();
  }

  int customers() {
    return meanAmount.length;
  }

  private static double[] point(Random random) {
    return new double[] {SIDE * random.nextDouble(), SIDE * random.nextDouble()};
  }

  /** Looks only into the grid cells, as wide as the radius, around each customer. */
  private static int[][] reach(double[][] homes, double[][] places, double radius) {
    int cells = Math.max(1, (int) (SIDE / radius));
    List<List<Integer>> grid = new ArrayList<>();
    for (int i = 0; i < cells * cells; i++) {
      grid.add(new ArrayList<>());
    }
    for (int t = 0; t < places.length; t++) {
      grid.get(cell(places[t][0], cells) * cells + cell(places[t][1], cells)).add(t);
    }
    int[][] reach = new int[homes.length][];
    for (int c = 0; c < homes.length; c++) {
      int row = cell(homes[c][0], cells);
      int column = cell(homes[c][1], cells);
      List<Integer> near = new ArrayList<>();
      for (int i = Math.max(0, row - 1); i <= Math.min(cells - 1, row + 1); i++) {
        for (int j = Math.max(0, column - 1); j <= Math.min(cells - 1, column + 1); j++) {
          for (int t : grid.get(i * cells + j)) {
            if (distance(homes[c], places[t]) < radius) {
              near.add(t);
            }
          }
        }
      }
      reach[c] = near.stream().mapToInt(Integer::intValue).sorted().toArray();
      if (reach[c].length == 0) {
        reach[c] = new int[] {c % places.length};
      }
    }
    return reach;
  }

  private static int cell(double coordinate, int cells) {
    return Math.min(cells - 1, (int) (coordinate / SIDE * cells));
  }

  private static double distance(double[] a, double[] b) {
    double x = a[0] - b[0];
    double y = a[1] - b[1];
    return Math.sqrt(x * x + y * y);
  }
}
