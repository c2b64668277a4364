// Tables: sorted by their headings with mouse and keyboard, searched and turned by pages where they are long.
import { html, useMemo, useState } from "cw/html";
import { count } from "cw/format";

/** A box that scrolls by itself, so that the page need not. */
export const ScrollBox = ({ label, children }) =>
  html`<div class="scroll" role="region" aria-label=${label} tabindex="0">${children}</div>`;

const missing = (value) => value === null || value === undefined || Number.isNaN(value);

function compare(a, b, down) {
  if (missing(a) || missing(b)) {
    return missing(a) - missing(b);
  }
  const order =
    typeof a === "string" || typeof b === "string"
      ? String(a).localeCompare(String(b), "en", { numeric: true })
      : d3.ascending(a, b);
  return down ? -order : order;
}

/** The heading of a column that can be sorted by. */
export function SortHeading({ column, sort, onSort }) {
  const active = sort && sort.name === column.name;
  return html`<th
    scope="col"
    class=${column.numeric ? "numeric" : ""}
    aria-sort=${active ? (sort.down ? "descending" : "ascending") : "none"}
  >
    <button type="button" onClick=${() => onSort(column)} title=${column.title}>
      ${column.label}<span class="arrow" aria-hidden="true">${active ? (sort.down ? " ▼" : " ▲") : ""}</span>
    </button>
  </th>`;
}

/** Where one is among the pages, with the way on. */
export function Pager({ page, pages, from, to, total, what, onPage }) {
  if (pages <= 1) {
    return null;
  }
  return html`<nav class="pager" aria-label=${`Pages of ${what}`}>
    <button type="button" disabled=${page === 0} onClick=${() => onPage(page - 1)}>Previous</button>
    <span role="status">${count(from)} to ${count(to)} of ${count(total)}</span>
    <button type="button" disabled=${page >= pages - 1} onClick=${() => onPage(page + 1)}>Next</button>
  </nav>`;
}

/**
 * A sortable table. A column is {name, label, value(row) to sort by, cell(row) to show, numeric, title, row: true for
 * the heading of the row}; `search(row)` is the text that a search looks into.
 */
export function Table({ caption, columns, rows, sort: initial = null, size = 0, search, what = "rows", mark }) {
  const [sort, setSort] = useState(initial);
  const [page, setPage] = useState(0);
  const [wanted, setWanted] = useState("");
  const found = useMemo(() => {
    const text = wanted.trim().toLowerCase();
    return text && search ? rows.filter((row) => search(row).toLowerCase().includes(text)) : rows;
  }, [rows, wanted]);
  const sorted = useMemo(() => {
    const column = sort && columns.find((c) => c.name === sort.name);
    return column ? [...found].sort((a, b) => compare(column.value(a), column.value(b), sort.down)) : found;
  }, [found, sort]);
  const pages = size > 0 ? Math.max(1, Math.ceil(sorted.length / size)) : 1;
  const at = Math.min(page, pages - 1);
  const shown = size > 0 ? sorted.slice(at * size, (at + 1) * size) : sorted;
  const onSort = (column) => {
    setPage(0);
    setSort(
      sort && sort.name === column.name
        ? { name: column.name, down: !sort.down }
        : { name: column.name, down: Boolean(column.numeric) },
    );
  };
  return html`${search &&
    rows.length > 10 &&
    html`<label class="search"
      >Search ${what}${" "}
      <input
        type="search"
        value=${wanted}
        onInput=${(event) => {
          setPage(0);
          setWanted(event.target.value);
        }}
    /></label>`}
    <${ScrollBox} label=${caption}>
      <table data-rows=${rows.length}>
        <caption class="unseen">${caption}</caption>
        <thead>
          <tr>
            ${columns.map((column) =>
              column.value
                ? html`<${SortHeading} key=${column.name} column=${column} sort=${sort} onSort=${onSort} />`
                : html`<th scope="col" key=${column.name} class=${column.numeric ? "numeric" : ""}>${column.label}</th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            (row, r) =>
              html`<tr key=${r} class=${mark ? mark(row) : ""}>
                ${columns.map((column) =>
                  column.row
                    ? html`<th scope="row" key=${column.name}>${column.cell(row)}</th>`
                    : html`<td key=${column.name} class=${column.numeric ? "numeric" : column.className || ""}>
                        ${column.cell(row)}
                      </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    <//>
    ${shown.length === 0 && html`<p class="empty">No ${what} match.</p>`}
    <${Pager}
      page=${at}
      pages=${pages}
      from=${at * size + 1}
      to=${at * size + shown.length}
      total=${sorted.length}
      what=${what}
      onPage=${setPage}
    />`;
}

/** The numbers behind a chart, made when they are asked for. */
export function Numbers({ title, numbers }) {
  const [open, setOpen] = useState(false);
  const values = open ? (typeof numbers === "function" ? numbers() : numbers) : null;
  return html`<details class="numbers" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>Show numbers<span class="unseen"> of: ${title}</span></summary>
    ${values &&
    html`<${ScrollBox} label=${`Numbers of: ${title}`}>
      <table>
        <caption class="unseen">${title}</caption>
        <thead>
          <tr>
            ${values.columns.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${values.rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell, c) => (c === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="numeric">${cell}</td>`))}
              </tr>`,
          )}
        </tbody>
      </table>
    <//>`}
  </details>`;
}
