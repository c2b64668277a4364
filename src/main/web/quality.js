// What was run and how good it was: header, lanes, calibration, coverage, alerts, confusion.
import { html, useState } from "cw/html";
import { brief, count, duration, known, number, percent, plural } from "cw/format";
import { Chooser, Figure, Section } from "cw/figure";
import { Lines, extent, shade } from "cw/charts";
import { Plot } from "cw/plot";
import { ScrollBox, Table } from "cw/table";
import { LONE, look } from "cw/series";
import { suiteSummary } from "cw/suite";
import { driftTotals, kindName, windowAxis } from "cw/timeline";

const KNOWN_RUN = new Set([
  "seed", "eventsRead", "trustedRead", "predictions", "weights", "rejects", "lanes", "suspects", "wrongLabels",
  "wrongSuspects", "meanWeight", "wrongLabelAuc", "digest", "eventsPerSecond", "wallSeconds",
]);

const METRICS = [
  ["prAuc", "PR-AUC", true],
  ["rocAuc", "ROC-AUC", true],
  ["gMean", "G-mean", true],
  ["macroF1", "macro F1", true],
  ["kappa", "kappa", true],
  ["accuracy", "accuracy", true],
  ["kappaNoChange", "kappa, no change", true],
  ["brier", "Brier", false],
  ["logLoss", "log loss, nats", false],
  ["ece", "calibration error", false],
];

const labelName = (report, label) => (report.classes && report.classes[label] !== undefined ? report.classes[label] : String(label));

/** What the run came to, in a few sentences. */
export function summary(report) {
  const run = report.run || {};
  const sentences = [];
  if (run.eventsRead === 0) {
    return ["No event was read."];
  }
  if (known(run.eventsRead)) {
    sentences.push(`${plural(run.eventsRead, "event")} of ${plural((report.classes || []).length, "class", "classes")} were predicted, then learned from.`);
  }
  const lanes = run.lanes || {};
  const names = Object.keys(lanes);
  if (lanes.mixture && known(lanes.mixture.prAuc)) {
    const control = names.find((name) => name !== "mixture" && known(lanes[name].prAuc));
    sentences.push(
      `The mixture of lanes reached a PR-AUC of ${number(lanes.mixture.prAuc)}${
        control ? `, the lane ${control} alone ${number(lanes[control].prAuc)}` : ""
      }.`,
    );
  }
  if (known(run.suspects)) {
    const wrong = known(run.wrongLabels)
      ? `: ${count(run.wrongSuspects)} of the ${count(run.wrongLabels)} labels that are really wrong are among them`
      : "";
    sentences.push(`${plural(run.suspects, "label was", "labels were")} marked as suspect${wrong}.`);
  }
  const drifts = (report.drift || []).filter((event) => event.state === "DRIFT");
  const totals = report.drift ? driftTotals(report) : null;
  if (known(report.injectedDrift) && totals && totals.changes > report.drift.length) {
    sentences.push(`The stream changed at event ${count(report.injectedDrift)}. ${plural(totals.drifts, "drift was", "drifts were")} found, over all keys.`);
  } else if (known(report.injectedDrift)) {
    const first = drifts.find((event) => known(event.index) && event.index >= report.injectedDrift);
    sentences.push(
      first
        ? `The stream changed at event ${count(report.injectedDrift)}; the first drift after it (${kindName(first.kind)}) was found ${plural(first.index - report.injectedDrift, "event")} later.`
        : `The stream changed at event ${count(report.injectedDrift)}, and no drift was found after it.`,
    );
  } else if (report.drift) {
    sentences.push(totals.drifts === 0 ? "No drift was found." : `${plural(totals.drifts, "drift was", "drifts were")} found.`);
  }
  return sentences;
}

const KINDS = { run: "Run", snapshot: "Models", suite: "Experiment", live: "Live" };

export function Header({ report }) {
  const run = report.run || {};
  const facts = [
    ["events", run.eventsRead, count],
    ["trusted", run.trustedRead, count],
    ["predictions", run.predictions, count],
    ["weights", run.weights, count],
    ["suspects", run.suspects, count],
    ["rejects", run.rejects, count],
    ["keys", report.keys && report.keys.total, count],
    ["events/s", run.eventsPerSecond, count],
    ["time", run.wallSeconds, duration],
    ["seed", run.seed, String],
  ].filter(([, value]) => known(value));
  const about = Object.entries(run).filter(([name, value]) => !KNOWN_RUN.has(name) && typeof value !== "object");
  return html`<header class="top">
    <p class="kind">Counterweight · ${KINDS[report.kind] || report.kind}</p>
    <h1>${report.title || "Report"}</h1>
    <p class="summary">${(report.kind === "suite" ? suiteSummary(report.suite) : summary(report)).join(" ")}</p>
    <dl class="facts">
      ${facts.map(
        ([name, value, format]) => html`<div data-fact=${name}><dt>${name}</dt><dd>${format(value)}</dd></div>`,
      )}
    </dl>
    ${(about.length > 0 || run.digest) &&
    html`<dl class="about">
      ${about.map(([name, value]) => html`<div><dt>${name}</dt><dd>${String(value)}</dd></div>`)}
      ${run.digest && html`<div><dt>digest</dt><dd class="digest">${run.digest}</dd></div>`}
    </dl>`}
  </header>`;
}

