// The live console: overview with the keys, one key, the feed of events, drift.
import { html, render, useEffect, useRef, useState } from "cw/html";
import { clock, count, duration, known, number, percent, plural, time } from "cw/format";
import { Figure, Section } from "cw/figure";
import { Lines, Reasons, bulk } from "cw/charts";
import { Pager, ScrollBox, SortHeading } from "cw/table";
import { driftState, keyColumns } from "cw/labels";
import { DriftStrip, DriftTable, LaneCharts, kindName, sampleAxis, timeAxis } from "cw/timeline";
import { Sections } from "cw/sections";
import { LONE } from "cw/series";
import { usePolling } from "cw/api";

/** Events that the feed keeps. */
const FEED = 200;

const KEYS_PAGE = 50;

/** What makes two entries of the feed the same event. */
const identity = (event) => JSON.stringify([event.modelKey, event.eventId]);

/** The route in the address: {name, key}. */
function routeOf(hash) {
  const path = hash.replace(/^#\/?/, "");
  if (path.startsWith("key/")) {
    try {
      return { name: "key", key: decodeURIComponent(path.slice(4)) };
    } catch {
      return { name: "unknown" };
    }
  }
  return { name: { "": "overview", events: "events", drift: "drift" }[path] || "unknown" };
}

export const keyAddress = (key) => `#/key/${encodeURIComponent(key)}`;

const KeyLink = ({ name }) => html`<a class="name" href=${keyAddress(name)} title=${name}>${name}</a>`;

/** Says plainly when the server is gone. */
function Connection({ state }) {
  const failure = state.failure;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!failure) {
      return undefined;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [failure]);
  const rest = failure ? Math.max(0, Math.round((failure.next - now) / 1000)) : 0;
  return html`<div class="banner" role="alert">
      ${failure &&
      html`<strong>The server does not answer</strong> since ${clock(failure.since)} (${failure.reason}).
        ${known(state.answered) ? ` What you see is of ${clock(state.answered)}.` : ""}`}
    </div>
    ${failure && html`<p class="note" data-retry="true">${rest > 0 ? `Trying again in ${rest} s.` : "Trying again now."}</p>`}`;
}

/** Says that a part of the page is not answered: the banner knows of the overview only. */
const Unanswered = ({ state }) =>
  state.failure &&
  html`<p class="note" data-unanswered="true">
    This part has had no answer since ${clock(state.failure.since)} (${state.failure.reason}).${known(state.answered) ? ` What you see is of ${clock(state.answered)}.` : ""}
  </p>`;

const Waiting = ({ state }) =>
  state.refusal
    ? html`<p class="empty">${state.refusal.message}</p>`
    : state.failure
      ? html`<${Unanswered} state=${state} />`
      : html`<p class="empty">Waiting for the first answer …</p>`;

