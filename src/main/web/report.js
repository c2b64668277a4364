// The report page: draws the JSON that stands in it.
import { html, render } from "cw/html";
import { Header } from "cw/quality";
import { SECTIONS, Sections } from "cw/sections";

const FORMAT = 1;

function read() {
  const text = document.getElementById("report-data").textContent;
  if (!text.trim()) {
    throw new Error("there is no data in it");
  }
  const report = JSON.parse(text);
  if (report.format !== FORMAT) {
    throw new Error(`it is of format ${report.format}, this page knows ${FORMAT}`);
  }
  return report;
}

function Page({ report }) {
  const index = SECTIONS.filter(([, , has]) => has(report));
  return html`<a class="skip" href="#main">To the content</a>
    <div class="page">
      <${Header} report=${report} />
      ${index.length > 1 &&
      html`<nav class="index" aria-label="Sections">
        <ul>
          ${index.map(([id, title]) => html`<li><a href=${`#${id}`}>${title}</a></li>`)}
        </ul>
      </nav>`}
      <main id="main" tabindex="-1"><${Sections} report=${report} /></main>
      <footer class="foot">Numbers that are not defined are dashes. Losses are in nats, times in UTC.</footer>
    </div>`;
}

const root = document.getElementById("app");
try {
  const report = read();
  document.title = `${report.title || "Report"} · Counterweight`;
  render(html`<${Page} report=${report} />`, root);
} catch (error) {
  render(html`<main class="page"><h1>This report cannot be shown</h1><p>${error.message}.</p></main>`, root);
}
document.documentElement.dataset.drawn = "true";
