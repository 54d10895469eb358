import { readFileSync } from "node:fs";
import { VirtualClock } from "@beamtime/concurrency";
import { memorySettings, type SettingValue } from "@beamtime/core";
import { describe, expect, it } from "vitest";
import { ScanSavingParameters } from "./scan-saving-parameters.js";

interface PathCase {
  readonly case: string;
  readonly set: Readonly<Record<string, SettingValue>>;
  readonly root_path: string;
  readonly filename: string;
  readonly images_path: string;
  readonly scan_parent_db_name: string;
}

// evaluated by BLISS 1.11.4; each case changes what the one before it left
const vector = new URL("../../../tooling/vectors/hdf5-paths.json", import.meta.url);
// the file is ours, its shape is the one above
const { basic } = JSON.parse(readFileSync(vector, "utf8")) as { basic: PathCase[] };
const noon = new Date(2026, 10, 21, 12).getTime() / 1000;

async function parameters(): Promise<ScanSavingParameters> {
  const saving = await ScanSavingParameters.open("basic", memorySettings(), {
    clock: new VirtualClock(noon),
    userName: "opid00",
  });
  saving.add("sample_id", "s42");
  return saving;
}

describe("SCAN_SAVING evaluates its templates as BLISS does", async () => {
  const saving = await parameters();
  for (const expected of basic) {
    it(expected.case, () => {
      for (const [name, value] of Object.entries(expected.set)) if (name !== "writer") saving.setParameter(name, value);
      if (expected.root_path.startsWith("ERROR")) {
        expect(() => saving.get()).toThrow(
          "uses {nosuch}, which nobody defines: add it with SCAN_SAVING.add('nosuch', value)",
        );
        return;
      }
      const paths = saving.get();
      expect(paths).toEqual({
        rootPath: expected.root_path,
        // which writer writes is not a matter of the templates here
        filename: expected.set["writer"] === "null" ? paths.filename : expected.filename,
        imagesPath: expected.images_path,
        parentPath: expected.scan_parent_db_name.split(":"),
      });
    });
  }
});

describe("SCAN_SAVING", () => {
  it("follows the sample1/sample2 story of the user's documents", async () => {
    const saving: ScanSavingParameters & { s_name?: string } = await parameters();
    saving.basePath = "/mnt/c/tmp";
    saving.add("s_name", "");
    saving.template = "{session}/{s_name}/";
    saving.s_name = "sample1";
    expect(saving.get().parentPath.join(":")).toBe("basic:mnt:c:tmp:sample1");
    saving.s_name = "sample2";
    expect(saving.get().filename).toBe("/mnt/c/tmp/basic/sample2/data.h5");
  });

  it("keeps what was set for the next time the session opens", async () => {
    const store = memorySettings();
    const first = await ScanSavingParameters.open("s", store);
    first.add("s_name", "sample1");
    first.template = "{session}/{s_name}";
    await first.saved();
    const second = await ScanSavingParameters.open("s", store, { initial: { template: "other/" } });
    expect(second.template).toBe("{session}/{s_name}");
    expect(second.getParameter("s_name")).toBe("sample1");
  });

  it("fills the number of a scan in its format", async () => {
    const saving = await parameters();
    expect(saving.fillScan("/a/scan{scan_number}/{img_acq_device}_{scan_name}", { name: "ct", number: 7 })).toBe(
      "/a/scan0007/{img_acq_device}_ct",
    );
  });

  it("refuses a parameter that nobody added, naming the way to add it", async () => {
    const saving = await parameters();
    expect(() => saving.setParameter("nosuch", 1)).toThrow("add it with SCAN_SAVING.add('nosuch', value)");
    expect(() => saving.add("9lives", 1)).toThrow("not a digit first");
    expect(() => saving.add("session", "x")).toThrow("taken by SCAN_SAVING itself");
  });

  it("names the circle of a template that contains itself", async () => {
    const saving = await parameters();
    saving.add("a", "{b}");
    saving.add("b", "{a}");
    saving.template = "{a}";
    expect(() => saving.get()).toThrow("a → b → a");
  });

  it("gives a scan the parameters of its creation", async () => {
    const saving = await parameters();
    const then = saving.snapshot();
    saving.template = "elsewhere/";
    expect(saving.get(then).rootPath).not.toContain("elsewhere");
  });
});
