import { simulatedAxis } from "@beamtime/controller-simulation";
import type { Axis, CalcController, CalcPositions } from "@beamtime/motion";
import { describe, expect, it } from "vitest";
import { Bipod, EnergyWavelength, LookupTable, Slits, Tripod, XYOnRotation } from "./index.js";

const axis = (name: string, unit?: string): Axis => simulatedAxis({ name, unit });

/** Numbers from 0 to 1, the same each time (Lehmer's generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const slits = (type: "horizontal" | "vertical" | "both") =>
  new Slits({
    name: "s1",
    type,
    reals: { front: axis("front"), back: axis("back"), up: axis("up"), down: axis("down") },
  });
const energy = (options: { crystal?: string; dSpacing?: number; energyUnit?: "eV" } = {}) =>
  new EnergyWavelength({ name: "mono", reals: { monoang: axis("mono", "deg") }, ...options });
const rotated = (options: { inverted?: boolean; unit?: string } = {}) =>
  new XYOnRotation({
    name: "xy",
    reals: { rx: axis("px", "mm"), ry: axis("py", "mm") },
    parameters: { rot: axis("rot", options.unit) },
    ...options,
  });
const table = new LookupTable({
  name: "undulator",
  reals: { gap: axis("ugap"), taper: axis("utaper") },
  columns: ["energy", "gap", "taper"],
  rows: [
    [5, 10, 0.5],
    [8, 20, 0],
    [12, 25, 1],
    [20, 40, 0.2],
  ],
});
const bipod = new Bipod({
  name: "btable",
  reals: { lega: axis("z1", "mm"), legb: axis("z2", "mm") },
  centers: { inside: { ax: -0.3, bx: 0.3 }, outside: { ax: 0.3, bx: 0.9 } },
  units: { tz: "mm", ry: "deg" },
});
const tripod = new Tripod({
  name: "ttable",
  reals: { lega: axis("t1", "mm"), legb: axis("t2", "mm"), legc: axis("t3", "um") },
  centers: { top: { ax: -0.3, ay: 0.1, bx: 0.3, by: 0.2, cx: 0.05, cy: -0.4 } },
  units: { tz: "mm", rx: "mrad", ry: "deg" },
});

interface Case {
  readonly controller: CalcController<string, string>;
  /** From where to where the calculated axes go, and the parameters. */
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
}

const cases: Readonly<Record<string, Case>> = {
  "horizontal slits": { controller: slits("horizontal"), ranges: { hgap: [-5, 20], hoffset: [-10, 10] } },
  "vertical slits": { controller: slits("vertical"), ranges: { vgap: [-5, 20], voffset: [-10, 10] } },
  "slits both ways": {
    controller: slits("both"),
    ranges: { hgap: [-5, 20], hoffset: [-10, 10], vgap: [-5, 20], voffset: [-10, 10] },
  },
  energy: { controller: energy(), ranges: { energy: [4, 60] } },
  "energy in eV": { controller: energy({ crystal: "Ge220", energyUnit: "eV" }), ranges: { energy: [5000, 60_000] } },
  wavelength: { controller: energy(), ranges: { wavelength: [0.2, 3] } },
  "x and y on a rotation": { controller: rotated(), ranges: { x: [-5, 5], y: [-5, 5], rot: [-720, 720] } },
  "x and y on an inverted rotation in rad": {
    controller: rotated({ inverted: true, unit: "rad" }),
    ranges: { x: [-5, 5], y: [-5, 5], rot: [-7, 7] },
  },
  "a table": { controller: table, ranges: { energy: [5, 20] } },
  "two legs": { controller: bipod, ranges: { tz: [-20, 20], ry: [-10, 10] } },
  "three legs": { controller: tripod, ranges: { tz: [-20, 20], rx: [-30, 30], ry: [-2, 2] } },
} as Readonly<Record<string, Case>>; // their roles are some texts

