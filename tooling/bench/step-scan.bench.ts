/** A step scan of 1 axis and 5 counters: what a point costs, bare, published, and saved as well. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { ScanSinkFactory } from "@beamtime/core";
import { hdf5Writer } from "@beamtime/hdf5";
import { redisPublisher } from "@beamtime/publisher";
import { connectRedis } from "@beamtime/redis";
import { startRedisServer } from "@beamtime/redis/server";
import { report } from "./figure.js";
import { recordCommands, sendCommands, valueCommands } from "./redis-commands.js";
import { type Measurement, measure, median, rounds } from "./rounds.js";
import { stepScan } from "./step-scan.js";

const npoints = 5000;
await using server = await startRedisServer();
await using connection = await connectRedis(server.target);
const folder = await mkdtemp(join(tmpdir(), "beamtime-bench-"));
const writer = hdf5Writer();
const publisher = redisPublisher(connection);

const run = async (sinks: readonly ScanSinkFactory[], filename?: string): Promise<Measurement> => {
  await connection.client.flushall();
  return measure(async () => {
    await stepScan({ npoints, sinks, ...(filename ? { filename } : {}) }).run();
  });
};

/** p99 of the delays of the event loop in ms, beyond the timer that measures them, round by round. */
const delays: Record<"published" | "saved", number[]> = { published: [], saved: [] };
const runWithDelay = async (kind: "published" | "saved", work: () => Promise<Measurement>): Promise<Measurement> => {
  const resolution = 1;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const measurement = await work();
  delay.disable();
  delays[kind].push(delay.percentile(99) / 1e6 - resolution);
  return measurement;
};

await connection.client.flushall();
const sent = await recordCommands(() => stepScan({ npoints, sinks: [publisher] }).run());
const values = await valueCommands(connection.client);

const cost = await rounds(5, {
  bare: () => run([]),
  published: () => runWithDelay("published", () => run([publisher])),
  saved: () => runWithDelay("saved", () => run([publisher, writer], join(folder, "data.h5"))),
  values: () => sendCommands(connection.client, values),
  sent: () => sendCommands(connection.client, sent),
});
await writer[Symbol.asyncDispose]();
await rm(folder, { recursive: true });

const microseconds = ({ cpu }: Measurement): number => (cpu / npoints) * 1e6;
const speed = ({ wall }: Measurement): number => npoints / wall;
const floor = microseconds(cost.values);
const cpu = { unit: "µs/point", better: "lower" } as const;
const rate = { unit: "points/s", better: "higher" } as const;
const everyValue = "ioredis pipeline, one XADD a value";
report({ name: "step scan, bare, cpu", ...cpu, value: microseconds(cost.bare), reference: null, target: null });
report({ name: "step scan, bare, speed", ...rate, value: speed(cost.bare), reference: null, target: null });
report({
  ...{ name: "step scan, published, cpu", ...cpu, value: microseconds(cost.published) },
  ...{ reference: floor, beside: everyValue, target: 2.5 },
});
report({
  ...{ name: "step scan, published, cpu, limit", ...cpu, value: microseconds(cost.published) },
  ...{ reference: 200, beside: "0.2 ms", target: 1 },
});
report({
  ...{ name: "step scan, published, cpu, coalesced", ...cpu, value: microseconds(cost.published) },
  ...{ reference: microseconds(cost.sent), beside: "ioredis pipeline, the coalesced commands alone", target: null },
});
report({
  ...{ name: "step scan, published, speed", ...rate, value: speed(cost.published) },
  ...{ reference: speed(cost.values), beside: everyValue, target: null },
});
report({
  ...{ name: "step scan, published and saved, cpu", ...cpu, value: microseconds(cost.saved) },
  ...{ reference: floor, beside: everyValue, target: null },
});
report({
  ...{ name: "step scan, published and saved, speed", ...rate, value: speed(cost.saved) },
  ...{ reference: speed(cost.published), beside: "the same scan, published only", target: null },
});
report({
  ...{ name: "step scan, published and saved, event loop delay p99", unit: "ms", value: median(delays.saved) },
  ...{ reference: median(delays.published), beside: "the same scan, published only", target: null, better: "lower" },
});
