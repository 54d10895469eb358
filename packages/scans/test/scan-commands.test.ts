import { SimulatedMotorController, simulatedAxis } from "@beamtime/controller-simulation";
import { ScanAbort, StopScan, WatchdogCallback } from "@beamtime/core";
import { beforeEach, describe, expect, it } from "vitest";
import { type VirtualBeamline, virtualBeamline } from "./virtual-beamline.js";

let beamline: VirtualBeamline;
beforeEach(async () => {
  beamline = await virtualBeamline();
});

/** The values of a channel of the last scan, rounded to what an axis resolves. */
function rounded(values: unknown): number[] {
  // scalars come as Float64Array
  return [...(values as Float64Array)].map((value) => Math.round(value * 1e4) / 1e4);
}

describe("ascan", () => {
  it("visits both ends: 10 intervals are 11 points", async () => {
    const { clock, ascan, roby, diode } = beamline;
    const scan = await clock.run(ascan(roby, 0, 9, 10, 0.1, diode));
    expect(rounded(scan.getData(roby))).toEqual([0, 0.9, 1.8, 2.7, 3.6, 4.5, 5.4, 6.3, 7.2, 8.1, 9]);
    expect([...(scan.getData(diode) as Float64Array)]).toEqual(new Array(11).fill(42));
    expect(scan.state).toBe("DONE");
  });

  it("names its data as the user's documents show", async () => {
    const { clock, ascan, roby, diode } = beamline;
    const scan = await clock.run(ascan(roby, 0, 2, 2, 0.01, diode));
    expect(Object.keys(scan.getData()).sort()).toEqual(["diode", "elapsed_time", "epoch", "roby"]);
    expect(String(scan)).toMatch(/^Scan\(number=1, name=ascan, path=/);
  });

  it("counts each point for the count time, and tells the time since the first", async () => {
    const { clock, ascan, robz, roby, diode } = beamline;
    await clock.run(ascan(robz, 0, 0.001, 1, 0.5, diode));
    const scan = await clock.run(ascan(roby, 0, 0, 3, 0.5, diode));
    const elapsed = scan.getData("elapsed_time") as Float64Array;
    expect(elapsed[0]).toBe(0);
    for (let i = 1; i < elapsed.length; i++) expect(elapsed[i]).toBeGreaterThanOrEqual(0.5 * i);
  });

  it("tells in scan_info what BLISS tells", async () => {
    const { clock, ascan, roby, diode } = beamline;
    const scan = await clock.run(ascan(roby, 0, 2, 2, 0.01, diode));
    expect(scan.scanInfo).toMatchObject({
      title: "ascan roby 0.0000 2.0000 2 0.01",
      type: "ascan",
      npoints: 3,
      count_time: 0.01,
      start: [0],
      stop: [2],
      plots: [{ kind: "curve-plot", items: [{ kind: "curve", x: "axis:roby" }] }],
      _display_extra: { plotselect: [] },
      save: true,
      channels: { "axis:roby": { start: 0, stop: 2, points: 3, unit: "mm", display_name: "roby", dim: 0 } },
      acquisition_chain: {
        axis: {
          master: { scalars: ["axis:roby"], spectra: [], images: [] },
          scalars: ["timer:elapsed_time", "timer:epoch", "simulation_diode_sampling_controller:diode"],
        },
      },
    });
  });

  it("does not move, nor run, with run: false", async () => {
    const { clock, ascan, roby, diode } = beamline;
    const scan = await ascan(roby, 1, 2, 2, 0.01, diode, { run: false, name: "align", scanInfo: { purpose: "test" } });
    expect([scan.state, roby.position]).toEqual(["IDLE", 0]);
    await clock.run(scan.run());
    expect([scan.state, scan.name, scan.scanInfo["purpose"]]).toEqual(["DONE", "align", "test"]);
  });

  it("waits the sleep time before every point but the first", async () => {
    const { clock, ascan, roby, diode } = beamline;
    const scan = await clock.run(ascan(roby, 0, 0, 2, 0.1, diode, { sleepTime: 5 }));
    const [, second, third] = scan.getData("elapsed_time") as Float64Array;
    expect(second).toBeGreaterThan(5);
    expect(third).toBeGreaterThan(10);
  });

  it("counts what the context offers when no counter is named", async () => {
    const { clock, ascan, roby } = beamline;
    const scan = await clock.run(ascan(roby, 0, 1, 1, 0.01));
    expect(scan.getData("diode")).toHaveLength(2);
  });
});

describe("a2scan", () => {
  it("steps both axes together", async () => {
    const { clock, a2scan, roby, robz, diode } = beamline;
    const scan = await clock.run(a2scan(roby, 0, 2, robz, 4, 0, 2, 0.01, diode));
    expect([rounded(scan.getData(roby)), rounded(scan.getData(robz))]).toEqual([
      [0, 1, 2],
      [4, 2, 0],
    ]);
    expect(scan.scanInfo["title"]).toBe("a2scan roby 0.0000 2.0000 robz 4.0000 0.0000 2 0.01");
  });
});

describe("scans of several axes", () => {
  it("steps three axes together, and returns from a relative scan", async () => {
    const { clock, a3scan, d2scan, roby, robz, diode } = beamline;
    const robx = simulatedAxis({ name: "robx", clock });
    const scan = await clock.run(a3scan(roby, 0, 2, robz, 4, 0, robx, 5, 7, 2, 0.01, diode));
    expect(["roby", "robz", "robx"].map((name) => rounded(scan.getData(name)))).toEqual([
      [0, 1, 2],
      [4, 2, 0],
      [5, 6, 7],
    ]);
    const relative = await clock.run(d2scan(roby, -1, 1, robz, 0, 2, 2, 0.01, diode));
    expect(rounded(relative.getData("robz"))).toEqual([0, 1, 2]);
    expect(relative.scanInfo["title"]).toBe("a2scan roby 1.0000 3.0000 robz 0.0000 2.0000 2 0.01");
    expect([roby.position, robz.position]).toEqual([2, 0]);
  });

  it("takes a list of axes", async () => {
    const { clock, anscan, dnscan, roby, robz, diode } = beamline;
    const ranges = [
      [roby, 0, 2],
      [robz, 4, 0],
    ] as const;
    const scan = await clock.run(anscan(ranges, 2, 0.01, diode));
    expect([rounded(scan.getData(roby)), rounded(scan.getData(robz))]).toEqual([
      [0, 1, 2],
      [4, 2, 0],
    ]);
    expect(scan.scanInfo["title"]).toBe("a2scan roby 0.0000 2.0000 robz 4.0000 0.0000 2 0.01");
    const relative = await clock.run(dnscan([[roby, 0, 1]], 1, 0.01, diode));
    expect([rounded(relative.getData(roby)), roby.position]).toEqual([[2, 3], 2]);
  });

  it("visits given positions, with one axis or several", async () => {
    const { clock, pointscan, lookupscan, roby, robz, diode } = beamline;
    const points = await clock.run(pointscan(roby, [3, -1, 2], 0.01, diode));
    expect([rounded(points.getData(roby)), points.scanInfo["npoints"]]).toEqual([[3, -1, 2], 3]);
    const lists = [
      [roby, Float64Array.of(0, 1)],
      [robz, [5, -5]],
    ] as const;
    const lookup = await clock.run(lookupscan(lists, 0.01, diode));
    expect([rounded(lookup.getData(roby)), rounded(lookup.getData(robz))]).toEqual([
      [0, 1],
      [5, -5],
    ]);
    expect(lookup.scanInfo).toMatchObject({ type: "lookupscan", title: "lookupscan 0.01 on motors (roby,robz)" });
  });
});

describe("dmesh", () => {
  it("counts from where the axes are, and returns", async () => {
    const { clock, dmesh, roby, robz, diode } = beamline;
    await clock.run(roby.move(3));
    const scan = await clock.run(dmesh(roby, -1, 1, 1, robz, 0, 1, 1, 0.01, diode));
    expect([rounded(scan.getData(roby)), rounded(scan.getData(robz))]).toEqual([
      [2, 4, 2, 4],
      [0, 0, 1, 1],
    ]);
    expect([scan.name, scan.scanInfo["title"]]).toEqual([
      "dmesh",
      "amesh roby 2.0000 4.0000 1 robz 0.0000 1.0000 1 0.01",
    ]);
    expect([roby.position, robz.position]).toEqual([3, 0]);
  });
});

describe("amesh", () => {
  it("runs the first axis fast", async () => {
    const { clock, amesh, roby, robz, diode } = beamline;
    const scan = await clock.run(amesh(roby, 0, 1, 1, robz, 0, 2, 2, 0.01, diode));
    expect(rounded(scan.getData(roby))).toEqual([0, 1, 0, 1, 0, 1]);
    expect(rounded(scan.getData(robz))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(scan.scanInfo).toMatchObject({
      title: "amesh roby 0.0000 1.0000 1 robz 0.0000 2.0000 2 0.01",
      npoints: 6,
      npoints1: 2,
      npoints2: 3,
      data_dim: 2,
      start: [0, 0],
      stop: [1, 2],
      plots: [{ kind: "scatter-plot", items: [{ kind: "scatter", x: "axis:roby", y: "axis:robz" }] }],
      channels: { "axis:robz": { "axis-points": 3, "axis-id": 1, "axis-kind": "forth" } },
    });
  });

  it("turns every second line round with backnforth", async () => {
    const { clock, amesh, roby, robz, diode } = beamline;
    const scan = await clock.run(amesh(roby, 0, 1, 1, robz, 0, 1, 1, 0.01, diode, { backnforth: true }));
    expect(rounded(scan.getData(roby))).toEqual([0, 1, 1, 0]);
  });
});

describe("dscan", () => {
  it("counts from where the axis is, is titled as the absolute scan, and returns", async () => {
    const { clock, dscan, roby, diode } = beamline;
    await clock.run(roby.move(3));
    const scan = await clock.run(dscan(roby, -1, 1, 2, 0.01, diode));
    expect(rounded(scan.getData(roby))).toEqual([2, 3, 4]);
    expect([scan.name, scan.scanInfo["type"], scan.scanInfo["title"]]).toEqual([
      "dscan",
      "dscan",
      "ascan roby 2.0000 4.0000 2 0.01",
    ]);
    expect(roby.position).toBeCloseTo(3, 6);
  });

  it("refuses what leads beyond the limits, saying where", async () => {
    const { clock, dscan, roby, diode } = beamline;
    await clock.run(roby.move(3));
    await expect(dscan(roby, -1, 8, 2, 0.01, diode)).rejects.toThrow("stop is 8 mm, which leads to 11 mm; expected");
    expect(roby.position).toBe(3);
  });

  it("learns where the axis is before it counts from there", async () => {
    const { clock, dscan, diode } = beamline;
    const controller = new SimulatedMotorController({ clock });
    controller.addMotor("robx", { position: 7 });
    const robx = simulatedAxis({ name: "robx", controller, clock });
    const scan = await clock.run(dscan(robx, -1, 1, 2, 0.01, diode));
    expect(rounded(scan.getData(robx))).toEqual([6, 7, 8]);
    expect(robx.position).toBe(7);
  });

  it("returns also when the scan is aborted in the middle", async () => {
    const { clock, dscan, roby, diode } = beamline;
    await clock.run(roby.move(3));
    const scan = await dscan(roby, -1, 1, 20, 1, diode, { run: false });
    const running = scan.run();
    running.catch(() => {}); // awaited below, after time has passed
    await clock.advance(6.5);
    expect(roby.position).not.toBeCloseTo(3, 1);
    scan.abort();
    await expect(clock.run(running)).rejects.toBeInstanceOf(ScanAbort);
    expect(scan.state).toBe("USER_ABORTED");
    expect(roby.position).toBeCloseTo(3, 6);
  });

  it("returns also when a preset fails", async () => {
    const { clock, dscan, roby, diode } = beamline;
    await clock.run(roby.move(3));
    const scan = await dscan(roby, -1, 1, 4, 0.1, diode, { run: false });
    scan.setWatchdogCallback(
      new (class extends WatchdogCallback {
        override onScanData(): never {
          throw new Error("no beam");
        }
      })(),
    );
    await expect(clock.run(scan.run())).rejects.toThrow("no beam");
    expect(scan.state).toBe("KILLED");
    expect(roby.position).toBeCloseTo(3, 6);
  });
});

describe("ct, loopscan, timescan", () => {
  it("counts once, unsaved, for one second by default", async () => {
    const { clock, ct, diode } = beamline;
    const before = clock.now();
    const scan = await clock.run(ct());
    expect(clock.now() - before).toBeGreaterThanOrEqual(1);
    expect([scan.getData(diode), String(scan)]).toEqual([
      Float64Array.of(42),
      "Scan(number=1, name=ct, path=<no saving>)",
    ]);
    expect(scan.scanInfo).toMatchObject({ title: "ct 1 1", type: "ct", npoints: 1, save: false });
  });

  it("counts once and saves it: sct", async () => {
    const { clock, sct, diode } = beamline;
    const scan = await clock.run(sct(0.1, diode));
    expect([scan.getData(diode), scan.scanInfo["save"], scan.name]).toEqual([Float64Array.of(42), true, "sct"]);
  });

  it("takes the counters of ct with or without a count time", async () => {
    const { clock, ct, gauss } = beamline;
    const scan = await clock.run(ct(gauss as never));
    expect((scan.getData(gauss) as Float64Array)[0]).toBeCloseTo(100, 6);
  });

  it("loops", async () => {
    const { clock, loopscan, diode } = beamline;
    const scan = await clock.run(loopscan(4, 0.1, diode));
    expect(scan.getData(diode)).toHaveLength(4);
    expect(scan.scanInfo).toMatchObject({ title: "loopscan 4 0.1", npoints: 4 });
  });

  it("counts in time until a watchdog ends it, normally", async () => {
    const { clock, timescan, diode } = beamline;
    const scan = await timescan(0.1, diode, { run: false });
    scan.setWatchdogCallback(
      new (class extends WatchdogCallback {
        override onScanData(): void {
          if (rounded(scan.getData("elapsed_time")).length >= 7) throw new StopScan();
        }
      })(),
    );
    await clock.run(scan.run());
    expect(scan.state).toBe("DONE");
    expect((scan.getData(diode) as Float64Array).length).toBeGreaterThanOrEqual(7);
    expect(scan.scanInfo).toMatchObject({ title: "timescan 0.1", npoints: 0 });
  });

  it("scans five hours of the virtual clock", async () => {
    const { clock, timescan, diode } = beamline;
    const scan = await clock.run(timescan(1, diode, { npoints: 18_000 }));
    expect(clock.now()).toBeGreaterThanOrEqual(5 * 3600);
    expect(scan.getData(diode)).toHaveLength(18_000);
  });
});

describe("wrong arguments are refused with a sentence, before anything moves", () => {
  type Call = (on: VirtualBeamline) => Promise<unknown>;
  const never = (value: unknown): never => value as never; // what the compiler would refuse, users of the prompt type
  const cases: readonly [string, Call, RegExp][] = [
    ["no axis", ({ ascan }) => ascan(never(undefined), 0, 1, 1, 1), /ascan: axis is missing; expected an axis/],
    ["a counter as axis", ({ ascan, diode }) => ascan(never(diode), 0, 1, 1, 1), /axis is .*diode.*; expected an axis/],
    ["NaN", ({ ascan, roby }) => ascan(roby, Number.NaN, 1, 1, 1), /start is NaN; expected a finite number/],
    ["infinity", ({ ascan, roby }) => ascan(roby, 0, Infinity, 1, 1), /stop is Infinity; expected a finite number/],
    ["a text", ({ ascan, roby }) => ascan(roby, never("0"), 1, 1, 1), /start is '0'; expected a finite number/],
    ["no interval", ({ ascan, roby }) => ascan(roby, 0, 1, 0, 1), /intervals is 0; expected an integer, 1 or more/],
    ["half an interval", ({ ascan, roby }) => ascan(roby, 0, 1, 2.5, 1), /intervals is 2.5; expected an integer/],
    ["negative time", ({ ascan, roby }) => ascan(roby, 0, 1, 1, -1), /countTime is -1; expected seconds, 0 or more/],
    ["no time", ({ ascan, roby }) => ascan(roby, 0, 1, 1, never(undefined)), /countTime is missing; expected seconds/],
    [
      "beyond the limits",
      ({ ascan, roby }) => ascan(roby, 0, 11, 1, 1),
      /stop is 11 mm; expected a position from -10 to 10 mm, the limits of roby/,
    ],
    [
      "limits of a mesh",
      ({ amesh, roby, robz }) => amesh(roby, 0, 1, 1, robz, -11, 0, 1, 1),
      /start2 is -11 mm.*limits of robz/,
    ],
    [
      "too many points",
      ({ ascan, roby }) => ascan(roby, 0, 1, 1e12, 1),
      /npoints is .*; expected an integer from 1 to/,
    ],
    ["one axis twice", ({ a2scan, roby }) => a2scan(roby, 0, 1, roby, 0, 1, 1, 1), /roby is given twice/],
    ["no list", ({ anscan }) => anscan(never(3), 1, 1), /axes is 3; expected \[\[axis, start, stop\], …\], at least/],
    ["a list of axes alone", ({ anscan, roby }) => anscan(never([roby]), 1, 1), /axes\[0\] is an object of class Axis/],
    [
      "no positions",
      ({ pointscan, roby }) => pointscan(roby, [], 1),
      /positions of roby is .*; expected a list of pos/,
    ],
    [
      "a position beyond the limits",
      ({ pointscan, roby }) => pointscan(roby, [0, 11], 1),
      /positions of roby\[1\] is 11 mm; expected a position from -10 to 10 mm/,
    ],
    [
      "lists of different lengths",
      ({ lookupscan, roby, robz }) =>
        lookupscan(
          [
            [roby, [0, 1]],
            [robz, [0]],
          ],
          1,
        ),
      /robz has 1 positions, roby 2: expected lists of equal length/,
    ],
    ["an unknown counter", ({ ct }) => ct(1, never(undefined)), /counters\[0\] is undefined; expected a counter/],
    ["an axis as counter", ({ ct, robz }) => ct(1, never(robz)), /counters\[0\] is an object of class Axis/],
    ["an unknown option", ({ ct }) => ct(1, never({ sav: false })), /there is no option sav; expected run, save/],
    ["a wrong option", ({ ct }) => ct(1, never({ save: "no" })), /save is 'no'; expected true or false/],
    ["negative sleep", ({ ct }) => ct(1, { sleepTime: -1 }), /sleepTime is -1; expected seconds/],
    ["no points", ({ loopscan }) => loopscan(0, 1), /npoints is 0; expected an integer, 1 or more/],
    ["a name with a colon", ({ ct }) => ct(1, { name: "a:b" }), /name is 'a:b'; expected a text without ':'/],
  ];
  for (const [what, call, sentence] of cases) {
    it(what, async () => {
      await expect(call(beamline)).rejects.toThrow(sentence);
      expect([beamline.roby.position, beamline.robz.position, beamline.recorder.events.length]).toEqual([0, 0, 0]);
    });
  }
});
