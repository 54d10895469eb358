import type { ChannelDescription } from "@beamtime/core";
import { describe, expect, it } from "vitest";
import { defaultPlot } from "./default-plot.js";
import type { DatasetLayout, EntryLayout } from "./entry-layout.js";
import { scanDetails } from "./scan-details.js";

function dataset(fullname: string, kind: "positioner" | "main" | "other"): DatasetLayout {
  const group = fullname.slice(fullname.lastIndexOf(":") + 1);
  const description: ChannelDescription = {
    fullname,
    shortName: group,
    device: "1:d",
    dtype: "float64",
    shape: [],
    unit: null,
    reference: false,
    nodeType: "channel",
  };
  const place = { channel: 0, group, dataset: "data", link: group };
  return { ...place, description, main: kind !== "other", positioner: kind === "positioner" };
}

const layout: EntryLayout = {
  groups: [],
  datasets: [
    dataset("axis:samx", "positioner"),
    dataset("axis:samy", "positioner"),
    dataset("timer:elapsed_time", "main"),
    dataset("c:diode1", "main"),
    dataset("c:diode1_std", "other"),
    dataset("c:diode2", "main"),
  ],
};
const all = (): boolean => true;

describe("defaultPlot", () => {
  it("shows the counters against the axis that the scan names", () => {
    const details = scanDetails({ plots: [{ kind: "curve-plot", items: [{ kind: "curve", x: "axis:samy" }] }] });
    expect(defaultPlot(details, layout, all)).toEqual({ signals: ["c:diode1", "c:diode2"], axes: ["axis:samy"] });
  });

  it("shows what the scan names", () => {
    const details = scanDetails({ plots: [{ kind: "curve-plot", items: [{ x: "axis:samx", y: "c:diode2" }] }] });
    expect(defaultPlot(details, layout, all)).toEqual({ signals: ["c:diode2"], axes: ["axis:samx"] });
  });

  it("prefers what the user selected", () => {
    const details = scanDetails({
      plots: [{ kind: "curve-plot", items: [{ x: "axis:samx", y: "c:diode2" }] }],
      _display_extra: { plotselect: ["c:diode1"] },
    });
    expect(defaultPlot(details, layout, all)?.signals).toEqual(["c:diode1"]);
  });

  it("shows a mesh as a scatter plot", () => {
    const items = [{ kind: "scatter", x: "axis:samx", y: "axis:samy", value: "c:diode2" }];
    const details = scanDetails({ plots: [{ kind: "scatter-plot", items }] });
    expect(defaultPlot(details, layout, all)).toEqual({ signals: ["c:diode2"], axes: ["axis:samx", "axis:samy"] });
  });

  it("takes the first positioner when the scan says nothing", () => {
    expect(defaultPlot(scanDetails({}), layout, all)?.axes).toEqual(["axis:samx"]);
  });

  it("shows nothing when the scan wants it so, or has no data for it", () => {
    expect(defaultPlot(scanDetails({ plots: [] }), layout, all)).toBeUndefined();
    expect(defaultPlot(scanDetails({}), layout, (name) => name.startsWith("axis:"))).toBeUndefined();
    expect(defaultPlot(scanDetails({}), layout, (name) => name.startsWith("c:"))).toBeUndefined();
  });
});
