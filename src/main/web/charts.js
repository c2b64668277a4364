// The forms of charts. Each mark carries its value in data attributes.
import { html } from "cw/html";
import { brief, known, number, plural } from "cw/format";
import { Plot, spread } from "cw/plot";

/** [low, high] of the known values, widened a little and kept within bounds. */
export function extent(values, { zero = false, low = -Infinity, high = Infinity, pad = 0.06 } = {}) {
  const finite = values.filter(known);
  if (finite.length === 0) {
    return [0, 1];
  }
  let [from, to] = d3.extent(finite);
  if (zero) {
    from = Math.min(0, from);
    to = Math.max(0, to);
  }
  const room = to > from ? (to - from) * pad : Math.abs(to) * 0.1 || 0.5;
  return [zero && from === 0 ? 0 : Math.max(low, from - room), Math.min(high, to + room)];
}

const nameWidth = (names) => Math.min(110, 14 + 6.3 * d3.max(names, (name) => name.length));

const markEvery = (points) => Math.max(1, Math.ceil(points / 8));

/** A vertical rule through the chart, of a drift or of a change that is known. */
const Rules = ({ rules, x, box }) =>
  rules
    .map((rule) => ({ ...rule, px: x(rule.at) }))
    .filter((rule) => rule.px >= box.left - 1 && rule.px <= box.right + 1)
    .map(
      (rule) =>
        html`<line
          class=${`rule ${rule.className}`}
          data-at=${+rule.at}
          x1=${rule.px}
          x2=${rule.px}
          y1=${box.top}
          y2=${box.bottom}
        />`,
    );

/**
 * Lines over a common axis {scale, at: positions, label, format, say(i)}, each named at its end. A series is {name,
 * values, look}.
 */
export function Lines({ width, height = 200, axis, series, yLabel, format = number, domain, bounds, rules = [], level, label }) {
  const drawn = series.filter((one) => one.values.some(known));
  const all = drawn.flatMap((one) => one.values);
  const y = d3.scaleLinear().domain(domain || extent(all, bounds));
  if (!domain) {
    y.nice(4);
  }
  const named = drawn.length > 1 || level;
  const names = [...drawn.map((one) => one.name), ...(level ? [level.name] : [])];
  const stops = (sx, sy) =>
    axis.at.map((at, i) => {
      const values = drawn.filter((one) => known(one.values[i]));
      return {
        x: sx(at),
        y: values.length > 0 ? sy(values[values.length - 1].values[i]) : sy.range()[0],
        text: [axis.say(i), ...values.map((one) => `${one.name} ${format(one.values[i])}${one.more ? one.more(i) : ""}`)],
      };
    });
  return html`<${Plot}
    width=${width}
    height=${height}
    margin=${{ right: named ? nameWidth(names) : 16 }}
    x=${axis.scale}
    y=${y}
    xLabel=${axis.label}
    xFormat=${axis.format}
    yLabel=${yLabel}
    label=${label}
    stops=${stops}
  >
    ${(sx, sy, box) => {
      const every = markEvery(axis.at.length);
      const ends = drawn.map((one) => {
        const last = d3.range(axis.at.length - 1, -1, -1).find((i) => known(one.values[i]));
        return { name: one.name, at: sy(one.values[last]), look: one.look };
      });
      if (level) {
        ends.push({ name: level.name, at: sy(level.value), look: { className: "level" } });
      }
      return html`<${Rules} rules=${rules} x=${sx} box=${box} />
        ${level &&
        html`<line class="level" data-value=${level.value} x1=${box.left} x2=${box.right} y1=${sy(level.value)} y2=${sy(level.value)} />`}
        ${drawn.map((one, s) => {
          const line = d3
            .line((_, i) => sx(axis.at[i]), (value) => sy(value))
            .defined(known);
          return html`<g class=${`series ${one.look.className}`} data-series=${one.name}>
            <path class="line" d=${line(one.values)} stroke-dasharray=${one.look.dash} />
            ${one.values.map((value, i) => {
              const alone = !known(one.values[i - 1]) && !known(one.values[i + 1]);
              return (
                known(value) &&
                (alone || i % every === (s * 2) % every) &&
                html`<path
                  class="mark"
                  d=${one.look.symbol}
                  transform=${`translate(${sx(axis.at[i])},${sy(value)})`}
                  data-index=${i}
                  data-value=${value}
                />`
              );
            })}
          </g>`;
        })}
        ${named &&
        spread(ends, 13, box.top + 4, box.bottom).map(
          (end) =>
            html`<g class=${`name ${end.look.className}`}>
              <line x1=${box.right + 2} x2=${box.right + 10} y1=${end.at} y2=${end.at} stroke-dasharray=${end.look.dash ? "3 1.5" : null} />
              <text x=${box.right + 13} y=${end.at} dy="0.32em">${end.name}</text>
            </g>`,
        )}`;
    }}
  <//>`;
}

