import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadRedisVector, restoreVector, startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { startAcmeDevice } from "../../examples/motor-controller/acme-device.js";
import { buildPackages, root, run } from "./built-packages.js";
import { compileIn, installInto, packAll, packOther, type Tarballs } from "./packed-packages.js";

const consumer = (name: string): string => fileURLToPath(new URL(`consumers/${name}.ts`, import.meta.url));

describe("packages installed from their tarballs, outside of the project", () => {
  let folder: string;
  let tarballs: Tarballs;
  let redis: TestRedis;

  beforeAll(async () => {
    await buildPackages();
    folder = await mkdtemp(join(tmpdir(), "beamtime-packed-"));
    tarballs = await packAll(join(folder, "tarballs"));
    redis = await startTestRedis();
  }, 300_000);
  beforeEach(() => redis.flush());
  afterAll(async () => {
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  it("give an analysis the reader, without writers and hardware", async () => {
    const project = join(folder, "analysis");
    await installInto(project, ["@beamtime/data"], tarballs);
    const ours = await readdir(join(project, "node_modules/@beamtime"));
    expect(ours.sort()).toEqual(["beacon-client", "concurrency", "data", "errors", "protocol", "redis"]);
    const others = await readdir(join(project, "node_modules"));
    expect(others).toEqual(expect.arrayContaining(["ioredis", "zod"]));
    expect(others.filter((name) => /h5wasm|yaml|typescript/.test(name))).toEqual([]);

    await compileIn(project, consumer("analysis"));
    await restoreVector(redis.connection, await loadRedisVector("redis-scan"));
    const { stdout } = await run("node", ["main.js", redis.server.target.path, "test_session"], { cwd: project });
    expect(JSON.parse(stdout)).toMatchObject({
      "test_session:data:visitor:1_ascan:axis:roby": 0 + 1 + 2,
      "test_session:data:visitor:1_ascan:axis:timer:simulation_diode_sampling_controller:diode": expect.closeTo(162.58),
    });
  }, 120_000);

  it("give a scan tool of one's own what it composes", async () => {
    const project = join(folder, "scan-tool");
    await installInto(project, ["@beamtime/core", "@beamtime/counters", "@beamtime/publisher"], tarballs);
    const ours = await readdir(join(project, "node_modules/@beamtime"));
    expect(ours.sort()).toEqual(["concurrency", "core", "counters", "errors", "protocol", "publisher", "redis"]);

    await compileIn(project, consumer("scan-tool"));
    const { stdout } = await run("node", ["main.js", redis.server.target.path], { cwd: project });
    expect(JSON.parse(stdout)).toEqual({ dbName: "tool:_1_scan", level: [1, 2, 3, 4, 5] });
    expect(await redis.connection.client.xlen("tool:_1_scan:timer:ramp:level_data")).toBeGreaterThan(0);
  }, 120_000);

  it("give a beamline the shell", async () => {
    const project = join(folder, "shell");
    await installInto(project, ["@beamtime/shell"], tarballs);
    const env = { ...process.env, BEAMTIME_CACHE: join(root, ".cache") };
    const code = "const scan = ascan(roby, 0, 1, 2, 0.01, diode); scan.getData().roby";
    const { stdout } = await run(
      "npx",
      ["beamtime", "-s", "demo_session", "--config", join(root, "demo"), "-e", code],
      {
        cwd: project,
        env: { ...process.env, BEAMTIME_CACHE: join(root, ".cache") },
      },
    );
    expect(stdout).toContain("0.5");

    await compileIn(project, consumer("beamline"));
    const program = await run("node", ["main.js", join(root, "demo"), folder], { cwd: project, env });
    const { filename } = z.object({ filename: z.string() }).parse(JSON.parse(program.stdout));
    expect((await readFile(filename)).subarray(1, 4).toString()).toBe("HDF");
  }, 120_000);

  it("let a stranger write a controller of motors, which a beamline finds by its name", async () => {
    const acme = join(folder, "acme");
    const beamline = join(folder, "beamline");
    const others = await packOther(join(root, "examples/motor-controller"), acme, tarballs);
    const checks = run("npm", ["run", "check", "--silent"], { cwd: acme });
    const { stdout: report } = await checks.catch((failed: { readonly stdout: string }) => failed); // it tells which failed
    expect(report.split("\n").filter((line) => line.startsWith("failed"))).toEqual([]);
    expect(report).toMatch(/^passed {2}as axes: move together/m);

    await installInto(beamline, ["@beamtime/shell"], tarballs, others);
    const installed = join(beamline, "node_modules/@acme/beamtime-motors");
    expect((await readdir(installed)).sort()).toEqual(["dist", "package.json"]); // no copies of ours of its own
    expect(await readdir(join(installed, "dist"))).not.toContain("check.js");
    await using device = await startAcmeDevice(["1", "2"]);
    await mkdir(join(beamline, "config"));
    const configuration = acmeBeamline(device.port, join(beamline, "data"));
    await writeFile(join(beamline, "config/beamline.yml"), configuration);
    const env = { ...process.env, BEAMTIME_CACHE: join(root, ".cache") };
    const beamtime = (...args: string[]) => run("node_modules/.bin/beamtime", args, { cwd: beamline, env });
    const { stdout: checked } = await beamtime("check", "--strict", "--config", "config");
    expect(checked).toBe("config: 3 names, 0 errors, 0 warnings\n");
    const code = "mv(tz, 1); wa(); const scan = dscan(tz, 0, 0.2, 2, 0.01, diode); scan.getData().tz";
    const { stdout, stderr } = await beamtime("-s", "lab", "--config", "config", "-e", code);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/tz\[mm\]\n-+ {2}-+\nuser {2}1\.0000\ndial {2}1\.0000\n/);
    expect(stdout).toContain("1.1");
    expect(await device.motors.readPosition("2")).toBe(100);
  }, 180_000);
});

const acmeBeamline = (port: number, data: string): string => `
- plugin: emotion
  class: Acme
  package: "@acme/beamtime-motors"
  tcp: {url: "127.0.0.1:${port}"}
  axes:
  - {name: tz, address: 2, steps_per_unit: 100, velocity: 20, acceleration: 400, unit: mm}
- {plugin: bliss, class: simulation_diode, name: diode}
- {plugin: session, class: Session, name: lab, scan_saving: {base_path: ${JSON.stringify(data)}}}
`;
