import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deferred } from "@beamtime/concurrency";
import { ChannelNode, connect, type DataStore, ScanNode } from "@beamtime/data";
import { readFileTree } from "@beamtime/hdf5";
import { startRedisServer } from "@beamtime/redis/server";
import { openSession } from "@beamtime/session";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FaultyCounters, fastAxes } from "./faulty-devices.js";
import { type Beamline, randomFrom, randomScan } from "./random-scan.js";

const scans = Number(process.env["SOAK_SCANS"] ?? 24);
const seed = Number(process.env["SOAK_SEED"] ?? 1);
const config = fileURLToPath(new URL("../../demo", import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "beamtime-soak-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Number of points of each channel of a scan that has some, as Redis has them. */
async function lengthsIn(store: DataStore, dbName: string): Promise<Record<string, number>> {
  const node = await store.getNode(dbName);
  const lengths: Record<string, number> = {};
  for await (const channel of node.walk({ filter: "channel", wait: false })) {
    const length = channel instanceof ChannelNode ? await channel.length() : 0;
    if (length > 0) lengths[channel.name.split(":").at(-1) ?? ""] = length;
  }
  return lengths;
}

/** Follows the session; the names of the scans that ended, when the last one has. */
async function follow(store: DataStore, onReady: () => void): Promise<string[]> {
  const session = await store.getSessionNode("demo_session");
  const ended: string[] = [];
  for await (const event of session.walkOnNewEvents({ onReady })) {
    if (event.type === "GAP" || event.type === "UNREADABLE") throw new Error(`${event.type} in ${event.node.dbName}`);
    if (event.type === "END_SCAN" && ended.push(event.node.dbName) === scans) break;
  }
  return ended;
}

it(
  `survives ${scans} random scans with faults (seed ${seed})`,
  async () => {
    const random = randomFrom(seed);
    await using server = await startRedisServer();
    await using store = await connect({ redis: server.target });
    await using session = await openSession({ name: "demo_session", config, redis: server.target });
    session.scanSaving.basePath = folder;
    const ready = deferred<void>();
    const following = follow(store, () => ready.resolve());
    following.catch((error: unknown) => ready.reject(error)); // awaited in the end
    await ready.promise;

    const saved: number[] = [];
    const names: string[] = [];
    for (let index = 0; index < scans; index++) {
      const beamline: Beamline = { session, server, counters: new FaultyCounters(), ...fastAxes() };
      const { fault, scan, inject } = await randomScan(beamline, random);
      const label = `scan ${index}, ${scan.name}, ${fault}`;
      const run = scan.run();
      const callOff = inject();
      const error: unknown = await run.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      callOff();
      names.push(scan.dbName);
      expect([scan.state, String(error)], label).toEqual(
        error === undefined
          ? ["DONE", "undefined"]
          : [expect.stringMatching(/^(USER_ABORTED|KILLED)$/), expect.anything()],
      );
      if (fault === "none" || fault.startsWith("Redis")) expect(scan.state, label).toBe("DONE");
      expect(
        beamline.axes.map((axis) => axis.isMoving),
        label,
      ).toEqual([false, false]);
      expect(session.running.size, label).toBe(0);
      const node = await store.getNode(scan.dbName);
      expect(node instanceof ScanNode && (await node.state()), label).toBe(scan.state);
      const taken = Object.entries(scan.getData()).map(([name, values]) => [name, Object.keys(values).length] as const);
      const some = Object.fromEntries(taken.filter(([, length]) => length > 0));
      expect(await lengthsIn(store, scan.dbName), label).toEqual(some);
      if (scan.identity.saved && scan.state === "DONE") saved.push(scan.number);
    }
    expect(await following).toEqual(names);
    const tree = await readFileTree(join(folder, "demo_session", "data.h5"));
    for (const number of saved) expect(tree).toContain(`${number}.1/`);
  },
  60_000 + scans * 1000,
);