/** Shares of a whole, one column a window, the first series at the bottom, named at the right. */
export function Stack({ width, height = 180, axis, series, yLabel, rules = [], label }) {
  const y = d3.scaleLinear().domain([0, 1]);
  const starts = axis.at.map((_, i) => {
    let sum = 0;
    return series.map((one) => {
      const from = sum;
      sum += known(one.values[i]) ? one.values[i] : 0;
      return from;
    });
  });
  const format = (value) => number(value, 2);
  return html`<${Plot}
    width=${width}
    height=${height}
    margin=${{ right: nameWidth(series.map((one) => one.name)) }}
    x=${axis.scale}
    y=${y}
    xLabel=${axis.label}
    xFormat=${axis.format}
    yLabel=${yLabel}
    label=${label}
    stops=${(sx, sy) =>
      axis.at.map((at, i) => ({
        x: sx(at),
        y: sy(0.5),
        text: [axis.say(i), ...[...series].reverse().map((one) => `${one.name} ${format(one.values[i])}`)],
      }))}
  >
    ${(sx, sy, box) => {
      const last = d3.range(axis.at.length - 1, -1, -1).find((i) => series.some((one) => known(one.values[i])));
      const names =
        last === undefined
          ? []
          : series
              .map((one, s) => ({ one, share: one.values[last] || 0, at: sy(starts[last][s] + (one.values[last] || 0) / 2) }))
              .filter((name) => name.share > 0.004);
      return html`${series.map(
          (one, s) =>
            html`<g class=${`layer ${one.look.className}`} data-series=${one.name}>
              ${one.values.map((value, i) => {
                const [from, to] = axis.span(i).map((at) => sx(at));
                return (
                  known(value) &&
                  value > 0 &&
                  html`<rect
                    x=${from}
                    y=${sy(starts[i][s] + value)}
                    width=${Math.max(0.5, to - from) + 0.4}
                    height=${Math.max(0, sy(starts[i][s]) - sy(starts[i][s] + value))}
                    data-index=${i}
                    data-value=${value}
                  />`
                );
              })}
              <path
                class="edge"
                d=${d3.line((step) => sx(step.x), (step) => sy(step.y)).defined((step) => step.isKnown)(
                  one.values.flatMap((value, i) =>
                    axis.span(i).map((at) => ({ x: at, y: starts[i][s], isKnown: s > 0 && known(value) })),
                  ),
                )}
              />
            </g>`,
        )}
        <${Rules} rules=${rules} x=${sx} box=${box} />
        ${spread(names, 13, box.top + 4, box.bottom - 2).map(
          (name) => html`<text class="layer-name" x=${box.right + 8} y=${name.at} dy="0.32em">${name.one.name}</text>`,
        )}`;
    }}
  <//>`;
}

/** Histograms of two groups, one upward and one downward; a lone group upward. Values are shares of the group. */
export function Mirror({ width, height = 190, edges, groups, xLabel, yLabel, label }) {
  const shares = groups.map((group) => {
    const total = d3.sum(group.counts);
    return group.counts.map((n) => (total > 0 ? n / total : 0));
  });
  const top = d3.max(shares[0]) || 0.1;
  const bottom = groups.length > 1 ? d3.max(shares[1]) || 0 : 0;
  const y = d3.scaleLinear().domain([-bottom, top]).nice(4);
  const bins = d3.range(edges.length - 1);
  return html`<${Plot}
    width=${width}
    height=${height}
    x=${d3.scaleLinear().domain(d3.extent(edges))}
    y=${y}
    xLabel=${xLabel}
    yLabel=${yLabel}
    yFormat=${(value) => `${brief(Math.abs(100 * value))} %`}
    label=${label}
    stops=${(sx, sy) =>
      bins.map((i) => ({
        x: sx((edges[i] + edges[i + 1]) / 2),
        y: sy(shares[0][i]),
        text: [
          `${brief(edges[i])} to ${brief(edges[i + 1])}`,
          ...groups.map((group, g) => `${group.name} ${group.counts[i]} (${brief(100 * shares[g][i])} %)`),
        ],
      }))}
  >
    ${(sx, sy, box) =>
      html`${groups.map(
          (group, g) =>
            html`<g class=${`bars ${group.className}`} data-series=${group.name}>
              ${bins.map((i) => {
                const far = sy(g === 0 ? shares[g][i] : -shares[g][i]);
                return html`<rect
                  x=${sx(edges[i]) + 0.5}
                  width=${Math.max(0.5, sx(edges[i + 1]) - sx(edges[i]) - 1)}
                  y=${Math.min(far, sy(0))}
                  height=${Math.abs(far - sy(0))}
                  data-index=${i}
                  data-value=${group.counts[i]}
                  data-share=${shares[g][i]}
                />`;
              })}
              <text class="bar-name" x=${box.left + 6} y=${g === 0 ? box.top + 8 : box.bottom - 5}>${group.title}</text>
            </g>`,
        )}
        <line class="zero" x1=${box.left} x2=${box.right} y1=${sy(0)} y2=${sy(0)} />`}
  <//>`;
}

