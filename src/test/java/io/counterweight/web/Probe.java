package io.counterweight.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads charts back from a page: marks by their geometry, through scales that come from the ticks'
 * texts.
 */
final class Probe {
  private static final String SCALES =
      """
      const number = (text) => {
        const plain = text.replace(/,/g, '').replace('\\u2212', '-').trim();
        const scale = {k: 1e3, M: 1e6, m: 1e-3, '%': 1e-2}[plain.slice(-1)];
        return scale ? Number(plain.slice(0, -1)) * scale : Number(plain);
      };
      const inverse = (svg, name) => {
        const ticks = [...svg.querySelectorAll(`.axis.${name} .tick`)];
        const first = ticks[0];
        const last = ticks[ticks.length - 1];
        const at = (tick) => {
          const line = tick.querySelector('line');
          return Number(line.getAttribute(name === 'x' ? 'x1' : 'y1'));
        };
        const value = (tick) => number(tick.querySelector('text').textContent);
        const slope = (value(last) - value(first)) / (at(last) - at(first));
        return (pixel) => value(first) + (pixel - at(first)) * slope;
      };
      const points = (path) => path.getAttribute('d').split(/[ML]/).slice(1)
          .map((pair) => pair.replace('Z', '').split(',').map(Number));
      """;

  private final Browser browser;

  Probe(Browser browser) {
    this.browser = browser;
  }

  /**
   * What a script with the functions inverse(svg, 'x' | 'y'), points(path) and number(text)
   * returns.
   */
  JsonNode read(String script) {
    return browser.read(SCALES + script);
  }

  /** Points [x, y] of a line in the units of its axes. */
  JsonNode line(String svg, String series) {
    return read(
        """
        const svg = document.querySelector(`%s`);
        const [x, y] = [inverse(svg, 'x'), inverse(svg, 'y')];
        return points(svg.querySelector(`[data-series="%s"] .line`)).map(([px, py]) => [x(px), y(py)]);
        """
            .formatted(svg, series));
  }

  /** An attribute of all marks as numbers. */
  List<Double> values(String css, String attribute) {
    return doubles(
        browser.read(
            "return [...document.querySelectorAll(`%s`)].map((e) => Number(e.getAttribute('%s')))"
                .formatted(css, attribute)));
  }

  List<String> texts(String css) {
    List<String> texts = new ArrayList<>();
    browser
        .read(
            "return [...document.querySelectorAll(`%s`)].map((e) => e.textContent.trim())"
                .formatted(css))
        .forEach(text -> texts.add(text.asText()));
    return texts;
  }

  static List<Double> doubles(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asDouble()));
    return values;
  }

  static List<Double> known(JsonNode array) {
    List<Double> values = new ArrayList<>();
    array.forEach(
        value -> {
          if (value.isNumber()) {
            values.add(value.asDouble());
          }
        });
    return values;
  }
}
