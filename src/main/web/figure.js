// The frame of a chart: heading, note, the chart, and its numbers as a table.
import { html, useLayoutEffect, useRef, useState } from "cw/html";
import { Numbers } from "cw/table";

/** Page width in print, in CSS pixels: A4 with margins. */
const PRINT_WIDTH = 680;

/** The width of an element, followed as it changes. */
export function useWidth() {
  const element = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.floor(element.current ? element.current.clientWidth : 0));
    const forPrint = () => setWidth((now) => Math.min(now, PRINT_WIDTH));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element.current);
    window.addEventListener("beforeprint", forPrint);
    window.addEventListener("afterprint", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("beforeprint", forPrint);
      window.removeEventListener("afterprint", measure);
    };
  }, []);
  return [element, width];
}

/**
 * A chart with what belongs to it. `draw` makes it for a width in pixels; `numbers` is the same as {columns, rows of
 * texts}; `empty` is a sentence that stands in its place; `wide` gives it all columns.
 */
export function Figure({ name, title, note, draw, numbers, empty, wide }) {
  const [element, width] = useWidth();
  return html`<figure class=${wide ? "figure wide" : "figure"} data-figure=${name}>
    <figcaption>
      <h3>${title}</h3>
      ${note && html`<p class="note">${note}</p>`}
    </figcaption>
    <div class="canvas" ref=${element}>
      ${empty ? html`<p class="empty">${empty}</p>` : width > 0 && draw(width)}
    </div>
    ${!empty && numbers && html`<${Numbers} title=${title} numbers=${numbers} />`}
  </figure>`;
}

/** A section of the page with its heading, left out of the page's index without a title. */
export const Section = ({ id, title, lead, children }) =>
  html`<section id=${id} aria-labelledby=${`${id}-title`}>
    <h2 id=${`${id}-title`}>${title}</h2>
    ${lead && html`<p class="lead">${lead}</p>`} ${children}
  </section>`;

/** One of several choices. */
export function Chooser({ label, value, options, onChange }) {
  return html`<label class="chooser"
    >${label}${" "}
    <select value=${value} onChange=${(event) => onChange(event.target.value)}>
      ${options.map(
        (option) => html`<option value=${option.value} selected=${option.value === value}>${option.label}</option>`,
      )}
    </select></label
  >`;
}

