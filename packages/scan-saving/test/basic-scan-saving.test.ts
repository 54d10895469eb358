import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { VirtualClock } from "@beamtime/concurrency";
import { AcquisitionChain, Scan, SoftwareTimerMaster } from "@beamtime/core";
import { hdf5Writer, lastScanNumber } from "@beamtime/hdf5";
import { redisPublisher, redisScanNumbers } from "@beamtime/publisher";
import type { RedisConnection } from "@beamtime/redis";
import { BasicScanSaving, MissingParameterError, numberedScanSaving, ScanSavingError } from "@beamtime/scan-saving";
import { HashObjSetting } from "@beamtime/settings";
import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "../../settings/test/keys-of.js";

interface PathCase {
  readonly case: string;
  readonly set: Readonly<Record<string, string | boolean>>;
  readonly root_path: string;
  readonly filename: string;
  readonly images_path: string;
  readonly scan_parent_db_name: string;
}

const vector = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../tooling/vectors/${name}.json`, import.meta.url), "utf8"));
// evaluated by BLISS 1.11.4, each case changes what the one before it left; the files are ours, of these shapes
const { basic } = vector("hdf5-paths") as { basic: PathCase[] };
const settings = vector("beacon-settings") as { scan_saving: { basic: Readonly<Record<string, unknown>> } };
const clock = new VirtualClock(new Date(2026, 10, 21, 4, 17, 51).getTime() / 1000); // the time of the vectors

let redis: TestRedis;
let connection: RedisConnection;
let directory: string;

beforeAll(async () => {
  redis = await startTestRedis();
  connection = await redis.connect({ db: 0 });
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.flush();
  directory = await mkdtemp(join(tmpdir(), "beamtime-saving-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (session = "basic"): Promise<BasicScanSaving> =>
  BasicScanSaving.open(session, connection, { clock, userName: "opid00" });

describe("SCAN_SAVING without data policy", () => {
  it("makes the keys that BLISS makes, in their order", async () => {
    await using _saving = await BasicScanSaving.open("vec", connection, {
      clock,
      initial: { base_path: "/tmp/scans" },
    });
    expect(await keysOf(connection)).toEqual(settings.scan_saving.basic);
  });

  it("refuses to set what is no parameter, also where a program is not strict, as a prompt", async () => {
    await using saving = await open();
    const assign = (name: string): string => {
      try {
        // without "use strict" assigning to a getter is ignored
        runInNewContext(`saving.${name} = "x"`, { saving });
        return "taken";
      } catch (error) {
        return String(error instanceof Error ? error.message : error);
      }
    };
    expect(assign("base_pth")).toBe(
      "SCAN_SAVING has no parameter 'base_pth': add it with SCAN_SAVING.add('base_pth', value)",
    );
    expect(["session", "date", "scan_number"].map(assign)).toEqual(
      ["session", "date", "scan_number"].map((name) => `SCAN_SAVING.${name} is computed: it cannot be set`),
    );
    expect(["get", "userName"].map(assign)).toEqual([
      "SCAN_SAVING.get cannot be set",
      "SCAN_SAVING.userName cannot be set",
    ]);
    expect(["template", "base_path", "dataFilename"].map(assign)).toEqual(["taken", "taken", "taken"]);
    saving.add("base_pth", "now it is one");
    expect(assign("base_pth")).toBe("taken");
    expect(saving.getParameter("base_pth")).toBe("x");
  });

  it("is shown also where a template cannot be filled, with what is wrong", async () => {
    await using saving = await open();
    saving.template = "{session}/{sample}/";
    expect(String(saving)).toMatch(
      / \.template += '\{session\}\/\{sample\}\/'\n.*\nNO PATH: .* uses \{sample\}, which nobody defines/s,
    );
  });

  it("evaluates its templates as BLISS does", async () => {
    await using saving = await open();
    saving.add("sample_id", "s42");
    for (const expected of basic) {
      for (const [name, value] of Object.entries(expected.set)) {
        if (name === "writer") saving.writer = String(value);
        else saving.setParameter(name, value);
      }
      if (expected.root_path.startsWith("ERROR")) {
        expect(() => saving.get()).toThrow(MissingParameterError);
        continue;
      }
      expect({ case: expected.case, ...saving.get() }).toEqual({
        case: expected.case,
        rootPath: expected.root_path,
        filename: expected.filename,
        imagesPath: expected.images_path,
        parentPath: expected.scan_parent_db_name.split(":"),
      });
    }
  });

  it("takes over what a Python process made, and adds what is missing", async () => {
    await new HashObjSetting(connection, "parameters:scan_saving:basic:default").update({
      template: "{session}/{s_name}",
      s_name: "sample1",
    });
    await using saving: BasicScanSaving & { s_name?: unknown } = await open();
    expect(saving.s_name).toBe("sample1");
    saving.basePath = "/data";
    expect(saving.get().rootPath).toBe("/data/basic/sample1");
  });

  it("has each parameter as a property, also one that another process adds", async () => {
    await using ours: BasicScanSaving & { s_name?: unknown; base_path?: unknown } = await open();
    await using theirs = await open();
    ours.base_path = "/here";
    await ours.saved();
    await theirs.refresh();
    expect(theirs.basePath).toBe("/here");
    const heard = new Promise((resolve) => ours.parameters.onChange(resolve));
    theirs.add("s_name", "sample1");
    await heard;
    expect(ours.s_name).toBe("sample1");
    ours.s_name = "sample2";
    await ours.saved();
    await theirs.refresh();
    expect(theirs.getParameter("s_name")).toBe("sample2");
  });

  it("writes values in templates as Python does", async () => {
    await using saving = await open();
    saving.add("energy", 12.5);
    saving.add("run", 7);
    saving.add("hot", true);
    saving.basePath = "/d";
    saving.template = "{energy}/{run:04d}/{hot}";
    expect(saving.get().rootPath).toBe("/d/12.5/0007/True");
  });

  it("refuses what cannot be, and says how to mend it", async () => {
    await using saving = await open();
    expect(() => saving.setParameter("nosuch", 1)).toThrow("add it with SCAN_SAVING.add('nosuch', value)");
    expect(() => saving.add("9lives", 1)).toThrow("not a digit first");
    for (const taken of ["session", "date", "scan_number", "get"]) {
      expect(() => saving.add(taken, "x")).toThrow("taken by SCAN_SAVING itself");
    }
    expect(() => {
      saving.writer = "tape";
    }).toThrow("there is no writer 'tape': expected hdf5, nexus, null");
    expect(() => saving.setParameter("date", "x")).toThrow("computed");
    await expect(saving.newproposal()).rejects.toThrow(ScanSavingError);
    await expect(saving.newdataset()).rejects.toThrow("no data policy is enabled");
  });

  it("is shown as a table of parameters and paths", async () => {
    await using saving = await open();
    saving.basePath = directory;
    const text = saving.toString();
    expect(text).toContain(`  .base_path            = '${directory}'`);
    expect(text).toContain("  .images_path_relative = true");
    expect(text).toContain(`does not exist  filename   ${directory}/basic/data.h5`);
    expect(text).not.toContain("_writer_module");
    saving.writer = "null";
    expect(saving.toString()).toContain("NO SAVING");
  });
});

describe("a scan", () => {
  const numbered = (saving: BasicScanSaving): ReturnType<typeof numberedScanSaving> =>
    numberedScanSaving(saving, redisScanNumbers(redis.connection));
  const { signal } = new AbortController();

  it("goes where the parameters said when it was made, those of another process included", async () => {
    await using saving = await open();
    saving.basePath = directory;
    const python = new HashObjSetting(await redis.connect({ db: 0 }), "parameters:scan_saving:basic:default");
    await python.set("data_filename", "python");
    const scan = numbered(saving);
    saving.template = "elsewhere/";
    const { identity, info } = await scan.begin({ name: "ascan", save: true }, { signal });
    expect(identity).toEqual({
      name: "ascan",
      number: 1,
      saved: true,
      nodeName: "1_ascan",
      parentPath: ["basic", ...directory.split("/").filter(Boolean)],
      session: "basic",
      filename: `${directory}/basic/python.h5`,
    });
    expect(info).toEqual({
      session_name: "basic",
      user_name: "opid00",
      data_writer: "hdf5",
      writer_options: {},
      data_policy: "None",
      filename: `${directory}/basic/python.h5`,
      images_path: `${directory}/basic/scan0001/{img_acq_device}_`,
    });
  });

  it("has its number in the file name, where the template wants it", async () => {
    await using saving = await open();
    saving.basePath = directory;
    saving.dataFilename = "{scan_name}_{scan_number}";
    saving.setParameter("scan_number_format", "%03d");
    const { identity } = await numbered(saving).begin({ name: "ct", save: true }, { signal });
    expect(identity.filename).toBe(`${directory}/basic/ct_001.h5`);
    const unsaved = await numbered(saving).begin({ name: "ct", save: false }, { signal });
    expect(unsaved.identity).toMatchObject({ nodeName: "_1_ct", filename: "" });
  });

  it("does not begin when a parameter could not be kept", async () => {
    await using saving = await open();
    await connection.client.set("parameters:scan_saving:basic:default:creation_order", "not a zset");
    saving.basePath = directory;
    await expect(numbered(saving).begin({ name: "ct", save: true }, { signal })).rejects.toThrow("could not be kept");
  });

  it("follows the story of sample1 and sample2: a file and numbers for each, which go on after Redis was emptied", async () => {
    await using saving: BasicScanSaving & { s_name?: unknown } = await open("test_session");
    await using writer = hdf5Writer();
    const scan = async (): Promise<string> => {
      const chain = new AcquisitionChain();
      chain.add(new SoftwareTimerMaster(0.001, { npoints: 2 }));
      const made = new Scan(chain, {
        name: "ascan",
        scanSaving: numberedScanSaving(saving, redisScanNumbers(redis.connection)),
        sinks: [redisPublisher(redis.connection), writer],
      });
      await made.run();
      return made.dbName;
    };
    saving.basePath = directory;
    saving.add("s_name", "");
    saving.template = "{session}/{s_name}/";
    saving.s_name = "sample1";
    const nodes = [await scan(), await scan()];
    saving.s_name = "sample2";
    nodes.push(await scan());
    const parent = `test_session:${directory.split("/").filter(Boolean).join(":")}`;
    expect(nodes).toEqual([`${parent}:sample1:1_ascan`, `${parent}:sample1:2_ascan`, `${parent}:sample2:1_ascan`]);
    const last = (sample: string): Promise<number> =>
      lastScanNumber(join(directory, "test_session", sample, "data.h5"));
    expect([await last("sample1"), await last("sample2")]).toEqual([2, 1]);
    await redis.flush(); // the numbers are lost, the files are there
    saving.s_name = "sample1";
    expect(await scan()).toBe(`${parent}:sample1:3_ascan`);
  });
});
