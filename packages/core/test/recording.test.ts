import { VirtualClock } from "@beamtime/concurrency";
import type { ArrayData } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import {
  AcquisitionChain,
  decodeScanEvent,
  encodeScanEvent,
  RecordingError,
  replayScan,
  Scan,
  type ScanDataEvent,
  type ScanEvent,
  ScanRecorder,
  type ScanSinkFactory,
  SoftwareTimerMaster,
} from "../src/index.js";
import { Probe, referenceChain, runTraced } from "./traced-chain.js";

async function recorded(): Promise<readonly ScanEvent[]> {
  const probe = new Probe();
  probe.phaseTime = 0.5;
  const { events } = await runTraced(probe, referenceChain(probe), {
    scanInfo: {
      weird: { list: [1n, -0, Number.NaN, Number.NEGATIVE_INFINITY, null], when: new Date(5), $ref: { $date: "x" } },
    },
    onEvent: (event, scan) => {
      if (event.type === "prepared") scan.addComment("here");
    },
  });
  return events;
}

function collecting(events: ScanEvent[], sink: { pressure?(): Promise<void> | undefined } = {}): ScanSinkFactory {
  return {
    name: "collector",
    required: true,
    open: () => ({ push: (event) => void events.push(event), flush: async () => {}, close: async () => {}, ...sink }),
  };
}

const dataEvent = (data: ArrayData): ScanDataEvent => ({
  type: "data",
  channel: 3,
  first: 7,
  npoints: data.length,
  pointShape: [],
  data,
});

describe("a recording", () => {
  it("comes back from its lines as it was, and replays the same", async () => {
    const events = await recorded();
    const lines = events.map(encodeScanEvent);
    expect(lines.every((line) => !line.includes("\n"))).toBe(true);
    const decoded = lines.map(decodeScanEvent);
    expect(decoded).toEqual(events);
    const replayed: ScanEvent[] = [];
    await replayScan(decoded, [collecting(replayed)]);
    expect(replayed).toEqual(events);
  });

  it.each([
    new Float64Array([1.5, Number.NaN, -0]),
    new Float32Array([0.1]),
    new BigInt64Array([-(2n ** 63n)]),
    new BigUint64Array([2n ** 64n - 1n]),
    new Int32Array([-1]),
    new Uint32Array([1]),
    new Int16Array([-300]),
    new Uint16Array([65535]),
    new Int8Array([-1]),
    new Uint8Array([255, 0]),
    ["é\n", ""],
  ])("keeps data of type %o exactly", (data) => {
    expect(decodeScanEvent(encodeScanEvent(dataEvent(data)))).toEqual(dataEvent(data));
  });

  it("keeps a part of a larger array only", () => {
    const part = new Float64Array([0, 1, 2, 3]).subarray(1, 3);
    expect(decodeScanEvent(encodeScanEvent(dataEvent(part)))).toEqual(dataEvent(new Float64Array([1, 2])));
  });

  it.each([
    ["{", "not a line of a recording"],
    ["[]", "not an event of a recording"],
    [JSON.stringify({ type: "moved" }), "not an event of a recording of version 1"],
    [encodeScanEvent(dataEvent(new Float64Array(2))).replace('"npoints":2', '"npoints":3'), "not as many elements"],
    [encodeScanEvent(dataEvent(new Float64Array(1))).replace('"float64"', '"float128"'), "not an event"],
    [encodeScanEvent(dataEvent(new Uint8Array(3))).replace('"uint8"', '"int16"'), "not an event"],
    ['{"type":"info","changes":{"a":{"$eval":"x"}}}', "unknown key '$eval'"],
    ['{"type":"info","changes":{"a":{"$bigint":"x"}}}', "not an event"],
    ['{"type":"created","version":2}', "not an event of a recording of version 1"],
  ])("refuses the line %s", (line, message) => {
    expect(() => decodeScanEvent(line)).toThrow(RecordingError);
    expect(() => decodeScanEvent(line)).toThrow(message);
  });

  it("is bounded: what is not required ends there, what is fails the scan", async () => {
    for (const required of [false, true]) {
      const clock = new VirtualClock();
      const chain = new AcquisitionChain();
      chain.add(new SoftwareTimerMaster(0.1, { npoints: 100 }));
      const recorder = new ScanRecorder({ limit: 100, required });
      const scan = new Scan(chain, { clock, sinks: [recorder] });
      const error: unknown = await clock.run(
        scan.run().then(
          () => undefined,
          (thrown: unknown) => thrown,
        ),
      );
      if (required) expect(error).toBeInstanceOf(RecordingError);
      else expect(error).toBeUndefined();
      expect(recorder.events.filter(({ type }) => type === "data")).toHaveLength(12);
    }
  });
});

describe("a replay", () => {
  it("refuses a recording without its beginning", async () => {
    const events = await recorded();
    await expect(replayScan(events.slice(1), [])).rejects.toThrow("begins with the event 'created', not with 'state'");
  });

  it("keeps the times of the recording, divided by the speed", async () => {
    const events = await recorded();
    const clock = new VirtualClock();
    const times: number[] = [];
    const sink: ScanSinkFactory = {
      name: "timing",
      required: true,
      open: () => ({
        push: (event) => {
          if ("time" in event) times.push(clock.now());
        },
        flush: async () => {},
        close: async () => {},
      }),
    };
    await clock.run(replayScan(events, [sink], { clock, speed: 2 }));
    const recordedTimes = events.flatMap((event) => ("time" in event ? [event.time] : []));
    const origin = recordedTimes[0] ?? 0;
    expect(times).toHaveLength(recordedTimes.length);
    for (const [index, time] of times.entries()) {
      expect(time).toBeCloseTo(((recordedTimes[index] ?? 0) - origin) / 2, 5);
    }
  });

  it("waits for sinks under pressure", async () => {
    const clock = new VirtualClock();
    const events: ScanEvent[] = [];
    const recording = await recorded();
    await clock.run(replayScan(recording, [collecting(events, { pressure: () => clock.sleep(1) })], { clock }));
    expect(clock.now()).toBe(recording.length);
  });

  it("ends with the signal, closing its sinks", async () => {
    const clock = new VirtualClock();
    let closed = 0;
    const sink: ScanSinkFactory = {
      name: "closing",
      required: true,
      open: () => ({ push: () => {}, flush: async () => {}, close: async () => void closed++ }),
    };
    const controller = new AbortController();
    void clock.sleep(1).then(() => controller.abort(new Error("enough")));
    const replay = replayScan(await recorded(), [sink], { clock, speed: 0.1, signal: controller.signal });
    await expect(clock.run(replay)).rejects.toThrow("enough");
    expect(closed).toBe(1);
    expect(clock.now()).toBe(1);
    expect(clock.sleepers).toBe(0);
  });

  it("fails with a required sink", async () => {
    const failing: ScanSinkFactory = {
      name: "failing",
      required: true,
      open: () => ({
        push: () => {
          throw new Error("disk full");
        },
        flush: async () => {},
        close: async () => {},
      }),
    };
    await expect(replayScan(await recorded(), [failing])).rejects.toThrow("disk full");
  });
});
