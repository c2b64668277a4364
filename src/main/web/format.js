// Numbers, shares and times as people read them. What is not defined is a dash.
const NONE = "–";

export const known = (value) => typeof value === "number" && Number.isFinite(value);

export const count = (value) => (known(value) ? d3.format(",.0f")(value) : NONE);

export const number = (value, digits = 3) =>
  known(value) ? d3.format(`,.${digits}f`)(value) : NONE;

export const signed = (value, digits = 2) =>
  known(value) ? d3.format(`+,.${digits}f`)(value) : NONE;

/** A share in [0, 1] as percent, with a decimal where it is small. */
export function percent(share) {
  if (!known(share)) {
    return NONE;
  }
  const digits = share !== 0 && Math.abs(share) < 0.0995 ? (Math.abs(share) < 0.00995 ? 2 : 1) : 0;
  return `${d3.format(`.${digits}f`)(100 * share)} %`;
}

/** A number of unknown size with about three significant digits. */
export function brief(value) {
  if (!known(value)) {
    return NONE;
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e7)) {
    return d3.format(".2~e")(value);
  }
  return size >= 1000 ? d3.format(",.0f")(value) : d3.format(".3~r")(value);
}

/** For axes: 20000 is 20k. */
export const ticks = (value) =>
  Math.abs(value) >= 10000 ? d3.format("~s")(value) : d3.format(",~r")(+value.toPrecision(6));

/** A time in UTC to the second. */
export const time = (ms) =>
  known(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().slice(0, 19).replace("T", " ") : NONE;

export const clock = (ms) => (known(ms) ? new Date(ms).toLocaleTimeString() : NONE);

export function duration(seconds) {
  if (!known(seconds)) {
    return NONE;
  }
  if (seconds < 120) {
    return `${d3.format(seconds < 10 ? ".1f" : ".0f")(seconds)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export const bytes = (value) =>
  !known(value) ? NONE : value < 1e6 ? `${number(value / 1e3, 1)} kB` : `${number(value / 1e6, 1)} MB`;

export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;
