// Suites of experiments: arms on streams, each with several seeds, against their control.
import { html, useState } from "cw/html";
import { count, known, number, plural } from "cw/format";
import { Chooser, Figure, Section } from "cw/figure";
import { Dots } from "cw/charts";
import { Table } from "cw/table";

const CONTROL = "control";

/** Mean and spread over the seeds of one metric of one arm. */
function overSeeds(seeds, metric) {
  const values = Object.values(seeds)
    .map((row) => row[metric])
    .filter(known);
  return { values, mean: values.length > 0 ? d3.mean(values) : null, spread: values.length > 1 ? d3.deviation(values) : null };
}

/** What an arm has more than the control, of the seeds that both have. */
export function gain(arms, name, metric) {
  const control = arms[CONTROL];
  if (!control) {
    return { values: [], mean: null, spread: null };
  }
  const differences = Object.entries(arms[name])
    .filter(([seed, row]) => control[seed] && known(row[metric]) && known(control[seed][metric]))
    .map(([seed, row]) => row[metric] - control[seed][metric]);
  return {
    values: differences,
    mean: differences.length > 0 ? d3.mean(differences) : null,
    spread: differences.length > 1 ? d3.deviation(differences) : null,
  };
}

const withSpread = ({ mean, spread }) => (known(spread) ? `${number(mean)} ± ${number(spread)}` : number(mean));

/** The metrics that any row has, in their order. */
function metricsOf(streams) {
  const names = new Set();
  Object.values(streams).forEach((arms) =>
    Object.values(arms).forEach((seeds) =>
      Object.values(seeds).forEach((row) => Object.keys(row).forEach((name) => names.add(name))),
    ),
  );
  return [...names];
}

/** What the suite came to, in a few sentences. */
export function suiteSummary(suite) {
  const streams = (suite && suite.streams) || {};
  const gains = overStreams(streams, "PR-AUC").filter((row) => row.name !== "oracle");
  const best = d3.greatest(gains, (row) => row.mean);
  const arms = new Set(Object.values(streams).flatMap((one) => Object.keys(one)));
  const sentences = [`${plural(Object.keys(streams).length, "stream")}, ${plural(arms.size, "arm")}.`];
  if (best) {
    sentences.push(
      `Against the control the arm ${best.name} changes PR-AUC most: by ${d3.format("+.3f")(best.mean)} in the mean of ${plural(best.values.length, "stream")}, by ${d3.format("+.3f")(d3.min(best.values))} on the worst.`,
    );
  }
  return sentences;
}

/** Each arm's mean gain on each stream, and the mean of these. */
function overStreams(streams, metric) {
  const arms = new Set(Object.values(streams).flatMap((one) => Object.keys(one)));
  arms.delete(CONTROL);
  return [...arms]
    .map((name) => {
      const values = Object.values(streams)
        .filter((one) => one[name])
        .map((one) => gain(one, name, metric).mean)
        .filter(known);
      return { name, values, mean: values.length > 0 ? d3.mean(values) : null, spread: values.length > 1 ? d3.deviation(values) : null };
    })
    .filter((row) => known(row.mean));
}

function AllStreams({ streams, metric }) {
  const rows = overStreams(streams, metric);
  const columns = [
    { name: "arm", label: "arm", row: true, value: (r) => r.name, cell: (r) => r.name },
    { name: "streams", label: "streams", numeric: true, value: (r) => r.values.length, cell: (r) => count(r.values.length) },
    { name: "mean", label: "mean gain", numeric: true, value: (r) => r.mean, cell: (r) => d3.format("+.3f")(r.mean) },
    { name: "worst", label: "worst", numeric: true, value: (r) => d3.min(r.values), cell: (r) => d3.format("+.3f")(d3.min(r.values)) },
    { name: "best", label: "best", numeric: true, value: (r) => d3.max(r.values), cell: (r) => d3.format("+.3f")(d3.max(r.values)) },
  ];
  return html`<${Figure}
      name="gains"
      title="All streams"
      note=${`${metric} against the control: faint dots are streams (means over seeds), the full one their mean, the bar the standard deviation.`}
      empty=${rows.length === 0 && "No arm can be compared: there is no control."}
      draw=${(width) =>
        html`<${Dots} width=${Math.min(width, 760)} rows=${rows} unit="stream" xLabel=${`${metric} minus the control's`} label=${`Gains in ${metric} over all streams`} />`}
    />
    ${rows.length > 0 && html`<${Table} caption="Gains over all streams" columns=${columns} rows=${rows} what="arms" />`}`;
}