describe("there and back again", () => {
  it.each(Object.keys(cases))("%s", (name) => {
    const { controller, ranges } = cases[name] as Case;
    const random = randomNumbers(20_260_101 + name.length);
    const n = 1000;
    const wanted = Object.fromEntries(
      Object.entries(ranges).map(([role, [low, high]]) => [
        role,
        Float64Array.from({ length: n }, () => low + (high - low) * random()),
      ]),
    );
    const parameters = Object.fromEntries(Object.keys(controller.parameters).map((role) => [role, wanted[role]]));
    const reals = controller.calcToReal(wanted, new Set(Object.keys(ranges)));
    const found = controller.calcFromReal({ ...reals, ...parameters } as CalcPositions);
    for (const [role, list] of Object.entries(wanted)) {
      if (role in parameters) continue;
      const worst = Math.max(...list.map((position, i) => Math.abs((found[role]?.[i] ?? Number.NaN) - position)));
      expect(worst, role).toBeLessThan(1e-9 * Math.max(1, ...(ranges[role] ?? []).map(Math.abs)));
    }
  });
});

const at = (controller: CalcController<string, string>, reals: Readonly<Record<string, number>>) => {
  const arrays = Object.fromEntries(Object.entries(reals).map(([role, position]) => [role, Float64Array.of(position)]));
  const found = controller.calcFromReal(arrays as CalcPositions);
  return Object.fromEntries(Object.entries(found).map(([role, [position]]) => [role, position]));
};

describe("what is calculated", () => {
  it("gap and offset, as BLISS draws them", () => {
    expect(at(slits("horizontal"), { front: 4, back: 1 })).toEqual({ hgap: 5, hoffset: 1.5 });
  });

  it("the energy of a monochromator", () => {
    // a session of BLISS shows: mono 11.4 deg, dspace 3.1356, 10.00235 keV
    const bragg = at(energy({ dSpacing: 3.1356 }) as CalcController<string, string>, { monoang: 11.4 });
    expect(bragg["energy"]).toBeCloseTo(10.0023, 3);
    expect(bragg["wavelength"]).toBeCloseTo(1.23955, 4);
    expect(energy({ crystal: "Si111" }).dSpacing).toBeCloseTo(3.1356, 4);
    expect(energy({ crystal: "Si(3 1 1)" }).dSpacing).toBeCloseTo(1.6375, 4);
    expect(() => energy({ crystal: "Fe111" })).toThrow("crystal is Fe111; expected an element of Si, Ge, C");
    expect(() => energy({ dSpacing: 0 })).toThrow("dSpacing is 0 Å; expected a positive number");
  });

  it("the energy of a table", () => {
    const reals = { monoang: axis("mono", "deg") };
    const rows = [
      [6, 20],
      [12, 10],
      [8, 15],
    ];
    const mono = new EnergyWavelength({ name: "mono", reals, table: rows }) as CalcController<string, string>;
    expect(at(mono, { monoang: 12.5 })).toMatchObject({ energy: 10 });
    expect(at(mono, { monoang: 21 })).toMatchObject({ energy: Number.NaN });
  });

  it("a frame that turns", () => {
    const found = at(rotated() as CalcController<string, string>, { rx: 1, ry: 0, rot: 90 });
    expect([found["x"], found["y"]]).toEqual([expect.closeTo(0, 12), expect.closeTo(1, 12)]);
  });

  it("the tilt of a table on legs", () => {
    expect(at(bipod as CalcController<string, string>, { lega: 1, legb: -1 })).toEqual({
      tz: expect.closeTo(2, 9),
      ry: expect.closeTo((Math.atan(0.002 / 0.6) * 180) / Math.PI, 9),
    });
    bipod.center = "inside";
    expect(at(bipod as CalcController<string, string>, { lega: 1, legb: -1 })["tz"]).toBeCloseTo(0, 9);
    expect(() => {
      bipod.center = "nowhere";
    }).toThrow("btable has no center nowhere: expected one of inside, outside");
  });

  it("refuses tables that lead nowhere", () => {
    const make = (rows: number[][]) => () =>
      new LookupTable({ name: "t", reals: { gap: axis("g") }, columns: ["energy", "gap"], rows });
    expect(make([[1, 2]])).toThrow("the table has 1 rows; expected at least 2");
    expect(make([[1, 2], [2]])).toThrow("row 2 of the table is 2; expected 2 finite numbers: energy, gap");
    const wavy = [
      [1, 2],
      [2, 5],
      [3, 4],
    ];
    expect(make(wavy)).toThrow("gap goes from 5 to 4 in the table; expected it to rise from row to row");
    const twice = [
      [1, 2],
      [1, 3],
    ];
    expect(make(twice)).toThrow("energy goes from 1 to 1 in the table");
  });
});
