package io.counterweight.report;

import io.counterweight.metric.Ranking;
import io.counterweight.metric.ScoredEvents;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What would have been found, had a share of the events been looked into, those of the highest
 * probability of class 1. Exact over the whole run.
 */
public final class AlertBudgets {
  private static final double[] SHARES = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2};
  private static final double CHOSEN = 0.01;
  private static final int POSITIVE = 1;

  private AlertBudgets() {}

  /**
   * The section {@code alerts}; null unless there are two classes, both occur and all is ranked.
   */
  public static Map<String, Object> values(ScoredEvents scored) {
    if (scored.classes() != 2) {
      return null;
    }
    Ranking ranking = scored.ranking(POSITIVE);
    if (ranking.isUndefined() || ranking.positives() == 0 || ranking.negatives() == 0) {
      return null;
    }
    List<Map<String, Object>> budgets = new ArrayList<>();
    for (double share : SHARES) {
      Ranking.Top top = top(ranking, share);
      Map<String, Object> budget = new LinkedHashMap<>();
      budget.put("share", share);
      budget.put("alerts", top.events());
      budget.put("hits", top.hits());
      budget.put("precision", Numbers.rounded((double) top.hits() / top.events()));
      budget.put("recall", Numbers.rounded((double) top.hits() / ranking.positives()));
      budget.put("threshold", Numbers.rounded(top.threshold()));
      budgets.add(budget);
    }
    Ranking.Top chosen = top(ranking, CHOSEN);
    long falseAlerts = chosen.events() - chosen.hits();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("positive", POSITIVE);
    values.put("budgets", budgets);
    values.put("chosen", CHOSEN);
    values.put(
        "confusion",
        List.of(
            List.of(ranking.negatives() - falseAlerts, falseAlerts),
            List.of(ranking.positives() - chosen.hits(), chosen.hits())));
    return values;
  }

  private static Ranking.Top top(Ranking ranking, double share) {
    long events = ranking.positives() + ranking.negatives();
    return ranking.top(Math.max(1, Math.round(share * events)));
  }
}
