// The console's talk with its server: asks again and again, more rarely while there is no answer.
import { useEffect, useRef, useState } from "cw/html";

/**
 * Time between two questions, which the page's attribute data-pace may set, and the longest while the server is gone; how
 * long to wait for an answer. All in ms.
 */
const PACE = Number(document.documentElement.dataset.pace) || 2000;
const LONGEST = 30000;
const PATIENCE = 10000;

/** An answer that says why it has nothing. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(url, signal) {
  const answer = await fetch(url, { signal, headers: { Accept: "application/json" }, cache: "no-store" });
  const text = await answer.text();
  if (answer.status >= 400 && answer.status < 500) {
    let message = `The server answered ${answer.status}.`;
    try {
      message = JSON.parse(text).message || message;
    } catch {
      // Its status says enough.
    }
    throw new Refusal(answer.status, message);
  }
  if (!answer.ok) {
    throw new Error(`it answered ${answer.status}`);
  }
  return JSON.parse(text);
}

/**
 * Polls what `url()` names and hands answers to `take`. Stops while `paused` or hidden; `key` starts afresh. The state is
 * {answered: ms of the last answer, failure: null or {since, next, reason}, refusal}.
 */
export function usePolling(key, url, take, paused = false) {
  const [state, setState] = useState({ answered: null, failure: null, refusal: null });
  const handlers = useRef({});
  handlers.current = { url, take };
  useEffect(() => {
    if (paused) {
      return undefined;
    }
    let timer = null;
    let wait = PACE;
    let stopped = false;
    let since = null;
    let running = null;
    const again = (ms) => {
      clearTimeout(timer);
      timer = stopped || document.hidden ? null : setTimeout(once, ms);
    };
    const once = async () => {
      if (running) {
        return;
      }
      running = new AbortController();
      const patience = setTimeout(() => running && running.abort(), PATIENCE);
      try {
        const answer = await ask(handlers.current.url(), running.signal);
        if (!stopped) {
          handlers.current.take(answer);
          since = null;
          wait = PACE;
          setState({ answered: Date.now(), failure: null, refusal: null });
        }
      } catch (error) {
        if (!stopped && error instanceof Refusal) {
          setState({ answered: Date.now(), failure: null, refusal: error });
        } else if (!stopped) {
          since = since || Date.now();
          wait = Math.min(LONGEST, wait * 2);
          const reason = error.name === "AbortError" ? "it did not answer in time" : error.message;
          setState((now) => ({ ...now, failure: { since, next: Date.now() + wait, reason } }));
        }
      } finally {
        clearTimeout(patience);
        running = null;
        again(wait);
      }
    };
    const onSight = () => (document.hidden ? clearTimeout(timer) : once());
    document.addEventListener("visibilitychange", onSight);
    window.addEventListener("online", onSight);
    once();
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onSight);
      window.removeEventListener("online", onSight);
      if (running) {
        running.abort();
      }
    };
  }, [key, paused]);
  return state;
}