/** Means and spreads where the report is of the first of several runs. */
function Runs({ report }) {
  const lanes = report.summary && report.summary.lanes;
  if (!lanes) {
    return null;
  }
  const rows = Object.entries(lanes).map(([lane, quality]) => ({ lane, quality }));
  const used = METRICS.filter(([name]) => rows.some((row) => row.quality[name] && known(row.quality[name].mean)));
  const columns = [
    { name: "lane", label: "lane", row: true, value: (row) => row.lane, cell: (row) => row.lane },
    ...used.map(([name, label]) => ({
      name,
      label,
      numeric: true,
      value: (row) => row.quality[name].mean,
      cell: (row) => `${number(row.quality[name].mean)} ± ${number(row.quality[name].standardDeviation)}`,
    })),
  ];
  return html`<h3>All ${count(report.runs)} runs</h3>
    <p class="note">Mean ± standard deviation; everything else on this page is of the first run.</p>
    <${Table} caption="Quality of each lane over all runs" columns=${columns} rows=${rows} what="lanes of all runs" mark=${(row) => (row.lane === "mixture" ? "main" : "")} />`;
}

export function LanesSection({ report }) {
  const lanes = report.run && report.run.lanes;
  if (!lanes) {
    return null;
  }
  const rows = Object.entries(lanes).map(([lane, quality]) => ({ lane, ...quality }));
  if (rows.length === 0) {
    return html`<${Section} id="lanes" title="Lanes"><p class="empty">No lane was judged: there are no labels to judge by.</p><//>`;
  }
  const used = METRICS.filter(([name]) => rows.some((row) => known(row[name])));
  const best = Object.fromEntries(
    used.map(([name, , high]) => [name, (high ? d3.max : d3.min)(rows.filter((row) => row.lane !== "mixture" || rows.length > 1), (row) => row[name])]),
  );
  const columns = [
    { name: "lane", label: "lane", row: true, value: (row) => row.lane, cell: (row) => row.lane },
    ...used.map(([name, label, high]) => ({
      name,
      label,
      numeric: true,
      title: high ? "higher is better" : "lower is better",
      value: (row) => row[name],
      cell: (row) =>
        rows.length > 1 && known(row[name]) && row[name] === best[name]
          ? html`<strong title="best">${number(row[name])}</strong>`
          : number(row[name]),
    })),
  ];
  return html`<${Section}
    id="lanes"
    title="Lanes"
    lead="Each lane is one policy of weighting labels, learned side by side; the mixture follows those with the lower trusted loss. The best number of a column is bold. Brier, log loss and calibration error: lower is better."
  >
    <${Table} caption="Quality of each lane" columns=${columns} rows=${rows} what="lanes" mark=${(row) => (row.lane === "mixture" ? "main" : "")} />
    <${Runs} report=${report} />
  <//>`;
}

