package io.counterweight.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Reports of format 1 with made-up numbers, the same for the same arguments: what the pages are
 * tried with.
 *
 * @param concepts 1 or more
 * @param classes 2 or more
 * @param keys 1 or more
 * @param drift whether the stream changed, and drifts were found
 */
record ReportData(int concepts, int classes, int keys, boolean drift) {
  static final List<String> LANES =
      List.of("uniform", "posterior", "by-concept", "swift", "mixture");

  private static final int EVENTS = 100_000;
  private static final int WINDOWS = 60;
  private static final long START = 1_767_225_600_000L;
  private static final long EVENT_MILLIS = 30_000;
  private static final int CHANGED_AT = 60_000;
  private static final String[] NAMES = {
    "place", "amount", "customer", "merchant", "device", "velocity", "time of day"
  };

  /** A run of which no event came. */
  static Map<String, Object> empty() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("format", 1);
    report.put("kind", "run");
    report.put("title", "replay of nothing.csv");
    report.put(
        "run",
        map(
            "data",
            "nothing.csv",
            "seed",
            1,
            "eventsRead",
            0,
            "trustedRead",
            0,
            "predictions",
            0,
            "weights",
            0,
            "rejects",
            0,
            "lanes",
            Map.of(),
            "suspects",
            0,
            "eventsPerSecond",
            null,
            "wallSeconds",
            1.5));
    report.put("classes", List.of("0", "1"));
    report.put("lanes", LANES);
    report.put("timeline", map("unit", "event", "windows", List.of(), "truth", "true labels"));
    report.put("drift", List.of());
    report.put("injectedDrift", null);
    report.put("weights", map("truthKnown", false, "curves", List.of(), "histogram", List.of()));
    report.put("calibration", map("of", "probability of class 1", "bins", List.of()));
    report.put("coverage", null);
    report.put("alerts", map("positive", 1, "budgets", List.of(), "confusion", null));
    report.put("confusion", List.of());
    report.put("concepts", map("names", List.of(), "importance", List.of(), "unit", "nats"));
    report.put("suspects", List.of());
    report.put("keys", map("total", 0, "rows", List.of()));
    report.put("models", List.of());
    return report;
  }

  /** A suite of two streams with four arms and three seeds. */
  static Map<String, Object> suite() {
    SplittableRandom random = new SplittableRandom(5);
    Map<String, Object> streams = new LinkedHashMap<>();
    for (String stream : List.of("payments, 40 % of frauds missed", "sea-abrupt")) {
      Map<String, Object> arms = new LinkedHashMap<>();
      double gain = 0;
      for (String arm : List.of("control", "posterior", "mixture", "oracle")) {
        Map<String, Object> seeds = new LinkedHashMap<>();
        for (int seed = 1; seed <= 3; seed++) {
          seeds.put(
              String.valueOf(seed),
              map(
                  "PR-AUC", 0.5 + gain + 0.02 * random.nextDouble(),
                  "G-mean", 0.7 + gain / 2 + 0.02 * random.nextDouble(),
                  "Brier", null,
                  "events/s", 21_000 + 1000 * random.nextDouble()));
        }
        arms.put(arm, seeds);
        gain += 0.04;
      }
      streams.put(stream, arms);
    }
    return map(
        "format",
        1,
        "kind",
        "suite",
        "title",
        "suite.yaml",
        "run",
        null,
        "suite",
        map(
            "half",
            "second",
            "streams",
            streams,
            "notes",
            List.of("Second half of each stream"),
            "failures",
            List.of("sea-abrupt, swift, seed 4: out of memory")));
  }

  Map<String, Object> report() {
    SplittableRandom random = new SplittableRandom(31L * concepts + 7L * classes + keys);
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("format", 1);
    report.put("kind", "run");
    report.put("title", "replay of payments.csv");
    report.put("run", run());
    report.put("classes", list(classes, String::valueOf));
    report.put("lanes", LANES);
    report.put("timeline", timeline(random));
    report.put("drift", drift ? drifts() : List.of());
    report.put("injectedDrift", drift ? CHANGED_AT : null);
    report.put("weights", weights(random));
    report.put("calibration", calibration(random));
    report.put("coverage", coverage(random));
    report.put("alerts", classes == 2 ? alerts() : null);
    report.put("confusion", confusion(random));
    report.put("concepts", concepts(random));
    report.put("suspects", suspects(random));
    report.put("keys", keys(random));
    report.put("models", List.of(model(random)));
    return report;
  }

  /** The same as the console gets it for one key. */
  Map<String, Object> live(String key) {
    Map<String, Object> report = report();
    report.put("kind", "live");
    report.put("title", key);
    report.put("run", null);
    Map<String, Object> timeline = new LinkedHashMap<>(object(report, "timeline"));
    timeline.put("unit", "time");
    timeline.put("prAuc", null);
    timeline.put("gMean", null);
    timeline.put("truth", "labels as received");
    report.put("timeline", timeline);
    Map<String, Object> weights = new LinkedHashMap<>(object(report, "weights"));
    weights.put("periods", null);
    weights.put(
        "curves",
        ((List<?>) weights.get("curves"))
            .stream()
                .map(curve -> new LinkedHashMap<>((Map<?, ?>) curve))
                .map(
                    curve ->
                        map(
                            "label",
                            curve.get("label"),
                            "periods",
                            ((List<?>) curve.get("periods")).subList(0, 1)))
                .toList());
    report.put("weights", weights);
    report.put("injectedDrift", null);
    report.put("keys", map("total", keys, "rows", List.of(key(0, key, new SplittableRandom(3)))));
    return report;
  }

  private Map<String, Object> run() {
    Map<String, Object> lanes = new LinkedHashMap<>();
    for (int l = 0; l < LANES.size(); l++) {
      lanes.put(
          LANES.get(l),
          map(
              "prAuc",
              0.52 + 0.031 * l,
              "rocAuc",
              0.9 + 0.011 * l,
              "gMean",
              0.8 + 0.021 * l,
              "macroF1",
              0.71 + 0.01 * l,
              "kappa",
              0.44 + 0.03 * l,
              "accuracy",
              0.97 + 0.002 * l,
              "brier",
              0.031 - 0.002 * l,
              "logLoss",
              0.12 - 0.007 * l,
              "ece",
              0.02 - 0.003 * l,
              "kappaNoChange",
              null));
    }
    return map(
        "data",
        "payments.csv",
        "noise",
        "40 % of label 1 become 0",
        "seed",
        1,
        "eventsRead",
        EVENTS,
        "trustedRead",
        2000,
        "predictions",
        EVENTS,
        "weights",
        EVENTS,
        "rejects",
        0,
        "lanes",
        lanes,
        "suspects",
        1893,
        "wrongLabels",
        1604,
        "wrongSuspects",
        1201,
        "meanWeight",
        map("wrong", 0.181, "right", 1.013),
        "wrongLabelAuc",
        map("0", 0.962, "1", null),
        "digest",
        "9f2c1d7e5a0b4c8899aabbccddeeff00112233445566778899aabbccddeeff00",
        "eventsPerSecond",
        21_437.5,
        "wallSeconds",
        6.7);
  }

  private Map<String, Object> timeline(SplittableRandom random) {
    List<Object> windows = new ArrayList<>();
    for (int w = 0; w < WINDOWS; w++) {
      int from = (int) ((long) EVENTS * w / WINDOWS);
      int to = (int) ((long) EVENTS * (w + 1) / WINDOWS);
      windows.add(
          map(
              "from",
              from,
              "to",
              to,
              "firstTime",
              START + from * EVENT_MILLIS,
              "lastTime",
              START + (to - 1) * EVENT_MILLIS,
              "events",
              to - from,
              "byClass",
              list(classes, c -> (to - from) / classes)));
    }
    Map<String, Object> prAuc = new LinkedHashMap<>();
    Map<String, Object> gMean = new LinkedHashMap<>();
    Map<String, Object> share = new LinkedHashMap<>();
    for (int l = 0; l < LANES.size(); l++) {
      int lane = l;
      prAuc.put(LANES.get(l), list(WINDOWS, w -> w == 3 ? null : quality(w, lane, random)));
      gMean.put(LANES.get(l), list(WINDOWS, w -> 0.2 + 0.9 * quality(w, lane, random)));
      if (l < LANES.size() - 1) {
        share.put(LANES.get(l), list(WINDOWS, w -> share(w, lane)));
      }
    }
    return map(
        "unit",
        "event",
        "windows",
        windows,
        "prAuc",
        prAuc,
        "gMean",
        gMean,
        "share",
        share,
        "truth",
        "true labels");
  }

  private double quality(int window, int lane, SplittableRandom random) {
    double grown = 1 - Math.exp(-window / 8.0);
    double lost = drift && window >= 36 ? 0.25 * Math.exp(-(window - 36) / 6.0) : 0;
    return 0.25 + (0.35 + 0.05 * lane) * grown - lost + 0.04 * random.nextDouble();
  }

  private static double share(int window, int lane) {
    double moved = window / (double) (WINDOWS - 1);
    double[] last = {0.06, 0.49, 0.33, 0.12};
    return 0.25 * (1 - moved) + last[lane] * moved;
  }

  private List<Object> drifts() {
    List<Object> drifts = new ArrayList<>();
    drifts.add(drift(31_200, "WARNING", "COVARIATE", "input.amount", 3.1, 3));
    drifts.add(drift(60_412, "WARNING", "CONCEPT", "trusted.loss", 4.2, 4));
    drifts.add(drift(60_990, "DRIFT", "CONCEPT", "trusted.loss", 9.7, 8));
    drifts.add(drift(66_000, "RECOVERING", "CONCEPT", "trusted.loss", 1.2, 8));
    drifts.add(drift(83_107, "DRIFT", "NOISE", "flips.1", 12.5, 8));
    return drifts;
  }

  private static Map<String, Object> drift(
      int index, String state, String kind, String signal, double statistic, double threshold) {
    long time = START + index * EVENT_MILLIS;
    return map(
        "index",
        index,
        "modelKey",
        "shop-0",
        "eventTime",
        time,
        "onset",
        time - 300 * EVENT_MILLIS,
        "state",
        state,
        "kind",
        kind,
        "signal",
        signal,
        "detector",
        "page-hinkley",
        "statistic",
        statistic,
        "threshold",
        threshold,
        "affected",
        List.of("class 1"));
  }

  private Map<String, Object> weights(SplittableRandom random) {
    List<Double> edges =
        new ArrayList<>(
            List.of(
                0., .01, .02, .05, .1, .15, .2, .3, .4, .6, .8, 1., 1.3, 1.6, 2., 2.5, 3., 4., 5.));
    int bins = edges.size();
    edges.add(null);
    List<Object> curves = new ArrayList<>();
    List<Object> histogram = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      int label = c;
      List<Object> periods = new ArrayList<>();
      for (int p = 0; p < 4; p++) {
        int period = p;
        List<Object> count =
            list(bins, b -> label > 0 && b < 2 ? 0 : (int) (9000 * Math.exp(-b / 3.0)) + b);
        periods.add(
            map(
                "count",
                count,
                "mean",
                list(
                    bins,
                    b ->
                        (Integer) count.get(b) == 0
                            ? null
                            : 1.15
                                - (label == 0 ? 0.017 * period * b : 0.004 * b)
                                + 0.02 * random.nextDouble())));
      }
      curves.add(map("label", c, "periods", periods));
      histogram.add(
          map(
              "label", c,
              "right", list(20, b -> (int) (4000 * Math.exp((b - 19) / 2.5))),
              "wrong", list(20, b -> label == 0 ? (int) (310 * Math.exp(-b / 4.0)) : 0)));
    }
    List<Object> periods = new ArrayList<>();
    for (int p = 0; p < 4; p++) {
      periods.add(map("from", p * 25_000, "to", (p + 1) * 25_000));
    }
    return map(
        "truthKnown",
        true,
        "lossEdges",
        edges,
        "periods",
        periods,
        "curves",
        curves,
        "edges",
        list(21, e -> e / 20.0),
        "histogram",
        histogram);
  }

  private static Map<String, Object> calibration(SplittableRandom random) {
    List<Object> bins = new ArrayList<>();
    for (int b = 0; b < 15; b++) {
      int count = b == 9 ? 0 : (int) (60_000 * Math.exp(-b)) + 20 * b;
      double predicted = (b + 0.5) / 15;
      bins.add(
          map(
              "from",
              b / 15.0,
              "to",
              (b + 1) / 15.0,
              "count",
              count,
              "predicted",
              count == 0 ? null : predicted,
              "observed",
              count == 0 ? null : Math.min(1, predicted * 0.9 + 0.08 * random.nextDouble())));
    }
    return map("of", "probability of class 1", "bins", bins);
  }

  private Map<String, Object> coverage(SplittableRandom random) {
    List<Object> byClass = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      int of = c == 0 ? 1500 : 160;
      byClass.add(
          map(
              "label", c,
              "held", list(WINDOWS, w -> of - random.nextInt(of / 20, of / 6)),
              "of", list(WINDOWS, w -> of)));
    }
    return map(
        "level",
        0.9,
        "byClass",
        byClass,
        "setSize",
        list(WINDOWS, w -> 1 + 0.3 * Math.exp(-w / 20.0) + 0.02 * random.nextDouble()));
  }

  private static Map<String, Object> alerts() {
    double[] shares = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05};
    int[] hits = {93, 181, 430, 780, 1290, 2210};
    List<Object> budgets = new ArrayList<>();
    for (int b = 0; b < shares.length; b++) {
      int alerts = (int) (shares[b] * EVENTS);
      budgets.add(
          map(
              "share",
              shares[b],
              "alerts",
              alerts,
              "hits",
              hits[b],
              "precision",
              hits[b] / (double) alerts,
              "recall",
              hits[b] / 3000.0,
              "threshold",
              0.98 - 0.15 * b));
    }
    return map(
        "positive",
        1,
        "budgets",
        budgets,
        "chosen",
        0.01,
        "confusion",
        List.of(List.of(96_780, 220), List.of(2220, 780)));
  }

  private List<Object> confusion(SplittableRandom random) {
    return list(
        classes,
        r -> list(classes, c -> r == c ? 9000 / (r + 1) : random.nextInt(20, 900 / (r + 1))));
  }

  private String conceptName(int c) {
    return c < NAMES.length ? NAMES[c] : "concept of group " + c;
  }

  private List<Object> featuresOf(int concept) {
    return concept % 3 == 2
        ? List.of("feature_" + concept)
        : List.of("feature_" + concept + "_a", "feature_" + concept + "_b");
  }

  private Map<String, Object> concepts(SplittableRandom random) {
    return map(
        "names", list(concepts, this::conceptName),
        "features", list(concepts, this::featuresOf),
        "importance",
            list(
                concepts,
                c ->
                    list(
                        WINDOWS,
                        w ->
                            0.9 / (1 + c) * (0.6 + 0.4 * w / WINDOWS)
                                + 0.03 * random.nextDouble())),
        "unit", "nats");
  }

  private List<Object> suspects(SplittableRandom random) {
    return list(
        200,
        s -> {
          List<Object> reasons = new ArrayList<>();
          for (int c = 0; c < Math.min(3, concepts); c++) {
            reasons.add(List.of(conceptName(c), 2.4 * random.nextDouble() - 0.7));
          }
          if (concepts > 3) {
            reasons.add(List.of("(others)", -0.2 * random.nextDouble()));
          }
          double belief = 0.02 + s * 0.002;
          return map(
              "eventId",
              "tx-" + (10_000 + 37 * s),
              "modelKey",
              "shop-" + s % Math.min(keys, 40),
              "eventTime",
              START + 500L * s * EVENT_MILLIS,
              "label",
              0,
              "belief",
              belief,
              "weight",
              belief * 1.2,
              "loss",
              4 - s * 0.01,
              "probability",
              0.98 - s * 0.001,
              "predicted",
              1,
              "trueLabel",
              s % 5 == 4 ? 0 : 1,
              "reasons",
              reasons);
        });
  }

  private Map<String, Object> keys(SplittableRandom random) {
    return map(
        "total", keys, "rows", list(Math.min(keys, 10_000), k -> key(k, "shop-" + k, random)));
  }

  /** The keys in the short form: names of the fields once, rows as arrays. */
  Map<String, Object> keysAsArrays() {
    SplittableRandom random = new SplittableRandom(17);
    return map(
        "total",
        keys,
        "fields",
        List.copyOf(key(0, "", random).keySet()),
        "rows",
        list(keys, k -> List.copyOf(key(k, "shop-" + k, random).values())));
  }

  Map<String, Object> key(int index, String name, SplittableRandom random) {
    int events = Math.max(3, EVENTS / (index + 2));
    return map(
        "key",
        name,
        "events",
        events,
        "labelled",
        events * 9 / 10,
        "suspects",
        events * random.nextInt(10, 30) / 1000,
        "meanWeight",
        0.9 + 0.2 * random.nextDouble(),
        "drifts",
        index % 7 == 0 ? 2 : 0,
        "driftState",
        index % 7 == 0 ? "RECOVERING" : "STABLE",
        "driftKind",
        index % 7 == 0 ? "CONCEPT" : "NONE",
        "version",
        events / 32,
        "lastTime",
        START + (EVENTS - index) * EVENT_MILLIS);
  }

  private Map<String, Object> model(SplittableRandom random) {
    int kept = Math.max(1, concepts - concepts / 5);
    int lines = classes == 2 ? 1 : classes;
    List<Object> lanes = new ArrayList<>();
    for (int l = 0; l < LANES.size() - 1; l++) {
      int lane = l;
      List<Object> shapes =
          list(
              kept,
              c -> {
                List<Object> z = list(41, i -> -2 + i * 0.1);
                List<Object> effect =
                    list(
                        lines,
                        line ->
                            list(
                                41,
                                i ->
                                    (1.8 - 0.2 * lane)
                                        / (1 + 0.4 * c)
                                        * Math.tanh(-2 + i * 0.1 + 0.3 * line)
                                        * (line % 2 == 0 ? 1 : -0.6)));
                List<Object> density =
                    list(30, b -> (int) (800 * Math.exp(-Math.pow((b - 14.5) / 7, 2))));
                List<Object> edges = list(31, e -> -2 + e * 4 / 30.0);
                Object byFeature =
                    c % 3 == 2
                        ? map(
                            "feature",
                            "feature_" + c,
                            "x",
                            list(41, i -> i * 25.0),
                            "effect",
                            effect,
                            "density",
                            density,
                            "densityEdges",
                            list(31, e -> e * 1000 / 30.0))
                        : null;
                return map(
                    "name",
                    conceptName(c),
                    "features",
                    featuresOf(c),
                    "z",
                    z,
                    "effect",
                    effect,
                    "density",
                    density,
                    "densityEdges",
                    edges,
                    "byFeature",
                    byFeature);
              });
      List<Object> pairs = l == 1 && concepts > 1 ? pairs(random) : List.of();
      lanes.add(
          map(
              "name",
              LANES.get(l),
              "share",
              share(WINDOWS - 1, l),
              "removed",
              list(concepts - kept, c -> conceptName(kept + c)),
              "concepts",
              shapes,
              "pairs",
              pairs));
    }
    return map(
        "key",
        "shop-0",
        "version",
        3125,
        "trainedUntil",
        START + EVENTS * EVENT_MILLIS,
        "bytes",
        812_344,
        "sample",
        512,
        "sampleOf",
        "the trusted events kept",
        "classes",
        classes,
        "order",
        2,
        "lanes",
        lanes);
  }

  private List<Object> pairs(SplittableRandom random) {
    List<Object> pairs = new ArrayList<>();
    for (int a = 0; a < concepts && pairs.size() < 12; a++) {
      for (int b = a + 1; b < concepts && pairs.size() < 12; b++) {
        double size = 0.5 / (1 + pairs.size()) + 0.1 * random.nextDouble();
        pairs.add(
            map(
                "a",
                conceptName(a),
                "b",
                conceptName(b),
                "zA",
                list(15, i -> -2 + i * 2 / 7.0),
                "zB",
                list(15, i -> -1.5 + i * 1.5 / 7),
                "effect",
                list(
                    15,
                    i ->
                        list(15, j -> size * Math.sin((i - 7) / 3.0) * Math.tanh((j - 6) / 4.0)))));
      }
    }
    return pairs;
  }

  /** Names and values in turn; a value may be null. */
  static Map<String, Object> map(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int p = 0; p < pairs.length; p += 2) {
      map.put((String) pairs[p], pairs[p + 1]);
    }
    return map;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> object(Map<String, Object> parent, String name) {
    return (Map<String, Object>) parent.get(name);
  }

  static List<Object> list(int size, IntFunction<Object> value) {
    List<Object> list = new ArrayList<>(size);
    IntStream.range(0, size).forEach(i -> list.add(value.apply(i)));
    return list;
  }
}