/** Edges of cells around the points of a grid. */
function edgesOf(points) {
  if (points.length === 1) {
    return [points[0] - 0.5, points[0] + 0.5];
  }
  const inner = d3.pairs(points, (a, b) => (a + b) / 2);
  return [2 * points[0] - inner[0], ...inner, 2 * points[points.length - 1] - inner[inner.length - 1]];
}

/** How strongly a cell is coloured, for a limit of the values. */
export const shade = (value, limit) =>
  `--v:${limit > 0 ? Math.round(Math.min(1, Math.abs(value) / limit) * 92) : 0}%`;

/** A surface over two axes: hue for the sign, with dots where it is negative. effect[a][b]. */
export function Surface({ width, height, a, b, zA, zB, effect, limit, label }) {
  const ea = edgesOf(zA);
  const eb = edgesOf(zB);
  const x = d3.scaleLinear().domain([eb[0], eb[eb.length - 1]]);
  const y = d3.scaleLinear().domain([ea[0], ea[ea.length - 1]]);
  const cells = d3.cross(d3.range(zA.length - 1, -1, -1), d3.range(zB.length));
  const place = (sx, sy, i, j) => [sx(eb[j]), sy(ea[i + 1]), sx(eb[j + 1]) - sx(eb[j]), sy(ea[i]) - sy(ea[i + 1])];
  return html`<${Plot}
    width=${width}
    height=${height}
    margin=${{ left: 34, right: 8 }}
    x=${x}
    y=${y}
    xLabel=${b}
    yLabel=${a}
    label=${label}
    nearest="both"
    stride=${zB.length}
    stops=${(sx, sy) =>
      cells.map(([i, j]) => ({
        x: sx(zB[j]),
        y: sy(zA[i]),
        box: place(sx, sy, i, j),
        text: [`${a} ${brief(zA[i])}, ${b} ${brief(zB[j])}`, `${d3.format("+.3f")(effect[i][j])} nats`],
      }))}
  >
    ${(sx, sy) =>
      cells.map(([i, j]) => {
        const value = effect[i][j];
        const [left, top, w, h] = place(sx, sy, i, j);
        return html`<rect
            class=${`cell ${value < 0 ? "negative" : "positive"}`}
            style=${shade(value, limit)}
            x=${left}
            y=${top}
            width=${w + 0.4}
            height=${h + 0.4}
            data-a=${zA[i]}
            data-b=${zB[j]}
            data-value=${value}
          />${value < -0.15 * limit && html`<circle class="dot" cx=${left + w / 2} cy=${top + h / 2} r="1.2" />`}`;
      })}
  <//>`;
}

/** The end of a scale that a few absurd values must not stretch: most values are below it. */
export const bulk = (values, share) => d3.quantile(values, share) || d3.max(values) || 1;

