// What the models are like: shape functions, pairs, importance of the concepts, what was removed.
import { html, useState } from "cw/html";
import { brief, bytes, count, known, number, percent, plural, time } from "cw/format";
import { Chooser, Figure, Section, useWidth } from "cw/figure";
import { Bands, Surface, bulk, extent } from "cw/charts";
import { Plot, spread } from "cw/plot";
import { Numbers, Table } from "cw/table";
import { MAIN, look } from "cw/series";
import { windowAxis } from "cw/timeline";

/** Concepts that are drawn before someone asks for all. */
const FIRST = 12;

const range = (effect) => {
  const [low, high] = d3.extent(effect.flat().filter(known));
  return low === undefined ? 0 : high - low;
};

/** The effect of one concept, with the density of the data below it. */
function Shape({ report, concept, over, domain, width }) {
  const feature = over === "feature" && concept.byFeature;
  const x = feature ? feature.x : concept.z;
  const effect = feature ? feature.effect : concept.effect;
  const density = feature ? feature.density : concept.density;
  const edges = feature ? feature.densityEdges : concept.densityEdges;
  const several = effect.length > 1;
  const lines = effect.map((values, l) => ({
    name: several ? `class ${(report.classes || [])[l] ?? l}` : "effect",
    values,
    look: several ? look(l) : { ...MAIN, dash: null },
  }));
  const what = feature ? feature.feature : `${concept.name}, z`;
  const height = 176;
  const strip = 22;
  const most = d3.max(density || []) || 1;
  return html`<div class="shape" data-concept=${concept.name}>
    <h4>${concept.name}</h4>
    <p class="note" title=${concept.features.join(", ")}>${concept.features.join(", ")}</p>
    <${Plot}
      width=${width}
      height=${height}
      margin=${{ left: 38, right: several ? 50 : 14 }}
      foot=${strip}
      x=${d3.scaleLinear().domain(x.length > 1 ? d3.extent(x) : [x[0] - 1, x[0] + 1])}
      y=${d3.scaleLinear(domain, [0, 1])}
      xLabel=${what}
      yLabel="nats"
      label=${`Effect of ${concept.name} on the logit over ${what}`}
      stops=${(sx, sy) =>
        x.map((at, i) => ({
          x: sx(at),
          y: sy(lines[0].values[i]),
          text: [`${what} ${brief(at)}`, ...lines.map((one) => `${one.name} ${d3.format("+.3f")(one.values[i])} nats`)],
        }))}
    >
      ${(sx, sy, box) =>
        html`<line class="zero" x1=${box.left} x2=${box.right} y1=${sy(0)} y2=${sy(0)} />
          <g class="density">
            ${(density || []).map((n, b) => {
              const size = (n / most) * (strip - 4);
              const [from, to] = [sx(edges[b]), sx(edges[b + 1])];
              return (
                n > 0 &&
                html`<rect x=${from} y=${box.bottom - size} width=${Math.max(0.5, to - from - 0.5)} height=${size} data-index=${b} data-value=${n} />`
              );
            })}
          </g>
          ${lines.map(
            (one) =>
              html`<g class=${`series ${one.look.className}`} data-series=${one.name}>
                <path
                  class="line"
                  stroke-dasharray=${one.look.dash}
                  d=${d3.line((_, i) => sx(x[i]), (value) => sy(value)).defined(known)(one.values)}
                />
              </g>`,
          )}
          ${several &&
          spread(
            lines.map((one) => ({ one, at: sy(one.values[one.values.length - 1]) })),
            11,
            box.top + 4,
            box.bottom,
          ).map(
            ({ one, at }) =>
              html`<g class=${`name ${one.look.className}`}>
                <line x1=${box.right + 2} x2=${box.right + 10} y1=${at} y2=${at} stroke-dasharray="3 1.5" />
                <text x=${box.right + 12} y=${at} dy="0.32em">${one.name.slice(6)}</text>
              </g>`,
          )}`}
    <//>
    <${Numbers}
      title=${`effect of ${concept.name}`}
      numbers=${() => ({
        columns: [what, ...lines.map((one) => (several ? `${one.name}, nats` : "effect, nats"))],
        rows: x.map((at, i) => [brief(at), ...lines.map((one) => number(one.values[i]))]),
      })}
    />
  </div>`;
}

/** Small charts in a grid, as many beside each other as fit. */
function Grid({ least, children, name }) {
  const [element, width] = useWidth();
  const columns = Math.max(1, Math.floor((width + 20) / (least + 20)));
  const each = Math.floor((width - 20 * (columns - 1)) / columns);
  return html`<div class="grid-of" ref=${element} data-figure=${name} style=${`--columns:${columns}`}>
    ${width > 0 && children(Math.min(each, 520))}
  </div>`;
}