function Facts({ facts }) {
  return html`<dl class="facts">
    ${facts.map(([name, value]) => html`<div key=${name} data-fact=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

const SAMPLES = [
  ["eventsPerSecond", "Events a second", "events/s", (v) => d3.format(",.3~r")(v)],
  ["lag", "Lag: events not read yet", "events", count],
  ["suspectShare", "Suspects among the labels", "share", (v) => percent(v)],
  ["meanWeight", "Mean weight", "weight", (v) => number(v)],
];

function SampleCharts({ samples }) {
  const times = samples.time || [];
  if (times.length === 0) {
    return html`<p class="empty">No samples yet.</p>`;
  }
  const axis = sampleAxis(times);
  return html`<div class="figures">
    ${SAMPLES.map(([name, title, unit, format]) => {
      const values = samples[name] || [];
      const top = d3.max(values.filter(known));
      return html`<${Figure}
        key=${name}
        name=${`sample-${name}`}
        title=${title}
        empty=${!values.some(known) && "Not known yet."}
        numbers=${() => ({ columns: ["time", unit], rows: times.map((_, i) => [axis.say(i), known(values[i]) ? format(values[i]) : "–"]) })}
        draw=${(width) =>
          html`<${Lines}
            width=${width}
            height=${150}
            axis=${axis}
            series=${[{ name: unit, values, look: LONE }]}
            yLabel=${unit}
            domain=${[0, top > 0 ? top * 1.1 : 1]}
            format=${format}
            label=${`${title}, ${times.length} samples`}
          />`}
      />`;
    })}
  </div>`;
}

const SERVER_SORTS = { key: "key", events: "events", suspects: "suspects", weight: "weight", drifts: "drifts" };

/** The keys, searched, sorted and turned by the server. */
function Keys() {
  const [question, setQuestion] = useState({ search: "", sort: "events", page: 0 });
  const [typed, setTyped] = useState("");
  const [answer, setAnswer] = useState(null);
  useEffect(() => {
    const timer = setTimeout(() => setQuestion((q) => (q.search === typed ? q : { ...q, search: typed, page: 0 })), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const url = `api/keys?search=${encodeURIComponent(question.search)}&sort=${question.sort}&page=${question.page}&size=${KEYS_PAGE}`;
  const state = usePolling(url, () => url, setAnswer);
  const columns = keyColumns((row) => html`<${KeyLink} name=${row.key} />`).map((column) => ({ ...column, sort: SERVER_SORTS[column.name] }));
  const sort = { name: question.sort, down: question.sort !== "key" && question.sort !== "weight" };
  return html`<${Section} id="keys" title="Keys" lead=${answer ? `${plural(answer.total, "key")}, one learner each${question.search ? `; ${count(answer.matching)} match the search` : ""}. Sorted and searched by the server.` : null}>
    <label class="search"
      >Search keys${" "}
      <input type="search" value=${typed} onInput=${(event) => setTyped(event.target.value)} />
    </label>
    ${!answer
      ? html`<${Waiting} state=${state} />`
      : html`<${Unanswered} state=${state} />
          <${ScrollBox} label="Keys">
            <table data-page=${answer.page} data-sort=${question.sort}>
              <caption class="unseen">Keys</caption>
              <thead>
                <tr>
                  ${columns.map((column) =>
                    column.sort
                      ? html`<${SortHeading}
                          key=${column.name}
                          column=${column}
                          sort=${sort}
                          onSort=${() => setQuestion((q) => ({ ...q, sort: column.sort, page: 0 }))}
                        />`
                      : html`<th key=${column.name} scope="col" class=${column.numeric ? "numeric" : ""}>${column.label}</th>`,
                  )}
                </tr>
              </thead>
              <tbody>
                ${answer.rows.map(
                  (row) =>
                    html`<tr key=${row.key} data-key=${row.key}>
                      ${columns.map((column) =>
                        column.row
                          ? html`<th key=${column.name} scope="row">${column.cell(row)}</th>`
                          : html`<td key=${column.name} class=${column.numeric ? "numeric" : ""}>${column.cell(row)}</td>`,
                      )}
                    </tr>`,
                )}
              </tbody>
            </table>
          <//>
          ${answer.rows.length === 0 && html`<p class="empty">${question.search ? "No key matches." : "There is no key yet."}</p>`}
          <${Pager}
            page=${answer.page}
            pages=${Math.max(1, Math.ceil(answer.matching / answer.size))}
            from=${answer.page * answer.size + 1}
            to=${answer.page * answer.size + answer.rows.length}
            total=${answer.matching}
            what="keys"
            onPage=${(page) => setQuestion((q) => ({ ...q, page }))}
          />`}
  <//>`;
}

function Overview({ overview }) {
  const samples = overview.samples || {};
  const times = samples.time || [];
  const totals = overview.totals || {};
  const rates = overview.rates || {};
  return html`<${Facts}
      facts=${[
        ["events/s", known(rates.eventsPerSecond) ? d3.format(",.3~r")(rates.eventsPerSecond) : "–"],
        ["lag, events", count(rates.lag)],
        ["events", count(totals.events)],
        ["labelled", count(totals.labelled)],
        ["weights", count(totals.weights)],
        ["suspects", count(totals.suspects)],
        ["suspect share", totals.weights > 0 ? percent(totals.suspects / totals.weights) : "–"],
        ["rejects", count(totals.rejects)],
        ["drifts", count(totals.drifts)],
        ["keys", count(totals.keys)],
      ]}
    />
    <${Section} id="now" title="Now"><${SampleCharts} samples=${samples} /><//>
    ${times.length > 0 &&
    html`<${Section} id="lanes" title="Lanes over time">
      <${LaneCharts}
        lanes=${overview.lanes || []}
        axis=${sampleAxis(times)}
        prAuc=${samples.prAuc}
        gMean=${samples.gMean}
        share=${samples.share}
        rules=${[]}
        truth=${overview.truth || "labels as received"}
      />
    <//>`}
    <${Keys} />`;
}

function KeyPage({ name }) {
  const [report, setReport] = useState(null);
  const state = usePolling(`key ${name}`, () => `api/key?key=${encodeURIComponent(name)}`, setReport);
  const row = report && report.keys && report.keys.rows && report.keys.rows[0];
  return html`<p><a href="#/">All keys</a></p>
    ${state.refusal || !report
      ? html`<${Waiting} state=${state} />`
      : html`<${Unanswered} state=${state} />
          ${row &&
          html`<${Facts}
            facts=${[
              ["events", count(row.events)],
              ["labelled", count(row.labelled)],
              ["suspects", count(row.suspects)],
              ["mean weight", number(row.meanWeight)],
              ["drifts", count(row.drifts)],
              ["drift state", driftState(row)],
              ["version", count(row.version)],
              ["last event (UTC)", time(row.lastTime)],
            ]}
          />`}
          <${Sections} report=${report} without=${["keys", "lanes"]} />`}`;
}

function Events({ classes }) {
  const [feed, setFeed] = useState({ next: 0, events: [] });
  const [paused, setPaused] = useState(false);
  const [key, setKey] = useState("");
  const [typed, setTyped] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setKey(typed.trim()), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => setFeed({ next: 0, events: [] }), [key]);
  const current = useRef(feed);
  current.current = feed;
  const take = (answer) => {
    const seen = current.current;
    if (answer.next < seen.next) {
      // The server has started anew, and counts from the beginning.
      setFeed({ next: 0, events: [] });
      return;
    }
    const newest = seen.events.length > 0 ? seen.events[0].seq : -1;
    const fresh = answer.events.filter((event) => event.seq > newest);
    // An event comes again, with another number, when its weight is there.
    const again = new Set(fresh.map(identity));
    const older = seen.events.filter((event) => !again.has(identity(event)));
    setFeed({ next: answer.next, events: [...fresh, ...older].slice(0, FEED) });
  };
  const state = usePolling(
    `events ${key}`,
    () => `api/events?key=${encodeURIComponent(key)}&after=${current.current.next}&limit=${FEED}`,
    take,
    paused,
  );
  const limit = bulk(feed.events.flatMap((event) => (event.reasons || []).map(([, value]) => Math.abs(value))), 0.95);
  const named = (label) => (known(label) ? (classes[label] ?? String(label)) : "–");
  return html`<div class="controls">
      <button type="button" aria-pressed=${paused} onClick=${() => setPaused(!paused)}>${paused ? "Go on" : "Pause"}</button>
      <label class="search">Only the key${" "}<input type="search" value=${typed} onInput=${(event) => setTyped(event.target.value)} /></label>
      <span class="note"><span role="status">${paused ? "Paused" : "Live"}</span>; the newest ${count(feed.events.length)} events, at most ${FEED}.</span>
    </div>
    ${feed.events.length === 0
      ? html`<${state.answered && !state.failure ? NoEvents : Waiting} state=${state} />`
      : html`<${Unanswered} state=${state} />
          <${ScrollBox} label="Newest events">
          <table class="feed">
            <caption class="unseen">Newest events first</caption>
            <thead>
              <tr>
                <th scope="col">event</th>
                <th scope="col">predicted</th>
                <th scope="col" class="numeric">probability</th>
                <th scope="col">label</th>
                <th scope="col" class="numeric">weight</th>
                <th scope="col" class="numeric">belief</th>
                <th scope="col" class="numeric">loss, nats</th>
                <th scope="col">reason codes, nats</th>
                <th scope="col">key</th>
                <th scope="col">drift</th>
                <th scope="col">time (UTC)</th>
              </tr>
            </thead>
            <tbody>
              ${feed.events.map(
                (event) =>
                  html`<tr key=${event.seq} data-seq=${event.seq}>
                    <th scope="row"><span class="name" title=${event.eventId}>${event.eventId}</span></th>
                    <td>${named(event.predicted)}</td>
                    <td class="numeric">${number((event.probabilities || [])[event.predicted])}</td>
                    <td>${named(event.label)}${event.suspect ? html` <span class="suspect">suspect</span>` : ""}</td>
                    <td class="numeric">${number(event.weight)}</td>
                    <td class="numeric">${number(event.belief)}</td>
                    <td class="numeric">${number(event.loss, 2)}</td>
                    <td><${Reasons} reasons=${event.reasons || []} limit=${limit} /></td>
                    <td><${KeyLink} name=${event.modelKey} /></td>
                    <td>${driftState(event)}</td>
                    <td>${time(event.eventTime)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        <//>`}`;
}

const NoEvents = () => html`<p class="empty">No event has come yet.</p>`;

function Drift() {
  const [answer, setAnswer] = useState(null);
  const state = usePolling("drift", () => "api/drift", setAnswer);
  if (!answer) {
    return html`<${Waiting} state=${state} />`;
  }
  const events = answer.events || [];
  if (events.length === 0) {
    return html`<${Unanswered} state=${state} />
      <p class="empty">No change of the drift state yet.</p>`;
  }
  const [low, high] = d3.extent(events, (event) => event.eventTime);
  const axis = timeAxis(low, high);
  const kinds = d3.rollups(events.filter((event) => event.state === "DRIFT"), (group) => group.length, (event) => kindName(event.kind));
  return html`<${Unanswered} state=${state} />
    <p class="lead">
      ${plural(events.length, "change")} of the drift state, newest first${kinds.length > 0 ? `. Drifts: ${kinds.map(([kind, n]) => `${kind} ${n}`).join(", ")}` : ""}.
    </p>
    <${DriftStrip} drift=${events} injected=${null} axis=${axis} />
    <${DriftTable} drift=${events} />`;
}

const TITLES = { overview: "Overview", events: "Events", drift: "Drift", unknown: "No such page" };

function Console() {
  const [route, setRoute] = useState(routeOf(location.hash));
  const [overview, setOverview] = useState(null);
  const state = usePolling("overview", () => "api/overview", setOverview);
  const heading = useRef(null);
  const moved = useRef(false);
  useEffect(() => {
    const onHash = () => {
      moved.current = true;
      setRoute(routeOf(location.hash));
    };
    window.addEventListener("hashchange", onHash);
    return () => window.removeEventListener("hashchange", onHash);
  }, []);
  const title = route.name === "key" ? route.key : TITLES[route.name];
  const job = (overview && overview.job) || {};
  useEffect(() => {
    document.title = `${title} · ${job.name || "Counterweight"}`;
  }, [title, job.name]);
  useEffect(() => {
    if (moved.current) {
      window.scrollTo(0, 0);
      heading.current.focus();
    }
  }, [route.name, route.key]);
  const links = [
    ["overview", "#/", "Overview"],
    ["events", "#/events", "Events"],
    ["drift", "#/drift", "Drift"],
  ];
  return html`<div class="page">
    <header class="top">
      <p class="kind">Counterweight · live console</p>
      <div class="bar">
        <strong>${job.name || "Job"}</strong>
        <span>${job.state ? job.state.toLowerCase() : "not known yet"}${known(job.upSeconds) ? `, up ${duration(job.upSeconds)}` : ""}</span>
        ${job.dashboard && /^https?:/.test(job.dashboard) && html`<a href=${job.dashboard} rel="noreferrer">Flink dashboard</a>`}
        <span class="note">${overview ? `as of ${clock(overview.time)}` : ""}</span>
      </div>
      <nav class="routes" aria-label="Pages">
        <ul>
          ${links.map(
            ([name, address, text]) =>
              html`<li key=${name}><a href=${address} aria-current=${route.name === name ? "page" : undefined}>${text}</a></li>`,
          )}
        </ul>
      </nav>
      <${Connection} state=${state} />
    </header>
    <main id="main">
      <h1 tabindex="-1" ref=${heading}>${title}</h1>
      ${route.name === "overview" && (overview ? html`<${Overview} overview=${overview} />` : html`<${Waiting} state=${state} />`)}
      ${route.name === "key" && html`<${KeyPage} key=${route.key} name=${route.key} />`}
      ${route.name === "events" && html`<${Events} classes=${(overview && overview.classes) || []} />`}
      ${route.name === "drift" && html`<${Drift} />`}
      ${route.name === "unknown" && html`<p class="empty">Go to the <a href="#/">overview</a>.</p>`}
    </main>
  </div>`;
}

render(html`<${Console} />`, document.getElementById("app"));
document.documentElement.dataset.drawn = "true";
