// Timelines: the common axis of their charts, quality and shares of lanes, drift.
import { html } from "cw/html";
import { brief, count, known, number, plural, ticks, time } from "cw/format";
import { Figure, Section } from "cw/figure";
import { Lines, Stack } from "cw/charts";
import { Plot } from "cw/plot";
import { Table } from "cw/table";
import { laneLook } from "cw/series";

/** Times of an axis, as finely as its length asks for. */
function timeFormat(low, high, format) {
  const minutes = (high - low) / 60000;
  return format(minutes < 4 ? "%H:%M:%S" : minutes < 2 * 1440 ? "%H:%M" : "%d %b");
}

/** An axis of times in UTC. */
export const timeAxis = (low, high) => ({
  timed: true,
  scale: d3.scaleUtc().domain([low, Math.max(high, low + 1000)]),
  format: timeFormat(low, high, d3.utcFormat),
  label: "time (UTC)",
});

/** The axis of a report's windows. */
export function windowAxis(timeline) {
  const windows = timeline.windows;
  const timed = timeline.unit === "time";
  const spans = windows.map((w) => (timed ? [w.firstTime, w.lastTime] : [w.from, w.to]));
  const low = spans[0][0];
  const high = Math.max(spans[spans.length - 1][1], low + 1);
  return {
    timed,
    low,
    high,
    at: spans.map(([from, to]) => (from + to) / 2),
    span: (i) => spans[i],
    scale: (timed ? d3.scaleUtc() : d3.scaleLinear()).domain([low, high]),
    format: timed ? timeFormat(low, high, d3.utcFormat) : ticks,
    label: timed ? "time (UTC)" : "events so far",
    say: (i) =>
      timed
        ? `${time(spans[i][0])} to ${time(spans[i][1]).slice(11)}, ${plural(windows[i].events, "event")}`
        : `events ${count(spans[i][0])} to ${count(spans[i][1])}`,
  };
}

/** The axis of samples over time. */
export function sampleAxis(times) {
  const high = times[times.length - 1];
  const low = Math.min(times[0], high - 1000);
  return {
    timed: true,
    low,
    high,
    at: times,
    span: (i) => [
      i === 0 ? times[0] : (times[i - 1] + times[i]) / 2,
      i === times.length - 1 ? high : (times[i] + times[i + 1]) / 2,
    ],
    scale: d3.scaleTime().domain([low, high]),
    format: timeFormat(low, high, d3.timeFormat),
    label: "local time",
    say: (i) => new Date(times[i]).toLocaleTimeString(),
  };
}

export const hasValues = (byLane) => Boolean(byLane) && Object.values(byLane).some((values) => values && values.some(known));

/** Lane to values as series of a chart, the mixture last. */
export function laneSeries(lanes, byLane) {
  const names = [...lanes, ...Object.keys(byLane).filter((lane) => !lanes.includes(lane))].filter((lane) => byLane[lane]);
  return names.map((name) => ({ name, values: byLane[name], look: laneLook(lanes, name) }));
}

const KINDS = [
  ["CONCEPT", "concept", d3.symbolDiamond],
  ["NOISE", "label noise", d3.symbolTriangle],
  ["COVARIATE", "inputs", d3.symbolSquare],
  ["PRIOR", "class shares", d3.symbolCircle],
  ["NONE", "not told apart", d3.symbolCross],
];

export const kindName = (kind) => (KINDS.find(([name]) => name === kind) || [kind, String(kind || "none").toLowerCase()])[1];

/** Where a drift event stands on an axis; null where that is not known. */
const placeOf = (event, axis) => (axis.timed ? event.eventTime : event.index);

/** Rules of drift on the charts above: found, and where the simulator changed the stream. */
export function driftRules(drift, injected, axis) {
  const found = (drift || [])
    .filter((event) => event.state === "DRIFT" && known(placeOf(event, axis)))
    .map((event) => ({ at: placeOf(event, axis), className: "found" }));
  return known(injected) && !axis.timed ? [...found, { at: injected, className: "injected" }] : found;
}

const numbersOf = (axis, series, format = number) => () => ({
  columns: ["window", ...series.map((one) => one.name)],
  rows: axis.at.map((_, i) => [axis.say(i), ...series.map((one) => format(one.values[i]))]),
});

