import { Writable } from "node:stream";
import { VirtualClock } from "@beamtime/concurrency";
import type { ChannelDescription, ScanEvent, ScanSink } from "@beamtime/core";
import { describe, expect, it } from "vitest";
import { terminalDisplay } from "./terminal-display.js";

const channel = (fullname: string, device: string, more: Partial<ChannelDescription> = {}): ChannelDescription => ({
  fullname,
  shortName: fullname.slice(fullname.lastIndexOf(":") + 1),
  device,
  dtype: "float64",
  shape: [],
  unit: null,
  reference: false,
  nodeType: "channel",
  ...more,
});

const channels = [
  channel("axis:roby", "1:axis", { unit: "mm" }),
  channel("timer:elapsed_time", "2:timer", { unit: "s" }),
  channel("timer:epoch", "2:timer", { unit: "s" }),
  channel("simulation_diode_sampling_controller:diode", "3:diode"),
  channel("simu1:spectrum_det0", "4:simu1", { shape: [1024], dtype: "uint32" }),
  channel("counting:hits", "4:simu1", { dtype: "int64", unit: "cts" }),
];
const devices = [
  { id: "1:axis", name: "axis", parent: null, depth: 1, channels: ["axis:roby"] },
  { id: "2:timer", name: "timer", parent: "1:axis", depth: 2, channels: ["timer:elapsed_time", "timer:epoch"] },
  { id: "3:diode", name: "diode", parent: "2:timer", depth: 3, channels: [] },
  { id: "4:simu1", name: "simu1", parent: "2:timer", depth: 3, channels: [] },
];

function created(info: { readonly [key: string]: string | number }, filename: string): ScanEvent {
  return {
    type: "created",
    version: 1,
    time: 1_700_000_000,
    identity: {
      name: String(info["type"]),
      number: 12,
      saved: filename !== "",
      nodeName: "12_ascan",
      parentPath: ["demo_session", "tmp"],
      session: "demo_session",
      filename,
    },
    info: { start_time_str: "Tue Nov 14 22:13:20 2023", user_name: "visitor", ...info },
  };
}

function point(index: number, only = channels.map((_, position) => position)): ScanEvent[] {
  const values = [index * 0.9, index * 0.15733456, 1_700_000_000, 100 / (index + 3), 0, 0];
  return only.map((position): ScanEvent => {
    const shape = channels[position]?.shape ?? [];
    const data = position === 5 ? BigInt64Array.of(BigInt(index * 10)) : Float64Array.of(values[position] ?? 0);
    return { type: "data", channel: position, first: index, npoints: 1, pointShape: shape, data };
  });
}

const ended = (reason: "SUCCESS" | "USER_ABORT", time = 1_700_000_009): ScanEvent => ({
  type: "ended",
  time,
  reason,
  info: {},
});