function Shapes({ report, lane }) {
  const concepts = lane.concepts || [];
  const featured = concepts.some((concept) => concept.byFeature);
  const [over, setOver] = useState("feature");
  const [all, setAll] = useState(false);
  if (concepts.length === 0) {
    return html`<p class="empty">The lane ${lane.name} keeps no concept.</p>`;
  }
  const effectOf = (concept) => (over === "feature" && concept.byFeature ? concept.byFeature.effect : concept.effect);
  const ordered = [...concepts].sort((a, b) => d3.descending(range(effectOf(a)), range(effectOf(b))));
  const shown = all ? ordered : ordered.slice(0, FIRST);
  const domain = extent(concepts.flatMap((concept) => effectOf(concept).flat()), { zero: true });
  return html`<div class="controls">
      ${featured &&
      html`<${Chooser}
        label="Over"
        value=${over}
        options=${[
          { value: "feature", label: "the feature, where a concept has one" },
          { value: "z", label: "the concept's value z" },
        ]}
        onChange=${setOver}
      />`}
      ${ordered.length > FIRST &&
      html`<button type="button" aria-pressed=${all} onClick=${() => setAll(!all)}>
        ${all ? `Show the ${FIRST} largest` : `Show all ${ordered.length} concepts${lane.conceptsLeftOut ? ` of ${ordered.length + lane.conceptsLeftOut} that are here` : ""}`}
      </button>`}
    </div>
    <${Grid} least=${220} name="shapes">
      ${(width) =>
        shown.map(
          (concept) =>
            html`<${Shape} key=${concept.name} report=${report} concept=${concept} over=${over} domain=${domain} width=${width} />`,
        )}
    <//>`;
}

function Pairs({ lane }) {
  const pairs = lane.pairs || [];
  if (pairs.length === 0) {
    return null;
  }
  const limit = d3.max(pairs, (pair) => d3.max(pair.effect.flat(), Math.abs)) || 1;
  const steps = d3.range(-3, 4).map((s) => (s / 3) * limit);
  return html`<h3>Pairs of concepts, ${lane.name}</h3>
    <p class="note">
      What a pair adds beyond its two concepts, in nats; one colour scale for all pairs. Cells with a dot are negative.
    </p>
    <ul class="scale" aria-label="Colour scale">
      ${steps.map(
        (value) =>
          html`<li>
            <svg width="26" height="12" aria-hidden="true">
              <rect class=${`cell ${value < 0 ? "negative" : "positive"}`} style=${shadeOf(value, limit)} width="26" height="12" />
              ${value < -0.15 * limit && html`<circle class="dot" cx="13" cy="6" r="1.2" />`}
            </svg>
            ${value === 0 ? "0" : d3.format("+.2f")(value)}
          </li>`,
      )}
    </ul>
    <${Grid} least=${240} name="pairs">
      ${(width) =>
        pairs.map(
          (pair) =>
            html`<div class="shape" data-pair=${`${pair.a}|${pair.b}`} key=${`${pair.a}|${pair.b}`}>
              <h4>${pair.a} × ${pair.b}</h4>
              <${Surface}
                width=${Math.min(width, 340)}
                height=${Math.round(Math.min(width, 340) * 0.82)}
                a=${pair.a}
                b=${pair.b}
                zA=${pair.zA}
                zB=${pair.zB}
                effect=${pair.effect}
                limit=${limit}
                label=${`What ${pair.a} and ${pair.b} add together`}
              />
              <${Numbers}
                title=${`${pair.a} and ${pair.b}`}
                numbers=${() => ({
                  columns: [`${pair.a} \\ ${pair.b}`, ...pair.zB.map((z) => brief(z))],
                  rows: pair.zA.map((z, i) => [brief(z), ...pair.effect[i].map((value) => number(value))]),
                })}
              />
            </div>`,
        )}
    <//>`;
}

const shadeOf = (value, limit) => `--v:${Math.round((Math.abs(value) / limit) * 92)}%`;

