// The plane that charts are drawn on: axes with units, and a cursor that mouse, finger and arrow keys move.
import { html, useState } from "cw/html";
import { ticks as plain } from "cw/format";

/** Width of a letter of an axis, in pixels. */
const LETTER = 6.1;

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

/** Ticks whose texts do not run into each other. */
function apart(ticks, positionOf, textOf) {
  const kept = [];
  let end = -Infinity;
  for (const tick of ticks) {
    const half = (textOf(tick).length * LETTER) / 2;
    if (positionOf(tick) - half >= end + 6) {
      kept.push(tick);
      end = positionOf(tick) + half;
    }
  }
  return kept;
}

const middle = (scale, value) => scale(value) + (scale.bandwidth ? scale.bandwidth() / 2 : 0);

const valuesOf = (scale, ticks, number) => ticks || (scale.ticks ? scale.ticks(number) : scale.domain());

const formatOf = (scale, format, number) => {
  if (format) {
    return format;
  }
  // Numbers have one form on all axes; times that of their scale.
  return scale.ticks && !(scale.domain()[0] instanceof Date) ? plain : scale.tickFormat ? scale.tickFormat(number) : String;
};

const attribute = (value) => (value instanceof Date ? +value : value);

/**
 * Axes and marks. x and y are d3 scales without a range; `children(x, y)` draws the marks on scales with one. A stop of
 * the cursor is {x, y, text: lines}, from `stops(x, y)`; `stride` stops are one row, for the up and down keys. `foot` pixels
 * above the horizontal axis are kept free of the values.
 */
export function Plot({
  width,
  height,
  margin = {},
  foot = 0,
  x,
  y,
  xLabel,
  yLabel,
  xTicks,
  yTicks,
  xFormat,
  yFormat,
  label,
  stops,
  stride = 0,
  nearest = "x",
  children,
}) {
  const [active, setActive] = useState(null);
  const m = { top: yLabel ? 24 : 8, right: 14, bottom: xLabel ? 38 : 22, left: 44, ...margin };
  const sx = x.copy().range([m.left, Math.max(m.left + 10, width - m.right)]);
  const sy = y.copy().range(y.bandwidth ? [m.top, height - m.bottom] : [height - m.bottom - foot, m.top]);
  const across = Math.max(3, Math.floor((width - m.left - m.right) / 75));
  const up = Math.max(3, Math.floor((height - m.top - m.bottom - foot) / 30));
  const xText = formatOf(x, xFormat, across);
  const yText = formatOf(y, yFormat, up);
  const xs = apart(valuesOf(sx, xTicks, across), (tick) => middle(sx, tick), (tick) => xText(tick));
  const ys = valuesOf(sy, yTicks, up);
  const points = stops ? stops(sx, sy) : [];
  const stop = active === null ? null : points[Math.min(active, points.length - 1)];

  const toNearest = (event) => {
    if (points.length === 0) {
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const px = ((event.clientX - box.left) * width) / box.width;
    const py = ((event.clientY - box.top) * height) / box.height;
    setActive(
      d3.leastIndex(points, (a, b) => {
        const far = (p) => (p.x - px) ** 2 + (nearest === "x" ? 0 : (p.y - py) ** 2);
        return far(a) - far(b);
      }),
    );
  };
  const onKey = (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -(stride || 1), ArrowDown: stride || 1 }[event.key];
    const last = points.length - 1;
    if (last < 0) {
      return;
    }
    if (event.key === "Escape") {
      setActive(null);
    } else if (event.key === "Home" || event.key === "End") {
      setActive(event.key === "Home" ? 0 : last);
    } else if (step) {
      setActive(active === null ? 0 : clamp(Math.min(active, last) + step, 0, last));
    } else {
      return;
    }
    event.preventDefault();
  };

  const tipLeft = stop && (stop.x > width / 2 ? { right: `${width - stop.x + 10}px` } : { left: `${stop.x + 10}px` });
  return html`<div class="plot" style=${{ width: `${width}px` }}>
    <svg
      viewBox=${`0 0 ${width} ${height}`}
      width=${width}
      height=${height}
      role="img"
      aria-label=${label}
      tabindex=${points.length > 0 ? 0 : -1}
      onPointerMove=${toNearest}
      onPointerLeave=${() => setActive(null)}
      onFocus=${(event) => event.currentTarget.matches(":focus-visible") && setActive(active === null ? 0 : active)}
      onBlur=${() => setActive(null)}
      onKeyDown=${onKey}
    >
      <g class="axis x">
        ${xs.map((tick) => {
          const at = middle(sx, tick);
          const half = (xText(tick).length * LETTER) / 2;
          return html`<g class="tick" data-value=${attribute(tick)} data-at=${at}>
            <line x1=${at} x2=${at} y1=${height - m.bottom} y2=${height - m.bottom + 4} />
            <text x=${clamp(at, half, width - half)} y=${height - m.bottom + 16}>${xText(tick)}</text>
          </g>`;
        })}
        <line class="base" x1=${m.left} x2=${width - m.right} y1=${height - m.bottom} y2=${height - m.bottom} />
        ${xLabel && html`<text class="label" x=${width - m.right} y=${height - 5} text-anchor="end">${xLabel}</text>`}
      </g>
      <g class="axis y">
        ${ys.map((tick) => {
          const at = middle(sy, tick);
          return html`<g class="tick" data-value=${attribute(tick)} data-at=${at}>
            ${!sy.bandwidth && html`<line class="grid" x1=${m.left} x2=${width - m.right} y1=${at} y2=${at} />`}
            <text x=${m.left - 6} y=${at} dy="0.32em">${yText(tick)}</text>
          </g>`;
        })}
        ${yLabel && html`<text class="label" x="0" y="11">${yLabel}</text>`}
      </g>
      ${children(sx, sy, { left: m.left, right: width - m.right, top: m.top, bottom: height - m.bottom })}
      ${stop &&
      html`<g class="cursor">
        ${nearest === "x" && html`<line x1=${stop.x} x2=${stop.x} y1=${m.top} y2=${height - m.bottom} />`}
        ${stop.box
          ? html`<rect x=${stop.box[0]} y=${stop.box[1]} width=${stop.box[2]} height=${stop.box[3]} />`
          : html`<circle cx=${stop.x} cy=${stop.y} r="4" />`}
      </g>`}
    </svg>
    <div class="tip" role="status" style=${stop ? { ...tipLeft, top: `${clamp(stop.y - 20, 0, height - 30)}px` } : {}}>
      ${stop && stop.text.map((line, l) => html`<div key=${l}>${line}</div>`)}
    </div>
  </div>`;
}

/** Moves labels along an axis until they are `gap` apart, within [low, high], in their order. */
export function spread(labels, gap, low, high) {
  const sorted = [...labels].sort((a, b) => a.at - b.at);
  sorted.forEach((label, l) => {
    label.at = Math.max(label.at, l === 0 ? low : sorted[l - 1].at + gap);
  });
  for (let l = sorted.length - 1, limit = high; l >= 0; l--) {
    sorted[l].at = Math.min(sorted[l].at, limit);
    limit = sorted[l].at - gap;
  }
  return sorted;
}
