// Labels: how far they were believed, and which are suspect; the keys.
import { html } from "cw/html";
import { brief, count, known, number, percent, plural, ticks, time } from "cw/format";
import { Figure, Section } from "cw/figure";
import { Mirror, Reasons, bulk, extent } from "cw/charts";
import { Plot, spread } from "cw/plot";
import { Table } from "cw/table";
import { kindName } from "cw/timeline";

const labelName = (report, label) =>
  label === null || label === undefined ? "–" : report.classes && report.classes[label] !== undefined ? report.classes[label] : String(label);

/** Periods are counted in events; null is the one of a console. */
function periodText(period, p) {
  if (period === null) {
    return "since the console began";
  }
  return period && known(period.from) ? `events ${count(period.from)} to ${count(period.to)}` : `period ${p + 1}`;
}

/** Mean weight by loss for one label, a line a period, later ones darker and thicker. */
function WeightCurve({ report, curve, domain }) {
  const { lossEdges: edges, periods } = report.weights;
  const bins = edges.length - 1;
  const last = edges[bins - 1];
  const end = known(edges[bins]) ? edges[bins] : last + (last - (edges[bins - 2] || 0));
  const upper = (b) => (known(edges[b + 1]) ? edges[b + 1] : end);
  const centre = (b) => (edges[b] + upper(b)) / 2;
  const said = (b) => (known(edges[b + 1]) ? `loss ${brief(edges[b])} to ${brief(edges[b + 1])}` : `loss over ${brief(edges[b])}`);
  const name = labelName(report, curve.label);
  const total = d3.sum(curve.periods, (period) => d3.sum(period.count));
  const periodName = (p) => periodText(periods && periods[p], p);
  const shown = curve.periods.map((period, p) => ({ period, p })).filter(({ period }) => period.mean.some(known));
  const most = d3.max(shown, ({ period }) => d3.max(period.count)) || 1;
  const radius = d3.scaleSqrt([0, most], [1.2, 5]);
  const strength = (p) => (curve.periods.length > 1 ? 35 + (65 * p) / (curve.periods.length - 1) : 100);
  return html`<${Figure}
    name=${`weight-curve-${curve.label}`}
    title=${`Label ${name}: weight by loss`}
    note=${`Mean raw weight of ${plural(total, "label")}; later periods are darker and thicker (1 is the first), dots grow with the number of labels.`}
    empty=${shown.length === 0 && `No label ${name} had a weight.`}
    numbers=${() => ({
      columns: ["loss, nats", ...shown.flatMap(({ p }) => [periodName(p), "labels"])],
      rows: d3
        .range(bins)
        .map((b) => [said(b).slice(5), ...shown.flatMap(({ period }) => [number(period.mean[b]), count(period.count[b])])]),
    })}
    draw=${(width) =>
      html`<${Plot}
        width=${width}
        height=${210}
        margin=${{ right: 30 }}
        x=${d3.scalePow().exponent(0.5).domain([0, end])}
        y=${d3.scaleLinear(domain, [0, 1]).nice(4)}
        xTicks=${[0, 0.05, 0.2, 0.5, 1, 2, 3, 5, 8, 12, 20].filter((tick) => tick <= end)}
        xFormat=${ticks}
        xLabel="loss, nats (square root scale)"
        yLabel="mean raw weight"
        label=${`Mean raw weight of label ${name} by loss in ${shown.length} periods`}
        stops=${(sx, sy) =>
          d3
            .range(bins)
            .filter((b) => shown.some(({ period }) => known(period.mean[b])))
            .map((b) => {
              const with_ = shown.filter(({ period }) => known(period.mean[b]));
              return {
                x: sx(centre(b)),
                y: sy(with_[with_.length - 1].period.mean[b]),
                text: [said(b), ...with_.map(({ period, p }) => `${periodName(p)}: ${number(period.mean[b])} (${count(period.count[b])})`)],
              };
            })}
      >
        ${(sx, sy, box) => {
          const line = d3
            .line((_, b) => sx(centre(b)), (value) => sy(value))
            .defined(known);
          const ends = shown.map(({ period, p }) => {
            const b = d3.range(bins - 1, -1, -1).find((bin) => known(period.mean[bin]));
            return { p, x: sx(centre(b)), at: sy(period.mean[b]) };
          });
          const [top, low] = d3.extent(ends, (one) => one.at);
          // Lines that end at one place have one label.
          const names =
            low - top < 6
              ? [{ x: ends[0].x, at: top, text: `${shown[0].p + 1}–${shown[shown.length - 1].p + 1}` }]
              : ends.map((one) => ({ ...one, text: String(one.p + 1) }));
          return html`${shown.map(
              ({ period, p }) =>
                html`<g class="period" style=${`--v:${strength(p)}%`} data-series=${p}>
                  <path class="line" d=${line(period.mean)} stroke-width=${1 + p * 0.4} />
                  ${period.mean.map(
                    (mean, b) =>
                      known(mean) &&
                      html`<circle cx=${sx(centre(b))} cy=${sy(mean)} r=${radius(period.count[b])} data-index=${b} data-value=${mean} data-count=${period.count[b]} />`,
                  )}
                </g>`,
            )}
            ${shown.length > 1 &&
            spread(names, 12, box.top + 4, box.bottom - 4).map(
              (name) => html`<text class="end" x=${Math.min(name.x + 8, box.right + 6)} y=${name.at} dy="0.32em">${name.text}</text>`,
            )}`;
        }}
      <//>`}
  />`;
}

function BeliefHistogram({ report, group }) {
  const { edges, truthKnown } = report.weights;
  const name = labelName(report, group.label);
  const rights = d3.sum(group.right);
  const wrongs = truthKnown && group.wrong ? d3.sum(group.wrong) : 0;
  const groups = truthKnown
    ? [
        { name: "right", title: `right labels (${count(rights)}), upward`, className: "right", counts: group.right },
        ...(wrongs > 0 ? [{ name: "wrong", title: `wrong labels (${count(wrongs)}), downward`, className: "wrong", counts: group.wrong }] : []),
      ]
    : [{ name: "all", title: `all labels (${count(rights)})`, className: "right", counts: group.right }];
  return html`<${Figure}
    name=${`belief-${group.label}`}
    title=${`Label ${name}: belief in it`}
    note=${truthKnown ? "Shares of the right labels upward, of the wrong ones downward." : "Which labels are wrong is not known here."}
    empty=${rights + wrongs === 0 && `No label ${name} had a weight.`}
    numbers=${() => ({
      columns: ["belief", ...groups.map((one) => one.name)],
      rows: d3.pairs(edges).map(([from, to], i) => [`${brief(from)} to ${brief(to)}`, ...groups.map((one) => count(one.counts[i]))]),
    })}
    draw=${(width) =>
      html`<${Mirror}
        width=${width}
        height=${210}
        edges=${edges}
        groups=${groups}
        xLabel="belief that the label is right"
        yLabel="share of the labels"
        label=${`Histogram of the belief in label ${name}`}
      />`}
  />`;
}

export function WeightsSection({ report }) {
  const weights = report.weights;
  if (!weights) {
    return null;
  }
  const curves = weights.curves || [];
  const histogram = weights.histogram || [];
  if (curves.length === 0 && histogram.length === 0) {
    return html`<${Section} id="weights" title="Weights of labels"><p class="empty">No label had a weight.</p><//>`;
  }
  const means = curves.flatMap((curve) => curve.periods.flatMap((period) => period.mean));
  return html`<${Section}
    id="weights"
    title="Weights of labels"
    lead="Raw weights: how far labels counted in training, from 0 to 1, against the loss of the prediction on the label. Below, the belief: the probability that the label is right."
  >
    <div class=${curves.length > 2 ? "figures small" : "figures"}>
      ${curves.map((curve) => html`<${WeightCurve} report=${report} curve=${curve} domain=${extent(means, { zero: true })} />`)}
      ${histogram.map((group) => html`<${BeliefHistogram} report=${report} group=${group} />`)}
    </div>
  <//>`;
}

