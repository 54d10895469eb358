import { access } from "node:fs/promises";
import { Socket } from "node:net";
import { dirname } from "node:path";
import { loadConfig } from "@beamtime/config";
import { ScanAbort, StopScan, WatchdogCallback } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import { connect, type ScanNode } from "@beamtime/data";
import { startRedisServer } from "@beamtime/redis/server";
import { describe, expect, it } from "vitest";
import { listSessions, openSession, type Session } from "../src/index.js";
import { openDemoSession } from "./demo-session.js";

describe("a session", () => {
  it("makes the configured objects, and names them with the commands", async () => {
    await using session = await openDemoSession();
    expect(session.axes.map(({ name }) => name)).toEqual(["roby", "robz", "m0", "s1f", "s1b", "s1hg", "s1ho"]);
    const { objects } = session.config.session("demo_session");
    expect(Object.keys(session.env)).toEqual(
      expect.arrayContaining([...objects, "ascan", "ct", "amesh", "SCANS", "SCAN_SAVING", "config"]),
    );
    expect(session.objects.problems).toEqual([]);
  });

  it("publishes and saves a scan, and remembers it", async () => {
    await using session = await openDemoSession();
    const [roby, diode] = [session.axes[0], session.counters[0]];
    if (!roby || !diode) throw new Error("the demo has an axis and a counter");
    const scan = await session.commands.ascan(roby, 0, 0.2, 2, 0.01, diode);
    const { filename } = scan.identity;
    await access(filename);
    expect(String(scan)).toBe(`Scan(number=1, name=ascan, path=${filename})`);
    expect(session.scans.at(-1)).toBe(scan);

    await using store = await connect({ redis: session.redis });
    const names: string[] = [];
    const node = await store.getSessionNode("demo_session");
    for await (const found of node.walk({ wait: false })) names.push(found.dbName);
    expect(names).toContain(`${scan.dbName}:axis:timer:simulation_diode_sampling_controller:diode`);
    expect(await (await store.getNode(scan.dbName)).info()).toMatchObject({
      scan_nb: 1,
      state: "DONE",
      session_name: "demo_session",
      positioners: { positioners_end: { roby: 0.2, robz: 0, m0: 0 }, positioners_units: { roby: "mm" } },
      scan_meta_categories: ["positioners", "instrument", "technique"],
      instrument: { name: "demo-beamline", "name@short_name": "demo" },
    });
  });

  it("takes no snapshot of the beamline for a ct, and gives it a number of its own series", async () => {
    await using session = await openDemoSession();
    const counter = firstCounter(session);
    await session.commands.loopscan(1, 0, counter);
    const scan = await session.commands.ct(0, counter);
    expect(String(scan)).toBe("Scan(number=1, name=ct, path=<no saving>)");
    expect(scan.scanInfo).not.toHaveProperty("positioners");
    expect(session.scans.map(({ name }) => name)).toEqual(["loopscan", "ct"]);
  });

  it("follows SCAN_SAVING: file and parent node of sample1, then of sample2", async () => {
    await using session = await openDemoSession();
    const { scanSaving, commands } = session;
    const counter = firstCounter(session);
    scanSaving.add("s_name", "sample1");
    scanSaving.setParameter("template", "{session}/{s_name}/");
    const first = await commands.loopscan(1, 0, counter);
    const second = await commands.loopscan(1, 0, counter);
    scanSaving.setParameter("s_name", "sample2");
    const third = await commands.loopscan(1, 0, counter);
    expect([first, second, third].map(({ dbName }) => dbName.split(":").slice(-2).join(":"))).toEqual([
      "sample1:1_loopscan",
      "sample1:2_loopscan",
      "sample2:1_loopscan",
    ]);
    expect(first.identity.filename).toBe(second.identity.filename);
    expect(third.identity.filename).toMatch(/demo_session\/sample2\/data\.h5$/);
  });

  it("writes no file where the writer is null; the scan counts as saved", async () => {
    await using session = await openDemoSession();
    session.scanSaving.writer = "null";
    const scan = await session.commands.loopscan(1, 0, firstCounter(session));
    expect(scan.identity).toMatchObject({ saved: true, filename: "", number: 1 });
    session.scanSaving.writer = "hdf5";
    const next = await session.commands.loopscan(1, 0, firstCounter(session));
    expect(next.number).toBe(2);
    await access(next.identity.filename);
  });

  it("goes on with the numbers of the file where Redis has forgotten them", async () => {
    await using session = await openDemoSession();
    const counter = firstCounter(session);
    await session.commands.loopscan(1, 0, counter);
    await session.commands.loopscan(1, 0, counter);
    const base = dirname(session.scanSaving.get().rootPath);
    await using later = await openDemoSession();
    later.scanSaving.setParameter("base_path", base);
    const scan = await later.commands.loopscan(1, 0, counter);
    expect(scan.number).toBe(3);
  });

  it("aborts what runs, keeps its data, and runs the next scan", async () => {
    await using session = await openDemoSession();
    const counter = firstCounter(session);
    const scan = await session.commands.timescan(0.01, counter, { run: false });
    scan.setWatchdogCallback(
      new (class extends WatchdogCallback {
        #aborted = false;
        override onScanData(): void {
          if (!this.#aborted) session.abort(); // a second abort gives up waiting
          this.#aborted = true;
        }
      })(),
    );
    await expect(scan.run()).rejects.toBeInstanceOf(ScanAbort);
    expect(scan.state).toBe("USER_ABORTED");
    expect(session.running.size).toBe(0);
    expect((await session.commands.loopscan(1, 0, counter)).state).toBe("DONE");

    await using store = await connect({ redis: session.redis });
    const node = (await store.getNode(scan.dbName)) as ScanNode;
    expect(await node.info()).toMatchObject({ state: "USER_ABORTED" });
  });

  it("tells readers of the end also when the user does not want to wait for it", async () => {
    await using session = await openDemoSession();
    const counter = firstCounter(session);
    const scan = await session.commands.timescan(0.01, counter, { run: false });
    const running = scan.run();
    running.catch(() => {}); // expected below
    await scan.waitState("STARTING");
    scan.abort();
    scan.abort();
    await expect(running).rejects.toBeInstanceOf(ScanAbort);
    await using store = await connect({ redis: session.redis });
    const node = await store.getNode(scan.dbName);
    expect(await node.info()).toMatchObject({ state: "USER_ABORTED" });
    const events: string[] = [];
    for await (const { type } of node.walkEvents({ wait: false })) events.push(type);
    expect(events.at(-1)).toBe("END_SCAN");
  });

  it("aborts a scan that has only just been told to run", async () => {
    await using session = await openDemoSession();
    const counter = firstCounter(session);
    const scan = await session.commands.timescan(0.01, counter, { run: false });
    const running = scan.run();
    session.abort(); // before the scan has its number
    await expect(running).rejects.toBeInstanceOf(ScanAbort);
    expect([scan.state, session.running.size, session.scans.at(-1)]).toEqual(["USER_ABORTED", 0, scan]);
    await expect(scan.run()).rejects.toThrow("has run already");
    expect(session.scans.filter((other) => other === scan)).toHaveLength(1);
  });

  it("ends a scan normally when a watchdog says so", async () => {
    await using session = await openDemoSession();
    const counter = firstCounter(session);
    const scan = await session.commands.timescan(0.001, counter, { run: false });
    scan.setWatchdogCallback(
      new (class extends WatchdogCallback {
        override onScanData(): void {
          throw new StopScan();
        }
      })(),
    );
    await scan.run();
    expect(scan.state).toBe("DONE");
  });

  it("aborts the running scan when it is closed, and leaves nothing open", async () => {
    const session = await openDemoSession();
    const counter = firstCounter(session);
    const scan = await session.commands.timescan(0.01, counter, { run: false });
    const running = scan.run();
    running.catch(() => {}); // expected below
    await scan.waitState("STARTING");
    const [host, port] = session.beaconAddress.split(":");
    await session[Symbol.asyncDispose]();
    await expect(running).rejects.toBeInstanceOf(ScanAbort);
    await expect(opened(host ?? "", Number(port))).rejects.toThrow("ECONNREFUSED");
  });

  it("releases everything also when Redis is gone, and says which change of SCAN_SAVING was not kept", async () => {
    await using redis = await startRedisServer({ role: "settings" });
    const session = await openDemoSession({ redis: redis.target });
    const [host, port] = session.beaconAddress.split(":");
    await session.scanSaving.saved();
    await redis.kill();
    session.scanSaving.setParameter("template", "{session}/lost/");
    await expect(session[Symbol.asyncDispose]()).rejects.toThrow("scan_saving:demo_session could not be kept");
    await expect(opened(host ?? "", Number(port))).rejects.toThrow("ECONNREFUSED");
  });

  it("does not wait long for a Redis that is gone to keep the settings of axes, and says what is lost", async () => {
    const warnings: string[] = [];
    await using redis = await startRedisServer({ role: "settings" });
    const onWarning = (...words: string[]): void => void warnings.push(words.join(": "));
    const session = await openDemoSession({ redis: redis.target, onWarning });
    await session.scanSaving.saved();
    await redis.kill();
    await session.axes[0]?.setVelocity(1);
    const start = performance.now();
    await session[Symbol.asyncDispose]();
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(warnings.join("\n")).toContain("the settings of axis.roby cannot be saved");
  });

  it("reports an object that cannot be made, and goes on without it", async () => {
    const warnings: string[] = [];
    await using session = await openDemoSession({
      plugins: [],
      onWarning: (...words) => warnings.push(words.join(": ")),
    });
    expect(session.axes).toEqual([]);
    expect(warnings.join("\n")).toMatch(/roby: is left out: .*no plugin makes objects of class mockup/);
  });

  it("names the data directory that cannot be made", async () => {
    const content =
      "{plugin: session, class: Session, name: demo_session, scan_saving: {base_path: /dev/null/nowhere}}";
    const config = await loadConfig([{ path: "sessions.yml", content }]);
    await expect(openSession({ name: "demo_session", config })).rejects.toThrow(/\/dev\/null\/nowhere/);
  });

  it("names the sessions there are when there is no such session", async () => {
    const config = new URL("../../../demo", import.meta.url).pathname;
    await expect(openSession({ name: "nosuch", config, redis: "private" })).rejects.toThrow(/nosuch.*demo_session/s);
  });

  it("that is missed tells which files cannot be read: it may stand there", async () => {
    const config = await loadConfig([{ path: "sessions.yml", content: "- plugin: session\n\tname: lab\n" }]);
    const warnings: string[] = [];
    const onWarning = (...words: string[]): void => void warnings.push(words.join(" "));
    await expect(openSession({ name: "lab", config, onWarning })).rejects.toThrow("there is no session lab");
    expect(await listSessions({ config, onWarning })).toEqual([]);
    const problem = expect.stringMatching(/^sessions.yml:2 .* begins with a tab/);
    expect(warnings).toEqual([problem, problem]);
  });
});

function firstCounter({ counters }: Session): Counter {
  const [counter] = counters;
  if (!counter) throw new Error("the demo has a counter");
  return counter;
}

function opened(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    socket.once("error", reject);
    socket.connect(port, host, () => {
      socket.destroy();
      resolve();
    });
  });
}