/** A stream that keeps what it gets; it is full until `release` is called, if it is slow. */
class Terminal extends Writable {
  readonly texts: string[] = [];
  release: () => void = () => {};
  readonly #isSlow: boolean;
  constructor({ isSlow = false } = {}) {
    super({ decodeStrings: false });
    this.#isSlow = isSlow;
  }
  override _write(text: string, _: BufferEncoding, done: () => void): void {
    this.texts.push(text);
    if (this.#isSlow) this.release = done;
    else done();
  }
  get text(): string {
    return this.texts.join("");
  }
}

function open(terminal: Terminal, clock: VirtualClock): ScanSink {
  return terminalDisplay(terminal).open({ clock, fail: () => {}, warn: () => {} });
}

const ascan = created(
  { type: "ascan", title: "ascan roby 0 9 10 0.1", count_time: 0.1 },
  "/tmp/scans/demo_session/data.h5",
);

describe("the display of scans on a terminal", () => {
  it("prints header, a row for each complete point, and how long it took", async () => {
    const terminal = new Terminal();
    const sink = open(terminal, new VirtualClock());
    const warning: ScanEvent = { type: "warning", time: 0, source: "hdf5", message: "the disk is nearly full" };
    for (const event of [ascan, { type: "devices", devices, channels } as const]) sink.push(event);
    for (const event of [...point(0), ...point(1), ...point(2, [0, 1]), warning, ended("SUCCESS")]) sink.push(event);
    await sink.flush();
    await sink.close();
    expect(terminal.text).toMatchInlineSnapshot(`
      "
      ** Scan 12: ascan roby 0 9 10 0.1 **

         date      : Tue Nov 14 22:13:20 2023
         file      : /tmp/scans/demo_session/data.h5
         user      : visitor
         session   : demo_session
         not shown : simu1:spectrum_det0

             #       dt[s]    roby[mm]       diode   hits[cts]
             0           0           0     33.3333           0
             1    0.157335         0.9          25          10
         hdf5: the disk is nearly full

      Took 0:00:09[s]

      "
    `);
  });

  it("prints the values of a ct with their rates", async () => {
    const terminal = new Terminal();
    const sink = open(terminal, new VirtualClock());
    sink.push(created({ type: "ct", title: "ct 0.1 1", count_time: 0.1 }, ""));
    sink.push({ type: "devices", devices, channels });
    for (const event of [...point(1), ended("SUCCESS")]) sink.push(event);
    await sink.flush();
    expect(terminal.text).toMatchInlineSnapshot(`
      "
      Tue Nov 14 22:13:20 2023

        diode = 25     ( 250     /s)  simulation_diode_sampling_controller
         hits = 10 cts ( 100 cts /s)  counting

      "
    `);
  });

  it("says when a scan was aborted, and prints nothing of one that failed before it had devices", async () => {
    const terminal = new Terminal();
    const aborted = open(terminal, new VirtualClock());
    for (const event of [ascan, { type: "devices", devices, channels } as const, ended("USER_ABORT")])
      aborted.push(event);
    await aborted.flush();
    expect(terminal.text).toContain("Took 0:00:09[s] (aborted)");
    const before = terminal.text;
    const failed = open(terminal, new VirtualClock());
    for (const event of [ascan, ended("USER_ABORT")]) failed.push(event);
    await failed.flush();
    expect(terminal.text).toBe(before);
  });

  it("shows rows while the scan runs, at most twenty times a second", async () => {
    const terminal = new Terminal();
    const clock = new VirtualClock();
    const sink = open(terminal, clock);
    sink.push(ascan);
    sink.push({ type: "devices", devices, channels });
    await clock.run(async () => {
      for (let index = 0; index < 1000; index++) {
        for (const event of point(index)) sink.push(event);
        await clock.sleep(0.001);
      }
    });
    expect(terminal.texts.length).toBeGreaterThan(15);
    expect(terminal.texts.length).toBeLessThanOrEqual(22);
    expect(terminal.text).toContain("\n     900  ");
  });

  it("does not wait for a terminal that is too slow: it leaves out points and says how many", async () => {
    const terminal = new Terminal({ isSlow: true });
    const clock = new VirtualClock();
    const sink = open(terminal, clock);
    sink.push(ascan);
    sink.push({ type: "devices", devices, channels });
    await clock.advance(1);
    for (let index = 0; index < 20_000; index++) for (const event of point(index)) sink.push(event);
    sink.push(ended("SUCCESS"));
    expect(terminal.texts).toHaveLength(1);
    const flushed = sink.flush();
    terminal.release();
    await clock.advance(1);
    terminal.release();
    await flushed;
    const rows = terminal.text.match(/^ +\d+ .*$/gm) ?? [];
    const leftOut = Number(/ (\d+) points not shown/.exec(terminal.text)?.[1]);
    expect(rows.length + leftOut).toBe(20_000);
    expect(rows.length).toBeLessThanOrEqual(5001);
  });

  it("goes on silently when the terminal is gone", async () => {
    const terminal = new Terminal();
    const sink = open(terminal, new VirtualClock());
    terminal.on("error", () => {});
    terminal.destroy(new Error("EPIPE"));
    for (const event of [ascan, { type: "devices", devices, channels } as const, ended("SUCCESS")]) sink.push(event);
    await sink.flush();
    expect(terminal.text).toBe("");
  });
});
