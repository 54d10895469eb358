import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@beamtime/concurrency";
import { type Scan, type ScanEvent, type ScanIdentity, WatchdogCallback } from "@beamtime/core";
import type { Counter, CounterSource } from "@beamtime/counters";
import type { Axis } from "@beamtime/motion";
import { redisPublisher, redisScanNumbers } from "@beamtime/publisher";
import { connectRedis, dataDatabase } from "@beamtime/redis";
import { openSession, type Session, startBeacon } from "@beamtime/session";
import { loadRedisVector } from "@beamtime/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventsOfVector } from "../../packages/publisher/test/vector-scan.js";
import { openBlissSession } from "./bliss-session.js";
import { followWithOurs } from "./our-client.js";
import { type ClientEvent, followWithPython } from "./python-client.js";
import { bliss, startRealBeacon } from "./real-beacon.js";
import { storiesOf } from "./scan-stories.js";

const blissdata = process.env["BEAMTIME_BLISSDATA"] ?? "";
const isThere = bliss() !== undefined && blissdata !== "";
const config = fileURLToPath(new URL("beacon_config", import.meta.url));
const name = "test_session";
const kinds = ["an ascan", "an amesh", "a scan with spectra", "a scan that the user aborted", "a group"];

/** The same session followed by both readers at the same time. */
interface Told {
  readonly python: readonly ClientEvent[];
  readonly ours: readonly ClientEvent[];
}

describe.skipIf(!isThere)("scans of both systems under the eyes of both readers", () => {
  let directory: string;
  let theirs: Told;
  let ours: Told;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-events-"));
    theirs = await ofTheirScans(directory);
    ours = await ofOurScans(directory);
  }, 120_000);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each([...kinds.entries()])("%i: Python is told the same of our scan as of BLISS's: %s", (index) => {
    const [story, expected] = [storiesOf(ours.python)[index], storiesOf(theirs.python)[index]];
    expect(expected?.life).toEqual(["NEW_NODE", "PREPARED_SCAN", "END_SCAN"]);
    expect(story).toEqual(expected);
  });

  it.each([...kinds.entries()])("%i: our reader is told of BLISS's scan what Python is told: %s", (index) => {
    expect(storiesOf(theirs.ours)[index]).toEqual(storiesOf(theirs.python)[index]);
  });

  it("both readers are told the same of our scans, and of the directories above them", () => {
    expect(storiesOf(ours.ours)).toEqual(storiesOf(ours.python));
    const above = ({ python }: Told): readonly ClientEvent[] => python.filter(({ type }) => type === "container");
    expect(above(ours)).toEqual(above(theirs));
    expect(above(ours).length).toBeGreaterThan(1);
  });
});

async function ofTheirScans(directory: string): Promise<Told> {
  await using beacon = await startRealBeacon();
  await using session = await openBlissSession(name, beacon.host);
  await session.run(`SCAN_SAVING.base_path = ${JSON.stringify(directory)}`);
  await session.run("SCAN_SAVING.writer = 'null'");
  const redis = join(beacon.directory, "redis_data.sock");
  const followed = { name, beaconAddress: beacon.host, redis };
  // Python first: it counts as ready when any reader waits
  await using python = await followWithPython(blissdata, followed, kinds.length);
  await using ourClient = await followWithOurs(followed, kinds.length);
  await session.run("line = ascan(roby, 0, 9, 10, 0.01, diode)");
  await session.run("mesh = amesh(roby, 0, 2, 2, robz, 0, 3, 3, 0.01, diode, diode2)");
  await session.run("loopscan(3, 0.05, simu1)");
  await session.run("import gevent");
  await session.run("endless = ascan(m0, 0, 1, 1000, 0.01, diode2, run=False)");
  await session.run("running = gevent.spawn(endless.run)");
  await session.run("while m0.position < 0.003: gevent.sleep(0.01)");
  await session.run("running.kill(KeyboardInterrupt)");
  await session.run("Group(line, mesh, title='my_group')");
  return { python: await python.events, ours: await ourClient.events };
}

async function ofOurScans(directory: string): Promise<Told> {
  await using beacon = await startBeacon({ directory: config });
  await using session = await openSession({ name, beacon: beacon.address });
  session.scanSaving.setParameter("base_path", directory);
  await using python = await followWithPython(blissdata, session, kinds.length);
  await using ourClient = await followWithOurs(session, kinds.length);
  const { roby, robz, m0 } = session.env as { roby: Axis; robz: Axis; m0: Axis };
  const { diode, diode2, simu1 } = session.env as { diode: Counter; diode2: Counter; simu1: CounterSource };
  const { ascan, amesh, loopscan } = session.commands;
  const line = await ascan(roby, 0, 9, 10, 0.01, diode);
  const mesh = await amesh(roby, 0, 2, 2, robz, 0, 3, 3, 0.01, diode, diode2);
  await loopscan(3, 0.05, simu1);
  const endless = await ascan(m0, 0, 1, 1000, 0.01, diode2, { run: false });
  class ThirdPointAbort extends WatchdogCallback {
    override onScanData(): void {
      const { length } = endless.getData("m0") as Float64Array; // a scalar channel
      if (length >= 3) endless.abort();
    }
  }
  endless.setWatchdogCallback(new ThirdPointAbort());
  await expect(endless.run()).rejects.toThrow();
  await publishGroup(session, [line, mesh]);
  return { python: await python.events, ours: await ourClient.events };
}

/** Publishes what the group of the vectors did, as a group of these scans: we have no groups yet. */
async function publishGroup(session: Session, members: readonly Scan[]): Promise<void> {
  await using connection = await connectRedis(session.redis, { db: dataDatabase });
  const { parentPath } = members[0]?.identity ?? { parentPath: [] };
  const number = await redisScanNumbers(connection).next({ parentPath, saved: true });
  const failures: unknown[] = [];
  const warn = (message: string): void => void failures.push(message);
  const context = { clock: systemClock, fail: (error: unknown) => void failures.push(error), warn };
  const sink = redisPublisher(connection).open(context);
  for (const event of eventsOfVector(await loadRedisVector("redis-group"))) {
    sink.push(ofMembers(event, members, { parentPath, number, nodeName: `${number}_my_group` }));
    if (event.type === "data") await sink.flush();
  }
  await sink.flush();
  await sink.close();
  expect(failures).toEqual([]);
}

/** The event with the place of the group and the names of its members, as the vector has `1_ascan` and `2_amesh`. */
function ofMembers(event: ScanEvent, members: readonly Scan[], place: Partial<ScanIdentity>): ScanEvent {
  if (event.type === "created") return { ...event, identity: { ...event.identity, ...place } };
  if (event.type !== "data" || !Array.isArray(event.data)) return event;
  const memberOf = (name: string): string => {
    const member = members.find(({ identity }) => name.endsWith(`:${identity.nodeName}`));
    if (!member) throw new Error(`${name} is no scan of the group`);
    return member.dbName;
  };
  return { ...event, data: event.data.map(memberOf) };
}
