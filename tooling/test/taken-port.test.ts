import { readdir } from "node:fs/promises";
import { connectRedis } from "@beamtime/redis";
import { startRedisServer } from "@beamtime/redis/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beamtime, type DemoBeacon, startDemoBeacon } from "./demo-beacon.js";
import { type DemoFolder, makeDemoFolder } from "./demo-folder.js";
import { typedInSession } from "./demo-session.js";
import { redisProcesses } from "./redis-processes.js";
import { startProgram } from "./running-program.js";

describe("a second Beacon server", () => {
  let first: DemoBeacon;
  let other: DemoFolder;
  let processes: unknown;
  beforeAll(async () => {
    [first, other] = await Promise.all([startDemoBeacon(), makeDemoFolder()]);
    await typedInSession(first.address, "SCAN_SAVING.add('s_name', 'first')");
    processes = await redisProcesses(first.address);
  });
  afterAll(async () => {
    await first[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
  });

  /** What it says when it cannot start. */
  async function refusal(config: string, ...ports: string[]): Promise<string> {
    await using second = startProgram([beamtime, "beacon", "--db-path", config, ...ports]);
    expect(await second.ended).toBe(1);
    return second.output;
  }

  async function expectFirstUntouched(): Promise<void> {
    expect(await redisProcesses(first.address)).toEqual(processes);
    expect(await typedInSession(first.address, "SCAN_SAVING.s_name")).toBe("first\n");
    expect(first.program.output).toBe(`BEACON_HOST=${first.address}\n`);
  }

  it("on the port of the first says so in a sentence, and the first goes on, whichever configuration is asked for", async () => {
    const port = first.address.slice(first.address.indexOf(":") + 1);
    const free = ["--redis-port", "0", "--redis-data-port", "0"];
    const said = `cannot listen on ${first.address} (another server has this port): give another port, or 0 for a free one\n`;
    expect(await refusal(`${first.folder}/config`, "--port", port, ...free)).toBe(said);
    expect(await refusal(other.config, "--port", port, ...free)).toBe(said);
    await expectFirstUntouched();
  });

  it("on the configuration of the first is refused too: settings are one server's", async () => {
    const free = ["--port", "0", "--redis-port", "0", "--redis-data-port", "0"];
    expect(await refusal(`${first.folder}/config`, ...free)).toBe(
      `the Redis server of ${first.folder}/config runs already (process ${(await redisProcesses(first.address)).settings}, supervised by process ${first.program.pid}): stop it first\n`,
    );
    await expectFirstUntouched();
  });

  it.each(["--redis-port", "--redis-data-port"])("names who has the port of %s", async (option) => {
    await using foreign = await startRedisServer({ port: 0 });
    const ports = { "--port": "0", "--redis-port": "0", "--redis-data-port": "0", [option]: String(foreign.port) };
    expect(await refusal(other.config, ...Object.entries(ports).flat())).toMatch(
      new RegExp(
        `^port 127.0.0.1:${foreign.port} is taken by .*process ${foreign.pid}.*: stop it, or give another port\n$`,
      ),
    );
    // what it had started by then is gone
    expect((await readdir(other.config)).filter((name) => name.endsWith(".sock"))).toEqual([]);
    await using connection = await connectRedis(foreign.target);
    expect(await connection.client.ping()).toBe("PONG");
  });
});
