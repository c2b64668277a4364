// How a series looks: a colour, a dash and a marker each, so that none of them has to be told by colour alone.
const DASHES = ["7 3", "2 2", "9 2 2 2", "4 2", "1 3", "12 3", "6 2 1 2 1 2"];
const SYMBOLS = [
  d3.symbolCircle,
  d3.symbolSquare,
  d3.symbolTriangle,
  d3.symbolDiamond,
  d3.symbolCross,
  d3.symbolStar,
  d3.symbolWye,
];

/** The look of the series at an index. */
export const look = (index) => ({
  className: `s${index % DASHES.length}`,
  dash: DASHES[index % DASHES.length],
  symbol: d3.symbol(SYMBOLS[index % SYMBOLS.length], 26)(),
});

/** The main series: ink, solid. */
export const MAIN = { className: "main", dash: null, symbol: d3.symbol(d3.symbolCircle, 26)(), strong: true };

/** Lane to its look: the mixture is the main one. */
export function laneLook(lanes, lane) {
  return lane === "mixture" ? MAIN : look(lane === "challenger" ? 6 : Math.max(0, lanes.indexOf(lane)));
}

/** A series that has its chart to itself. */
export const LONE = { ...look(0), dash: null };
