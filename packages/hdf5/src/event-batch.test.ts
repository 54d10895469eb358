import type { ScanDataEvent, ScanDevicesEvent, ScanEvent } from "@beamtime/core";
import type { DType } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { EventBatch } from "./event-batch.js";

function devicesEvent(...dtypes: DType[]): ScanDevicesEvent {
  const channels = dtypes.map((dtype, index) => ({
    fullname: `c${index}`,
    shortName: `c${index}`,
    device: "1:d",
    dtype,
    shape: [],
    unit: null,
    reference: false,
    nodeType: "channel" as const,
  }));
  return { type: "devices", devices: [], channels };
}

function point(channel: number, first: number, data: ScanDataEvent["data"], pointShape: number[] = []): ScanDataEvent {
  return { type: "data", channel, first, npoints: pointShape.length > 0 ? 1 : data.length, pointShape, data };
}

function taken(batch: EventBatch, ...events: ScanEvent[]): readonly ScanEvent[] {
  for (const event of events) batch.add(event);
  return batch.take().events;
}

describe("EventBatch", () => {
  it("makes one event of the points of a channel that follow each other", () => {
    const batch = new EventBatch();
    taken(batch, devicesEvent("float64", "int64"));
    const events = taken(
      batch,
      point(0, 0, Float64Array.of(1)),
      point(1, 0, BigInt64Array.of(7n, 8n)),
      point(0, 1, Float64Array.of(2, 3)),
      point(1, 2, BigInt64Array.of(9n)),
    );
    expect(events).toEqual([
      { type: "data", channel: 0, first: 0, npoints: 3, pointShape: [], data: Float64Array.of(1, 2, 3) },
      { type: "data", channel: 1, first: 0, npoints: 3, pointShape: [], data: BigInt64Array.of(7n, 8n, 9n) },
    ]);
  });

  it("keeps a gap between points", () => {
    const batch = new EventBatch();
    taken(batch, devicesEvent("float64"));
    const events = taken(batch, point(0, 0, Float64Array.of(1)), point(0, 4, Float64Array.of(2)));
    expect(events).toMatchObject([{ first: 0 }, { first: 4 }]);
  });

  it("keeps points of different shapes apart", () => {
    const batch = new EventBatch();
    taken(batch, devicesEvent("float64"));
    const events = taken(
      batch,
      point(0, 0, Float64Array.of(1, 2), [2]),
      point(0, 1, Float64Array.of(3, 4), [2]),
      point(0, 2, Float64Array.of(5), [1]),
    );
    expect(events).toMatchObject([
      { first: 0, npoints: 2, pointShape: [2] },
      { first: 2, npoints: 1, pointShape: [1] },
    ]);
  });

  it("tells data before what was told after it", () => {
    const batch = new EventBatch();
    taken(batch, devicesEvent("float64"));
    const events = taken(
      batch,
      point(0, 0, Float64Array.of(1)),
      { type: "info", changes: { comment: 1 } },
      point(0, 1, Float64Array.of(2)),
    );
    expect(events.map(({ type }) => type)).toEqual(["data", "info", "data"]);
  });

  it("collects texts", () => {
    const batch = new EventBatch();
    taken(batch, devicesEvent("string"));
    expect(taken(batch, point(0, 0, ["a"]), point(0, 1, ["b", "c"]))).toMatchObject([
      { npoints: 3, data: ["a", "b", "c"] },
    ]);
  });

  it("never gives memory away that belongs to the emitter", () => {
    const batch = new EventBatch();
    taken(batch, devicesEvent("float64"));
    const data = Float64Array.of(1, 2);
    batch.add(point(0, 0, data));
    const { events, transfer } = batch.take();
    const copy = structuredClone(events, { transfer: [...transfer] });
    expect(copy).toMatchObject([{ data: Float64Array.of(1, 2) }]);
    expect(data).toHaveLength(2);
  });

  it("begins anew after each take", () => {
    const batch = new EventBatch();
    taken(batch, devicesEvent("float64"), point(0, 0, Float64Array.of(1)));
    expect(batch.bytes).toBe(0);
    expect(batch.longest).toBe(0);
    expect(taken(batch, point(0, 1, Float64Array.of(2)))).toMatchObject([{ first: 1, data: Float64Array.of(2) }]);
  });
});
