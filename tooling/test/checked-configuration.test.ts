import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { beamtime } from "./demo-beacon.js";
import { makeDemoFolder } from "./demo-folder.js";
import { startProgram } from "./running-program.js";

/** What `beamtime check` prints of the demo with other files beside, and its exit code. */
async function check(files: Readonly<Record<string, string>>, ...options: string[]) {
  await using folder = await makeDemoFolder();
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder.config, path), content);
  await using program = startProgram([beamtime, "check", "--config", folder.config, ...options]);
  const code = await program.ended;
  return { code, lines: program.output.replaceAll(folder.config, "DIR").trimEnd().split("\n") };
}

const wrong = `- name: nix
  plugin: bliss
  class: no_such_counter
- name: diode2
  plugin: bliss
  class: simulation_diode
- name: gauss
  plugin: bliss
  class: SimulationCounter
  axis: $nowhere
- name: typo
  plugin: bliss
  class: simulation_diode
  constant: many
- name: second
  plugin: session
  class: Session
  config-objects: [roby, missing]
`;

const colourful = "name: extra\nplugin: bliss\nclass: simulation_diode\ncolour: red\n";

describe("beamtime check", () => {
  it("finds nothing wrong with the demo", async () => {
    expect(await check({}, "--strict")).toEqual({ code: 0, lines: ["DIR: 17 names, 0 errors, 0 warnings"] });
  });

  it("tells each problem with file, line and what was expected, and fails", async () => {
    const { code, lines } = await check({
      "counters/syntax.yml": "name: bad\nlist: [1\n",
      "counters/wrong.yml": wrong,
    });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^counters\/syntax.yml:\d: error: .*flow sequence.*\]/i),
      "counters/wrong.yml:4: error: the name diode2 is taken by counters/simulation.yml:5: names are unique",
      "counters/wrong.yml:3: error: no plugin makes objects of class no_such_counter (bliss): known are MultiplePositions, SimulatedCounterCard, SimulatedMCA, SimulationCounter, SleepHook, simulation_diode",
      "counters/wrong.yml:10: error: there is no object nowhere in the configuration",
      'counters/wrong.yml:14: error: [3].constant: expected number, not "many"',
      "counters/wrong.yml:18: warning: there is no object missing: left out",
      "DIR: 21 names, 5 errors, 1 warning",
    ]);
  });

  it("tells what would keep a session from being opened: where its scans go", async () => {
    const policy = "scan_saving:\n  class: ESRFScanSaving\n";
    const typo = "- {name: third, plugin: session, class: Session, scan_saving: {base_pth: /data}}\n";
    const session = "- name: second\n  plugin: session\n  class: Session\n  scan_saving: {class: ESRFScanSavin}\n";
    const { code, lines } = await check({ "__init__.yml": policy, "counters/second.yml": session + typo });
    expect(code).toBe(1);
    expect(lines).toEqual([
      'counters/second.yml:4: error: there is no class "ESRFScanSavin": expected BasicScanSaving or ESRFScanSaving',
      "counters/second.yml:5: warning: the key base_pth of scan_saving is unknown and has no effect",
      "__init__.yml:1: error: scan_saving.beamline of the configuration is missing; expected the name of the beamline in letters, digits, blanks, _ and -",
      "DIR: 19 names, 2 errors, 1 warning",
    ]);
  });

  it("tells of a package that is not installed, and of all else", async () => {
    const acme = "- {name: acme, plugin: bliss, class: Acme, package: '@acme/beamtime-acme'}\n";
    const { code, lines } = await check({ "counters/acme.yml": acme, "counters/colourful.yml": colourful });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^counters\/acme.yml:1: error: the package @acme\/beamtime-acme is not installed: run npm/),
      expect.stringMatching(/^counters\/acme.yml:1: error: no plugin makes objects of class Acme \(bliss\) of package/),
      "counters/colourful.yml:4: warning: the key colour is unknown and has no effect",
      "DIR: 19 names, 2 errors, 1 warning",
    ]);
  });

  it("warns of a key that nobody knows, which --strict does not let pass", async () => {
    const files = { "counters/colourful.yml": colourful };
    const lines = [
      "counters/colourful.yml:4: warning: the key colour is unknown and has no effect",
      "DIR: 18 names, 0 errors, 1 warning",
    ];
    expect(await check(files)).toEqual({ code: 0, lines });
    expect(await check(files, "--strict")).toEqual({ code: 1, lines });
  });
});