export function CalibrationSection({ report }) {
  const calibration = report.calibration;
  if (!calibration) {
    return null;
  }
  const bins = (calibration.bins || []).filter((bin) => bin.count > 0 && known(bin.predicted) && known(bin.observed));
  const most = d3.max(bins, (bin) => bin.count);
  const radius = d3.scaleSqrt([0, most || 1], [2, 9]);
  return html`<${Figure}
    name="calibration"
    title=${`Calibration: ${calibration.of}`}
    note="Observed share against the mean prediction of each bin; on the diagonal predictions mean what they say. The larger a dot, the more events."
    empty=${bins.length === 0 && "No bin has events."}
    numbers=${() => ({
      columns: ["bin", "events", "predicted", "observed"],
      rows: bins.map((bin) => [`${brief(bin.from)} to ${brief(bin.to)}`, count(bin.count), number(bin.predicted), number(bin.observed)]),
    })}
    draw=${(width) =>
      html`<${Plot}
        width=${Math.min(width, 460)}
        height=${Math.min(width, 460) * 0.72}
        x=${d3.scaleLinear([0, 1], [0, 1])}
        y=${d3.scaleLinear([0, 1], [0, 1])}
        xLabel="mean prediction"
        yLabel="observed share"
        label=${`Calibration in ${bins.length} bins`}
        nearest="both"
        stops=${(sx, sy) =>
          bins.map((bin) => ({
            x: sx(bin.predicted),
            y: sy(bin.observed),
            text: [`predicted ${number(bin.predicted)}`, `observed ${number(bin.observed)}`, plural(bin.count, "event")],
          }))}
      >
        ${(sx, sy) =>
          html`<line class="level" x1=${sx(0)} y1=${sy(0)} x2=${sx(1)} y2=${sy(1)} />
            ${bins.map(
              (bin) =>
                html`<circle
                  class="bin"
                  cx=${sx(bin.predicted)}
                  cy=${sy(bin.observed)}
                  r=${radius(bin.count)}
                  data-x=${bin.predicted}
                  data-value=${bin.observed}
                  data-count=${bin.count}
                />`,
            )}`}
      <//>`}
  />`;
}

export function CoverageFigures({ report }) {
  const coverage = report.coverage;
  const windows = report.timeline && report.timeline.windows;
  if (!coverage || !windows || windows.length === 0) {
    return null;
  }
  const axis = windowAxis(report.timeline);
  const series = (coverage.byClass || []).map((one) => ({
    name: `class ${labelName(report, one.label)}`,
    values: one.of.map((of, i) => (of > 0 ? one.held[i] / of : null)),
    more: (i) => ` (${count(one.held[i])} of ${count(one.of[i])})`,
    look: look(one.label),
  }));
  const sizes = coverage.setSize || [];
  const lines = series.some((one) => one.values.some(known));
  return html`<${Figure}
      name="coverage"
      wide=${series.length > 3}
      title="Coverage of the prediction sets"
      note=${`Share of the events of each class whose set holds it; the level is ${percent(coverage.level)}.`}
      empty=${!lines && "No set could be judged: no labels."}
      numbers=${() => ({
        columns: ["window", ...series.flatMap((one) => [one.name, "held of"])],
        rows: axis.at.map((_, i) => [axis.say(i), ...series.flatMap((one) => [number(one.values[i]), one.more(i).trim()])]),
      })}
      draw=${(width) => {
        const domain = extent([...series.flatMap((one) => one.values), coverage.level, 1], { low: 0, high: 1 });
        const lines = (some, each, height) =>
          html`<${Lines}
            key=${some[0].name}
            width=${each}
            height=${height}
            axis=${axis}
            series=${some}
            yLabel="coverage"
            domain=${domain}
            level=${{ value: coverage.level, name: "level" }}
            label=${`Coverage of ${some.map((one) => one.name).join(", ")} against the level ${coverage.level}`}
          />`;
        // More than three lines that all cross the level are a thicket: a chart each.
        const columns = Math.max(1, Math.floor(width / 250));
        return series.length <= 3
          ? lines(series, width, 200)
          : html`<div class="grid-of" style=${`--columns:${columns}`}>
              ${series.map((one) => lines([one], Math.floor((width - 20 * (columns - 1)) / columns), 120))}
            </div>`;
      }}
    />
    ${sizes.some(known) &&
    html`<${Figure}
      name="set-size"
      title="Size of the prediction sets"
      note="Mean number of classes in a set; 1 is certain, 0 means unlike every class."
      numbers=${() => ({ columns: ["window", "mean size"], rows: axis.at.map((_, i) => [axis.say(i), number(sizes[i])]) })}
      draw=${(width) =>
        html`<${Lines}
          width=${width}
          axis=${axis}
          series=${[{ name: "classes", values: sizes, look: LONE }]}
          yLabel="classes in a set"
          label="Mean size of the prediction sets"
        />`}
    />`}`;
}

export function JudgementSection({ report }) {
  if (!report.calibration && !report.coverage) {
    return null;
  }
  return html`<${Section} id="calibration" title="Calibration and prediction sets">
    <div class="figures">
      <${CalibrationSection} report=${report} />
      <${CoverageFigures} report=${report} />
    </div>
  <//>`;
}

/** The four counts of a budget, from those of the chosen one: totals do not depend on the budget. */
export function confusionAt(alerts, budget) {
  const [[trueNegatives, falseAlerts], [missed, hits]] = alerts.confusion;
  const positives = missed + hits;
  const negatives = trueNegatives + falseAlerts;
  const wrong = budget.alerts - budget.hits;
  return [
    [negatives - wrong, wrong],
    [positives - budget.hits, budget.hits],
  ];
}

