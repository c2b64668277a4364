// All sections of a report in the order in which they are read.
import { html } from "cw/html";
import { AlertsSection, ConfusionSection, JudgementSection, LanesSection } from "cw/quality";
import { KeysSection, SuspectsSection, WeightsSection } from "cw/labels";
import { ImportanceSection, ModelsSection } from "cw/model";
import { SuiteSection } from "cw/suite";
import { DriftSection, TimelineSection } from "cw/timeline";

/** Id, title, the field that it shows, the component. */
export const SECTIONS = [
  ["suite", "Experiment", (r) => r.suite, SuiteSection],
  ["lanes", "Lanes", (r) => r.run && r.run.lanes, LanesSection],
  ["timeline", "Over time", (r) => r.timeline, TimelineSection],
  ["drift", "Drift", (r) => r.drift, DriftSection],
  ["weights", "Weights", (r) => r.weights, WeightsSection],
  ["suspects", "Suspects", (r) => r.suspects, SuspectsSection],
  ["calibration", "Calibration", (r) => r.calibration || r.coverage, JudgementSection],
  ["alerts", "Alerts", (r) => r.alerts, AlertsSection],
  ["confusion", "Confusion", (r) => r.confusion && r.confusion.length > 0, ConfusionSection],
  ["importance", "Importance", (r) => r.concepts && r.concepts.importance, ImportanceSection],
  ["models", "Models", (r) => r.models, ModelsSection],
  ["keys", "Keys", (r) => r.keys, KeysSection],
];

export const Sections = ({ report, without = [] }) =>
  SECTIONS.filter(([id, , has]) => has(report) && !without.includes(id)).map(
    ([id, , , Part]) => html`<${Part} key=${id} report=${report} />`,
  );
