import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Scan, ScanSinkFactory } from "@beamtime/core";
import { Counter } from "@beamtime/counters";
import { Axis } from "@beamtime/motion";
import { openSession, type Session } from "@beamtime/session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientEvent, followWithPython } from "./python-client.js";

const config = fileURLToPath(new URL("../../demo", import.meta.url));
const environment = process.env["BEAMTIME_BLISSDATA"];

/** Aborts the scan at its third value of the axis. */
const abortAtThirdPoint = (session: () => Session): ScanSinkFactory => ({
  name: "abort",
  required: false,
  open: () => ({
    push(event) {
      if (event.type === "data" && event.channel === 0 && event.first === 2) session().abort();
    },
    flush: async () => {},
    close: async () => {},
  }),
});

describe.skipIf(environment === undefined)("the real Python client of BLISS 1.11", () => {
  let directory: string;
  let scans: Scan[];
  let events: readonly ClientEvent[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-peers-"));
    await using session: Session = await openSession({ name: "demo_session", config, redis: "private" });
    session.scanSaving.setParameter("base_path", directory);
    const { roby, robz, diode, diode2 } = session.env;
    if (!(roby instanceof Axis && robz instanceof Axis)) throw new Error("the demo has no axes roby and robz");
    if (!(diode instanceof Counter && diode2 instanceof Counter)) throw new Error("the demo has no diodes");
    await using client = await followWithPython(environment ?? "", session, 3);
    const { ascan, amesh } = session.commands;
    const line = await ascan(roby, 0, 9, 10, 0.01, diode);
    const mesh = await amesh(roby, 0, 2, 2, robz, 0, 3, 3, 0.01, diode, diode2);
    const removeSink = session.addSink(abortAtThirdPoint(() => session));
    const aborted = await ascan(roby, 0, 1, 1000, 0.01, diode, { run: false });
    await expect(aborted.run()).rejects.toThrow();
    removeSink();
    scans = [line, mesh, aborted];
    events = await client.events;
  }, 120_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  const eventsOf = (scan: Scan): readonly ClientEvent[] =>
    events.filter(({ db_name }) => db_name === scan.dbName || db_name.startsWith(`${scan.dbName}:`));

  const cases = [
    ["ascan", 0, ""],
    ["amesh", 1, ""],
    ["an aborted ascan", 2, "<class 'bliss.scanning.scan.ScanAbort'>"],
  ] as const;

  it.each(cases)("sees %s begin, give data and end once", (_, index, exception) => {
    const scan = scans[index];
    const seen = scan ? eventsOf(scan) : [];
    const ofScan = seen.filter(({ db_name }) => db_name === scan?.dbName).map(({ event }) => event);
    expect(ofScan).toEqual(["NEW_NODE", "PREPARED_SCAN", "END_SCAN"]);
    expect(seen.at(-1)).toMatchObject({ event: "END_SCAN", exception });
  });

  it.each(cases)("reads the values of %s that the session has", (_, index) => {
    const scan = scans[index];
    const data = scan?.getData() ?? {};
    const end = scan ? eventsOf(scan).at(-1) : undefined;
    const read = Object.fromEntries(
      Object.entries(end?.data ?? {}).map(([name, values]) => [name.slice(name.lastIndexOf(":") + 1), values]),
    );
    const ours = Object.fromEntries(
      Object.entries(data).map(([name, values]) => [name, "shape" in values ? values.data : [...values]]),
    );
    expect(Object.keys(read).length).toBeGreaterThan(2);
    expect(read).toEqual(ours);
  });

  it("is told the length of a channel and its last value as they grow", () => {
    const [scan] = scans;
    const told = (scan ? eventsOf(scan) : []).filter(
      ({ event, db_name }) => event === "NEW_DATA" && db_name.endsWith("axis:roby"),
    );
    expect(told.at(-1)).toMatchObject({ length: 11, last: 9 });
  });
});