/** Rows of cells along a common axis, one row a name; values from 0 up, shaded by their square root so that small ones are seen. */
export function Bands({ width, axis, rows, limit, unit, label }) {
  const height = 46 + 17 * rows.length;
  const left = Math.min(0.36 * width, 12 + 6.3 * d3.max(rows, (row) => row.name.length));
  const letters = Math.max(4, Math.floor((left - 10) / 6.1));
  const place = (sx, sy, row, i) => {
    const [from, to] = axis.span(i).map((at) => sx(at));
    return [from, sy(row.name), Math.max(0.5, to - from), sy.bandwidth()];
  };
  return html`<${Plot}
    width=${width}
    height=${height}
    margin=${{ left, right: 52, top: 8 }}
    x=${axis.scale}
    y=${d3.scaleBand(rows.map((row) => row.name), [0, 1]).paddingInner(0.08)}
    xLabel=${axis.label}
    xFormat=${axis.format}
    yFormat=${(name) => (name.length > letters ? `${name.slice(0, letters - 1)}…` : name)}
    label=${label}
    nearest="both"
    stride=${axis.at.length}
    stops=${(sx, sy) =>
      rows.flatMap((row) =>
        axis.at.map((at, i) => ({
          x: sx(at),
          y: sy(row.name) + sy.bandwidth() / 2,
          box: place(sx, sy, row, i),
          text: [row.name, axis.say(i), known(row.values[i]) ? `${brief(row.values[i])} ${unit}` : "not known"],
        })),
      )}
  >
    ${(sx, sy, box) =>
      rows.map(
        (row) =>
          html`<g data-series=${row.name}>
            ${row.values.map((value, i) => {
              const [x, y, w, h] = place(sx, sy, row, i);
              return (
                known(value) &&
                html`<rect
                  class="cell positive"
                  style=${shade(Math.sqrt(Math.max(0, value)), Math.sqrt(limit))}
                  x=${x}
                  y=${y}
                  width=${w + 0.3}
                  height=${h}
                  data-index=${i}
                  data-value=${value}
                />`
              );
            })}
            <text class="end" x=${box.right + 6} y=${sy(row.name) + sy.bandwidth() / 2} dy="0.32em">${number(row.middle, 3)}</text>
          </g>`,
      )}
  <//>`;
}

/** Gains against a control: a faint dot a seed (or another unit), a full one with a bar for mean and spread. A row is {name, values, mean, spread}. */
export function Dots({ width, rows, xLabel, label, unit = "seed" }) {
  const height = 50 + 20 * rows.length;
  const left = Math.min(0.38 * width, 14 + 6.3 * d3.max(rows, (row) => row.name.length));
  const all = rows.flatMap((row) => [...row.values, row.mean - (row.spread || 0), row.mean + (row.spread || 0)]);
  return html`<${Plot}
    width=${width}
    height=${height}
    margin=${{ left, top: 8, right: 58 }}
    x=${d3.scaleLinear().domain(extent(all, { zero: true })).nice(5)}
    y=${d3.scaleBand(rows.map((row) => row.name), [0, 1])}
    xLabel=${xLabel}
    label=${label}
    nearest="both"
    stops=${(sx, sy) =>
      rows.map((row) => ({
        x: sx(row.mean),
        y: sy(row.name) + sy.bandwidth() / 2,
        text: [row.name, `${d3.format("+.4f")(row.mean)}${known(row.spread) ? ` ± ${number(row.spread, 4)}` : ""}`, plural(row.values.length, unit)],
      }))}
  >
    ${(sx, sy, box) =>
      html`<line class="zero" x1=${sx(0)} x2=${sx(0)} y1=${box.top} y2=${box.bottom} />
        ${rows.map((row) => {
          const at = sy(row.name) + sy.bandwidth() / 2;
          return html`<g class="dots" data-series=${row.name}>
            ${known(row.spread) &&
            html`<line class="spread" x1=${sx(row.mean - row.spread)} x2=${sx(row.mean + row.spread)} y1=${at} y2=${at} />`}
            ${row.values.map((value) => html`<circle class="seed" cx=${sx(value)} cy=${at} r="2.5" data-value=${value} />`)}
            <circle class="mean" cx=${sx(row.mean)} cy=${at} r="4" data-value=${row.mean} />
            <text class="end" x=${box.right + 8} y=${at} dy="0.32em">${d3.format("+.3f")(row.mean)}</text>
          </g>`;
        })}`}
  <//>`;
}

/** Signed amounts as small bars around zero, with names and numbers: reason codes. `limit` is the longest bar's amount. */
/** Bars that are longer than the limit end at the edge; the number beside them is exact. */
export function Reasons({ reasons, limit }) {
  const half = 34;
  const length = (value) => Math.max(-1, Math.min(1, value / limit)) * half;
  return html`<ul class="reasons">
    ${reasons.map(
      ([name, value]) =>
        html`<li>
          <span class="reason">${name}</span>
          <svg width=${2 * half} height="10" aria-hidden="true">
            <line class="zero" x1=${half} x2=${half} y1="0" y2="10" />
            <rect
              class=${value < 0 ? "negative" : "positive"}
              x=${half + Math.min(0, length(value))}
              y="2"
              width=${Math.abs(length(value))}
              height="6"
              data-reason=${name}
              data-value=${value}
            />
          </svg>
          <span class="amount">${d3.format("+.2f")(value)}</span>
        </li>`,
    )}
  </ul>`;
}