export function SuspectsSection({ report }) {
  const suspects = report.suspects;
  if (!suspects) {
    return null;
  }
  if (suspects.length === 0) {
    return html`<${Section} id="suspects" title="Suspect labels"><p class="empty">No label is suspect.</p><//>`;
  }
  const limit = bulk(suspects.flatMap((one) => (one.reasons || []).map(([, value]) => Math.abs(value))), 0.95);
  const truth = suspects.some((one) => one.trueLabel !== null && one.trueLabel !== undefined);
  const keys = new Set(suspects.map((one) => one.modelKey));
  const columns = [
    { name: "event", label: "event", row: true, value: (s) => s.eventId, cell: (s) => html`<span class="name">${s.eventId}</span>` },
    { name: "label", label: "label", value: (s) => s.label, cell: (s) => labelName(report, s.label) },
    { name: "predicted", label: "predicted", value: (s) => s.predicted, cell: (s) => labelName(report, s.predicted) },
    ...(truth
      ? [{
          name: "truth", label: "truth", value: (s) => s.trueLabel,
          cell: (s) => `${labelName(report, s.trueLabel)}${s.trueLabel === null ? "" : s.trueLabel === s.label ? " (label right)" : " (label wrong)"}`,
        }]
      : []),
    { name: "belief", label: "belief", numeric: true, value: (s) => s.belief, cell: (s) => number(s.belief) },
    ...(suspects.some((s) => known(s.rawWeight))
      ? [{ name: "raw", label: "raw weight", numeric: true, value: (s) => s.rawWeight, cell: (s) => number(s.rawWeight) }]
      : []),
    { name: "weight", label: "weight", numeric: true, value: (s) => s.weight, cell: (s) => number(s.weight) },
    { name: "loss", label: "loss, nats", numeric: true, value: (s) => s.loss, cell: (s) => number(s.loss, 2) },
    { name: "probability", label: "probability", numeric: true, value: (s) => s.probability, cell: (s) => number(s.probability) },
    { name: "reasons", label: "reason codes, nats", cell: (s) => html`<${Reasons} reasons=${s.reasons || []} limit=${limit} />` },
    ...(keys.size > 1 ? [{ name: "key", label: "key", value: (s) => s.modelKey, cell: (s) => s.modelKey, className: "name" }] : []),
    { name: "time", label: "time (UTC)", value: (s) => s.eventTime, cell: (s) => time(s.eventTime) },
  ];
  const right = suspects.filter((s) => known(s.trueLabel) && s.trueLabel !== s.label).length;
  return html`<${Section}
    id="suspects"
    title="Suspect labels"
    lead=${`${report.kind === "live" ? `The newest ${plural(suspects.length, "suspect label")}, the least believed first` : `The ${plural(suspects.length, "label")} that counted least`}${truth ? `; ${count(right)} of them are really wrong (${percent(right / suspects.length)})` : ""}. Reason codes say what moved the prediction: ${(report.classes || []).length === 2 ? `to the right towards class ${report.classes[1]}, to the left towards class ${report.classes[0]}` : "to the right for it, to the left against it"}.`}
  >
    <${Table}
      caption="Suspect labels"
      columns=${columns}
      rows=${suspects}
      size=${20}
      what="suspects"
      search=${(s) => `${s.eventId} ${s.modelKey} ${(s.reasons || []).map(([name]) => name).join(" ")}`}
    />
  <//>`;
}