function Stream({ name, arms, metric, metrics }) {
  const gains = Object.keys(arms)
    .filter((arm) => arm !== CONTROL)
    .map((arm) => ({ name: arm, ...gain(arms, arm, metric) }))
    .filter((row) => known(row.mean));
  const rows = Object.keys(arms).map((arm) => ({
    arm,
    seeds: Object.keys(arms[arm]).length,
    gain: gain(arms, arm, metric).mean,
    ...Object.fromEntries(metrics.map((one) => [one, overSeeds(arms[arm], one)])),
  }));
  const columns = [
    { name: "arm", label: "arm", row: true, value: (r) => r.arm, cell: (r) => r.arm },
    { name: "gain", label: `${metric} against control`, numeric: true, value: (r) => r.gain, cell: (r) => (known(r.gain) ? d3.format("+.3f")(r.gain) : "–") },
    ...metrics.map((one) => ({
      name: `metric ${one}`,
      label: one,
      numeric: true,
      value: (r) => r[one].mean,
      cell: (r) => (one === "events/s" ? d3.format(",.3~r")(r[one].mean ?? 0) : withSpread(r[one])),
    })),
    { name: "seeds", label: "seeds", numeric: true, value: (r) => r.seeds, cell: (r) => String(r.seeds) },
  ];
  return html`<div class="stream" data-stream=${name}>
    <${Figure}
      name=${`gains-${name}`}
      title=${name}
      note=${`${metric} against the control of the same seed: faint dots are seeds, the full one their mean, the bar the standard deviation.`}
      empty=${gains.length === 0 && "No arm can be compared: there is no control with the same seeds."}
      draw=${(width) =>
        html`<${Dots} width=${Math.min(width, 760)} rows=${gains} xLabel=${`${metric} minus the control's`} label=${`Gains in ${metric} on ${name}`} />`}
    />
    <${Table} caption=${`Arms on ${name}: mean ± standard deviation over seeds`} columns=${columns} rows=${rows} what="arms" />
  </div>`;
}

export function SuiteSection({ report }) {
  const suite = report.suite;
  const streams = (suite && suite.streams) || {};
  const metrics = metricsOf(streams);
  const [wanted, setMetric] = useState(null);
  if (!suite) {
    return null;
  }
  const metric = metrics.includes(wanted) ? wanted : metrics.includes("PR-AUC") ? "PR-AUC" : metrics[0];
  const names = Object.keys(streams);
  if (names.length === 0) {
    return html`<${Section} id="suite" title="Experiment"><p class="empty">No cell of the suite has run.</p><//>`;
  }
  return html`<${Section} id="suite" title="Experiment" lead=${`${plural(names.length, "stream")}; each arm with several seeds, means ± standard deviation over seeds.`}>
    <div class="controls">
      <${Chooser} label="Metric" value=${metric} options=${metrics.map((name) => ({ value: name, label: name }))} onChange=${setMetric} />
    </div>
    ${names.length > 1 && html`<${AllStreams} streams=${streams} metric=${metric} />`}
    ${names.map((name) => html`<${Stream} key=${name} name=${name} arms=${streams[name]} metric=${metric} metrics=${metrics} />`)}
    ${suite.notes && suite.notes.length > 0 && html`<h3>Notes</h3><ul class="notes">${suite.notes.map((note) => html`<li>${note}</li>`)}</ul>`}
    ${suite.failures && suite.failures.length > 0 &&
    html`<h3>Failed</h3><ul class="notes failed">${suite.failures.map((failure) => html`<li>${failure}</li>`)}</ul>`}
  <//>`;
}