export function AlertsSection({ report }) {
  const alerts = report.alerts;
  const [share, setShare] = useState(alerts ? alerts.chosen : null);
  if (!alerts) {
    return null;
  }
  const budgets = alerts.budgets || [];
  if (budgets.length === 0) {
    return html`<${Section} id="alerts" title="Alerts"><p class="empty">No event to alert on.</p><//>`;
  }
  const positive = labelName(report, alerts.positive);
  const chosen = budgets.find((budget) => budget.share === share) || budgets[0];
  const table = alerts.confusion ? confusionAt(alerts, chosen) : null;
  const columns = [
    { name: "share", label: "budget", numeric: true, value: (b) => b.share, cell: (b) => percent(b.share) },
    { name: "alerts", label: "alerts", numeric: true, value: (b) => b.alerts, cell: (b) => count(b.alerts) },
    { name: "hits", label: "hits", numeric: true, value: (b) => b.hits, cell: (b) => count(b.hits) },
    { name: "precision", label: "precision", numeric: true, value: (b) => b.precision, cell: (b) => number(b.precision) },
    { name: "recall", label: "recall", numeric: true, value: (b) => b.recall, cell: (b) => number(b.recall) },
    { name: "threshold", label: "probability from", numeric: true, value: (b) => b.threshold, cell: (b) => number(b.threshold, 4) },
  ];
  return html`<${Section}
    id="alerts"
    title="Alerts"
    lead=${`What someone finds who can look into so many events only, those with the highest probability of class ${positive} first.`}
  >
    <div class="columns">
      <div>
        <${Chooser}
          label="Budget"
          value=${String(chosen.share)}
          options=${budgets.map((budget) => ({ value: String(budget.share), label: `${percent(budget.share)} of the events` }))}
          onChange=${(value) => setShare(Number(value))}
        />
        <p class="answer">
          ${plural(chosen.alerts, "alert")}, ${count(chosen.hits)} of them right (${percent(chosen.precision)}): ${percent(chosen.recall)} of
          all of class ${positive}.
        </p>
        ${table &&
        html`<${ScrollBox} label="Confusion at the budget">
          <table class="matrix" data-figure="alert-confusion">
            <caption>Events at this budget</caption>
            <thead>
              <tr><th scope="col">truly</th><th scope="col" class="numeric">no alert</th><th scope="col" class="numeric">alert</th></tr>
            </thead>
            <tbody>
              ${table.map(
                (row, r) =>
                  html`<tr>
                    <th scope="row">${r === 0 ? `not ${positive}` : positive}</th>
                    ${row.map((n) => html`<td class="numeric" data-value=${n}>${count(n)}</td>`)}
                  </tr>`,
              )}
            </tbody>
          </table>
        <//>`}
      </div>
      <div>
        <${Table}
          caption="All budgets"
          columns=${columns}
          rows=${budgets}
          what="budgets"
          mark=${(budget) => (budget === chosen ? "main" : "")}
        />
      </div>
    </div>
  <//>`;
}

export function ConfusionSection({ report }) {
  const matrix = report.confusion;
  if (!matrix || matrix.length === 0) {
    return null;
  }
  const sums = matrix.map((row) => d3.sum(row));
  if (d3.sum(sums) === 0) {
    return html`<${Section} id="confusion" title="Predicted and true classes"><p class="empty">No predicted event has a label.</p><//>`;
  }
  return html`<${Section}
    id="confusion"
    title="Predicted and true classes"
    lead="Rows are true classes, columns predicted ones; the shade is the share of the row."
  >
    <${ScrollBox} label="Confusion of all classes">
      <table class="matrix shaded" data-figure="confusion">
        <caption class="unseen">Events by true class (rows) and predicted class (columns)</caption>
        <thead>
          <tr>
            <th scope="col">true \\ predicted</th>
            ${matrix.map((_, c) => html`<th scope="col" class="numeric">${labelName(report, c)}</th>`)}
            <th scope="col" class="numeric">events</th>
            <th scope="col" class="numeric">recall</th>
          </tr>
        </thead>
        <tbody>
          ${matrix.map(
            (row, r) =>
              html`<tr>
                <th scope="row">${labelName(report, r)}</th>
                ${row.map(
                  (n, c) =>
                    html`<td class=${`numeric cell ${c === r ? "right" : ""}`} style=${shade(sums[r] > 0 ? n / sums[r] : 0, 2.2)} data-value=${n}>
                      ${count(n)}
                    </td>`,
                )}
                <td class="numeric">${count(sums[r])}</td>
                <td class="numeric">${sums[r] > 0 ? number(row[r] / sums[r]) : "–"}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    <//>
  <//>`;
}