/** Quality and shares of the lanes over an axis, with rules of drift. */
export function LaneCharts({ lanes, axis, prAuc, gMean, share, rules, truth }) {
  const charts = [
    ["pr-auc", "PR-AUC", prAuc, `Area under precision and recall, 1 is perfect. Judged by ${truth}.`],
    ["g-mean", "G-mean", gMean, `Geometric mean of the recalls of all classes. Judged by ${truth}.`],
  ].filter(([, , byLane]) => byLane);
  return html`<div class="figures">
    ${charts.map(([name, title, byLane, note]) => {
      const series = laneSeries(lanes, byLane);
      return html`<${Figure}
        name=${name}
        title=${`${title} of each lane`}
        note=${note}
        empty=${!hasValues(byLane) && `No ${title} yet: it needs labels of at least two classes in a window.`}
        numbers=${numbersOf(axis, series)}
        draw=${(width) =>
          html`<${Lines}
            width=${width}
            height=${220}
            axis=${axis}
            series=${series}
            yLabel=${title}
            bounds=${{ low: 0, high: 1 }}
            rules=${rules}
            label=${`${title} of ${series.length} lanes in ${axis.at.length} windows`}
          />`}
      />`;
    })}
    ${hasValues(share) &&
    html`<${Figure}
      name="share"
      title="Share of each lane in the mixture"
      note="Mean mixture weight in each window; they add up to 1."
      numbers=${numbersOf(axis, laneSeries(lanes, share))}
      draw=${(width) =>
        html`<${Stack}
          width=${width}
          height=${200}
          axis=${axis}
          series=${laneSeries(lanes, share)}
          yLabel="share"
          rules=${rules}
          label="Mixture shares of the lanes, stacked"
        />`}
    />`}
  </div>`;
}