/** The columns of a table of keys; `name(row)` shows the key. */
export const keyColumns = (name) => [
  { name: "key", label: "key", row: true, value: (k) => k.key, cell: name },
  { name: "events", label: "events", numeric: true, value: (k) => k.events, cell: (k) => count(k.events) },
  { name: "labelled", label: "labelled", numeric: true, value: (k) => k.labelled, cell: (k) => count(k.labelled) },
  { name: "suspects", label: "suspects", numeric: true, value: (k) => k.suspects, cell: (k) => count(k.suspects) },
  {
    name: "share", label: "suspect share", numeric: true,
    value: (k) => (k.labelled > 0 ? k.suspects / k.labelled : null),
    cell: (k) => (k.labelled > 0 ? percent(k.suspects / k.labelled) : "–"),
  },
  { name: "weight", label: "mean raw weight", numeric: true, value: (k) => k.meanWeight, cell: (k) => number(k.meanWeight) },
  { name: "drifts", label: "drifts", numeric: true, value: (k) => k.drifts, cell: (k) => count(k.drifts) },
  { name: "state", label: "drift state", value: (k) => k.driftState, cell: (k) => driftState(k) },
  { name: "version", label: "version", numeric: true, value: (k) => k.version, cell: (k) => count(k.version) },
  { name: "last", label: "last event (UTC)", value: (k) => k.lastTime, cell: (k) => time(k.lastTime) },
];

export const driftState = (row) => {
  if (!row.driftState) {
    return "–";
  }
  const state = row.driftState.toLowerCase();
  return row.driftKind && row.driftKind !== "NONE" ? `${state} (${kindName(row.driftKind)})` : state;
};

/** Rows as objects; with `fields` they stand there as arrays in that order, which is a third of the bytes. */
const rowsOf = ({ fields, rows = [] }) =>
  fields ? rows.map((row) => Object.fromEntries(fields.map((field, f) => [field, row[f]]))) : rows;

export function KeysSection({ report }) {
  const keys = report.keys;
  if (!keys) {
    return null;
  }
  const rows = rowsOf(keys);
  if (rows.length === 0) {
    return html`<${Section} id="keys" title="Keys"><p class="empty">There is no key yet.</p><//>`;
  }
  return html`<${Section}
    id="keys"
    title="Keys"
    lead=${`${plural(keys.total, "key")}, one learner each${keys.total > rows.length ? `; the ${count(rows.length)} with most events are here` : ""}.`}
  >
    <${Table}
      caption="Keys"
      columns=${keyColumns((k) => html`<span class="name">${k.key}</span>`)}
      rows=${rows}
      size=${25}
      what="keys"
      search=${(k) => k.key}
    />
  <//>`;
}