/** Which concepts a lane kept. */
function Sparsity({ model }) {
  const rows = (model.lanes || []).map((lane) => ({
    lane: lane.name,
    share: lane.share,
    kept: (lane.concepts || []).length + (lane.conceptsLeftOut || 0) - (lane.removed || []).length,
    removed: lane.removed || [],
  }));
  if (rows.length === 0) {
    return null;
  }
  const columns = [
    { name: "lane", label: "lane", row: true, value: (r) => r.lane, cell: (r) => r.lane },
    { name: "share", label: "share of the mixture", numeric: true, value: (r) => r.share, cell: (r) => percent(r.share) },
    { name: "kept", label: "concepts kept", numeric: true, value: (r) => r.kept, cell: (r) => count(r.kept) },
    { name: "removed", label: "removed", numeric: true, value: (r) => r.removed.length, cell: (r) => count(r.removed.length) },
    { name: "names", label: "which", cell: (r) => r.removed.join(", ") || "none", className: "wrap" },
  ];
  return html`<h3>What the prox removed</h3>
    <${Table} caption="Concepts that each lane keeps" columns=${columns} rows=${rows} what="lanes" />`;
}

export function ModelsSection({ report }) {
  const models = report.models;
  const [key, setKey] = useState(null);
  const [laneName, setLane] = useState(null);
  if (!models) {
    return null;
  }
  if (models.length === 0) {
    return html`<${Section} id="models" title="Models"><p class="empty">There is no model yet.</p><//>`;
  }
  const model = models.find((one) => one.key === key) || models[0];
  const lanes = model.lanes || [];
  const strongest = d3.greatest(lanes, (lane) => lane.share ?? 0);
  const lane = lanes.find((one) => one.name === laneName) || strongest;
  const several = (report.classes || []).length > 2;
  return html`<${Section}
    id="models"
    title="Models"
    lead=${`What each concept alone adds to the logit against its typical value, in nats; ${
      several ? "a line a class, its logit minus the mean of the others" : `class ${(report.classes || [])[1] ?? 1} minus class ${(report.classes || [])[0] ?? 0}`
    }. Strongest first, all on one scale; grey bars are the density of the data (${model.sampleOf || "the data"}, ${plural(model.sample, "event")}).`}
  >
    <div class="controls">
      ${models.length > 1 &&
      html`<${Chooser} label="Key" value=${model.key} options=${models.map((one) => ({ value: one.key, label: one.key }))} onChange=${setKey} />`}
      ${lanes.length > 0 &&
      html`<${Chooser}
        label="Lane"
        value=${lane.name}
        options=${lanes.map((one) => ({ value: one.name, label: `${one.name} (${percent(one.share)})` }))}
        onChange=${setLane}
      />`}
      <span class="note"
        >${models.length > 1 ? "" : `key ${model.key}, `}version ${count(model.version)}, ${bytes(model.bytes)}${
          known(model.trainedUntil) ? `, trained until ${time(model.trainedUntil)} UTC` : ""
        }</span
      >
    </div>
    ${lane && html`<${Shapes} key=${`${model.key}/${lane.name}`} report=${report} lane=${lane} />`}
    ${strongest && html`<${Pairs} lane=${lane.pairs && lane.pairs.length > 0 ? lane : lanes.find((one) => one.pairs && one.pairs.length > 0) || lane} />`}
    <${Sparsity} model=${model} />
  <//>`;
}

export function ImportanceSection({ report }) {
  const concepts = report.concepts;
  const windows = report.timeline && report.timeline.windows;
  if (!concepts || !concepts.importance) {
    return null;
  }
  if (!windows || windows.length === 0 || !concepts.importance.some((values) => values.some(known))) {
    return html`<${Section} id="importance" title="Importance of the concepts"><p class="empty">No prediction, so no concept mattered.</p><//>`;
  }
  const axis = windowAxis(report.timeline);
  const rows = concepts.names
    .map((name, c) => ({ name, values: concepts.importance[c], middle: d3.median(concepts.importance[c].filter(known)) }))
    .sort((a, b) => d3.descending(a.middle ?? -1, b.middle ?? -1));
  const limit = bulk(concepts.importance.flat().filter(known), 0.98);
  return html`<${Section} id="importance" title="Importance of the concepts">
    <${Figure}
      name="importance"
      title="Mean size of each concept's contribution"
      note=${`In ${concepts.unit || "nats"}, most important first${concepts.of > rows.length ? `, the largest ${count(rows.length)} of ${count(concepts.of)}` : ""}. The colour's strength goes with the square root, up to ${number(limit)} and beyond; at the right the median of all windows.`}
      numbers=${() => ({
        columns: ["concept", "median", ...axis.at.map((_, i) => axis.say(i))],
        rows: rows.map((row) => [row.name, number(row.middle), ...row.values.map((value) => number(value))]),
      })}
      draw=${(width) =>
        html`<${Bands}
          width=${width}
          axis=${axis}
          rows=${rows}
          limit=${limit}
          unit=${concepts.unit || "nats"}
          label=${`Importance of ${rows.length} concepts in ${axis.at.length} windows`}
        />`}
    />
  <//>`;
}