/** One row a kind: when which drift was found. */
export function DriftStrip({ drift, injected, axis }) {
  const events = (drift || []).filter((event) => known(placeOf(event, axis)));
  const kinds = KINDS.filter(([kind]) => events.some((event) => event.kind === kind));
  const rows = [...kinds.map(([, name]) => name), ...(known(injected) && !axis.timed ? ["injected"] : [])];
  if (rows.length === 0) {
    return null;
  }
  const symbols = new Map(KINDS.map(([kind, , symbol]) => [kind, symbol]));
  return html`<${Figure}
    name="drift"
    title="Drift found, by kind"
    note="Filled: drift. Hollow: a warning or another change of state."
    draw=${(width) =>
      html`<${Plot}
        width=${width}
        height=${50 + 22 * rows.length}
        margin=${{ left: 98, top: 6 }}
        x=${axis.scale}
        y=${d3.scaleBand(rows, [0, 1])}
        xLabel=${axis.label}
        xFormat=${axis.format}
        nearest="both"
        label=${`${events.length} changes of the drift state`}
        stops=${(sx, sy) =>
          events.map((event) => ({
            x: sx(placeOf(event, axis)),
            y: sy(kindName(event.kind)) + sy.bandwidth() / 2,
            text: [
              `${event.state.toLowerCase()}, ${kindName(event.kind)}`,
              `${time(event.eventTime)}${known(event.index) ? `, event ${count(event.index)}` : ""}`,
              `${event.signal} by ${event.detector}: ${brief(event.statistic)} over ${brief(event.threshold)}`,
              `${event.modelKey}${event.affected && event.affected.length > 0 ? `: ${event.affected.join(", ")}` : ""}`,
            ],
          }))}
      >
        ${(sx, sy, box) =>
          html`${rows.map((row) => {
              const at = sy(row) + sy.bandwidth() / 2;
              return html`<line class="grid" x1=${box.left} x2=${box.right} y1=${at} y2=${at} />`;
            })}
            ${events.map(
              (event) =>
                html`<path
                  class=${`drift-mark ${event.state === "DRIFT" ? "found" : "other"}`}
                  data-kind=${event.kind}
                  data-at=${placeOf(event, axis)}
                  d=${d3.symbol(symbols.get(event.kind) || d3.symbolCross, 60)()}
                  transform=${`translate(${sx(placeOf(event, axis))},${sy(kindName(event.kind)) + sy.bandwidth() / 2})`}
                />`,
            )}
            ${rows.includes("injected") &&
            html`<line
              class="rule injected"
              data-at=${injected}
              x1=${sx(injected)}
              x2=${sx(injected)}
              y1=${sy("injected")}
              y2=${sy("injected") + sy.bandwidth()}
            />`}`}
      <//>`}
  />`;
}

export function DriftTable({ drift }) {
  const columns = [
    { name: "time", label: "time (UTC)", value: (e) => e.eventTime, cell: (e) => time(e.eventTime) },
    { name: "index", label: "event", numeric: true, value: (e) => e.index, cell: (e) => count(e.index) },
    { name: "key", label: "key", value: (e) => e.modelKey, cell: (e) => e.modelKey, className: "name" },
    { name: "state", label: "state", value: (e) => e.state, cell: (e) => e.state.toLowerCase() },
    { name: "kind", label: "kind", value: (e) => kindName(e.kind), cell: (e) => kindName(e.kind) },
    { name: "onset", label: "began (UTC)", value: (e) => e.onset, cell: (e) => time(e.onset) },
    { name: "signal", label: "signal", value: (e) => e.signal, cell: (e) => e.signal },
    { name: "detector", label: "detector", value: (e) => e.detector, cell: (e) => e.detector },
    { name: "statistic", label: "statistic", numeric: true, value: (e) => e.statistic, cell: (e) => brief(e.statistic) },
    { name: "threshold", label: "threshold", numeric: true, value: (e) => e.threshold, cell: (e) => brief(e.threshold) },
    { name: "affected", label: "affected", cell: (e) => (e.affected || []).join(", ") },
  ];
  const used = drift.some((e) => known(e.index)) ? columns : columns.filter((column) => column.name !== "index");
  return html`<${Table} caption="Changes of the drift state" columns=${used} rows=${drift} size=${25} what="changes" />`;
}

/** The lanes over time. */
export function TimelineSection({ report }) {
  const timeline = report.timeline;
  if (!timeline) {
    return null;
  }
  if (!timeline.windows || timeline.windows.length === 0) {
    return html`<${Section} id="timeline" title="Lanes over time"><p class="empty">No event was predicted, so there is nothing to show over time.</p><//>`;
  }
  const axis = windowAxis(timeline);
  const rules = driftRules(report.drift, report.injectedDrift, axis);
  const parts = [];
  if (rules.some((rule) => rule.className === "found")) {
    parts.push("Solid upright lines are drifts that were found");
  }
  if (rules.some((rule) => rule.className === "injected")) {
    parts.push(`${parts.length > 0 ? "the" : "The"} dashed one is where the stream really changed`);
  }
  return html`<${Section}
    id="timeline"
    title="Lanes over time"
    lead=${`${plural(timeline.windows.length, "window")} of ${axis.timed ? "time" : "equal numbers of events"}.${parts.length > 0 ? ` ${parts.join("; ")}.` : ""}`}
  >
    <${LaneCharts}
      lanes=${report.lanes || []}
      axis=${axis}
      prAuc=${timeline.prAuc}
      gMean=${timeline.gMean}
      share=${timeline.share}
      rules=${rules}
      truth=${timeline.truth || "labels as received"}
    />
  <//>`;
}

/** Drift: the strip and its table. */
/** Changes of state and drifts, those that are not kept included. */
export const driftTotals = (report) =>
  report.driftTotals || {
    changes: report.drift.length,
    drifts: report.drift.filter((event) => event.state === "DRIFT").length,
  };

export function DriftSection({ report }) {
  const drift = report.drift;
  if (!drift) {
    return null;
  }
  const windows = report.timeline && report.timeline.windows;
  const axis = windows && windows.length > 0 ? windowAxis(report.timeline) : null;
  const { changes, drifts } = driftTotals(report);
  const here = changes > drift.length ? `; the newest ${count(drift.length)} are here` : "";
  const lead =
    drift.length === 0
      ? `No change of the drift state${known(report.injectedDrift) ? `, though the stream changed at event ${count(report.injectedDrift)}` : ""}.`
      : `${plural(drifts, "drift")} in ${plural(changes, "change")} of state${here}${known(report.injectedDrift) ? `; the stream really changed at event ${count(report.injectedDrift)}` : ""}.`;
  return html`<${Section} id="drift" title="Drift" lead=${lead}>
    ${axis && html`<${DriftStrip} drift=${drift} injected=${report.injectedDrift} axis=${axis} />`}
    ${drift.length > 0 && html`<${DriftTable} drift=${drift} />`}
  <//>`;
}

