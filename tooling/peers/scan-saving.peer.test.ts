import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectRedis, type RedisConnection, settingsDatabase } from "@beamtime/redis";
import { BasicScanSaving, EsrfScanSaving } from "@beamtime/scan-saving";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bliss, type RealBeacon, startRealBeacon } from "./real-beacon.js";

const python = bliss();

describe.skipIf(python === undefined)("SCAN_SAVING shared with a real BLISS session", () => {
  let beacon: RealBeacon;
  let settings: RedisConnection;
  let data: RedisConnection;
  let directory: string;

  beforeAll(async () => {
    beacon = await startRealBeacon();
    settings = await connectRedis(join(beacon.directory, "redis.sock"), { db: settingsDatabase });
    data = await connectRedis(join(beacon.directory, "redis_data.sock"));
    directory = await mkdtemp(join(tmpdir(), "beamtime-saving-"));
  }, 120_000);
  afterAll(async () => {
    await settings?.close();
    await data?.close();
    await beacon?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs lines of Python after `setUp` with SCAN_SAVING of a session as `s`; the lines that begin with `=` as JSON. */
  const inPython = async (setUp: string, code: string): Promise<unknown[]> => {
    const script = `
import json
from bliss.scanning.scan_saving import BasicScanSaving, ESRFScanSaving
def out(*values): print('=' + json.dumps(values))
${setUp}
${code}`;
    const env = { ...process.env, BEACON_HOST: beacon.host };
    const { stdout } = await promisify(execFile)(python ?? "", ["-W", "ignore", "-c", script], { env });
    return stdout.split("\n").flatMap((line) => (line.startsWith("=") ? [JSON.parse(line.slice(1))] : []));
  };
  const openSession = `
from bliss.common.standard import *
from bliss.config.static import get_config
session = get_config().get('test_session'); session.setup()
s = session.scan_saving`;
  const withPolicy = `${openSession}\nsession.enable_esrf_data_policy()\ns = session.scan_saving`;

  it("is opened by BLISS as it was made here, and the other way round", async () => {
    await using saving: BasicScanSaving & { s_name?: unknown } = await BasicScanSaving.open("test_session", settings);
    saving.basePath = directory;
    saving.add("s_name", "sample1");
    saving.template = "{session}/{s_name}/{run:03d}";
    saving.add("run", 7);
    saving.template = "{session}/{s_name}/";
    await saving.saved();
    const heard = new Promise<void>((resolve) => {
      saving.parameters.onChange((names) => names.includes("energy") && resolve());
    });
    const lines = await inPython(
      openSession,
      `
out(s.root_path, s.filename, s.images_path, s.scan_parent_db_name, s.run)
s.s_name = 'sample2'; s.add('energy', 12.0); s.template = '{session}/{s_name}/{energy}'
out(s.root_path, s.scan_parent_db_name)`,
    );
    await heard;
    await saving.refresh();
    const before = join(directory, "test_session/sample1");
    const after = saving.get();
    expect(lines).toEqual([
      [
        before,
        `${before}/data.h5`,
        `${before}/scan{scan_number}/{img_acq_device}_`,
        ["test_session", ...before.split("/").filter((part) => part && part !== "test_session")].join(":"),
        7,
      ],
      [after.rootPath, after.parentPath.join(":")],
    ]);
    expect(saving.s_name).toBe("sample2");
    expect(after.rootPath).toBe(join(directory, "test_session/sample2/12.0"));
  });

  const roots = ["tmp", "visitor", "inhouse"].map((type) => `${type}_data_root`);
  const rootsIn = (folder: string): Record<string, string> =>
    Object.fromEntries(roots.map((root) => [root, join(folder, root.replace("_data_root", ""))]));

  it("follows the data policy together with BLISS: each goes on where the other has gone", async () => {
    const config = { beamline: "beamline", ...rootsIn(directory) };
    await using saving = await EsrfScanSaving.open("test_session", { settings, data }, config);
    await saving.newproposal("hg123");
    await saving.newsample("Ni");
    await saving.newdataset("area1");
    const ours = saving.get();
    const lines = await inPython(
      `
from bliss.config.static import get_config
get_config().root['scan_saving'] = ${JSON.stringify(config)}
${withPolicy}`,
      `
out(s.root_path, s.filename, s.scan_parent_db_name, s.proposal_type)
out(s.dataset.is_closed, s.dataset.name, s.collection.name, s.proposal.name, s.collection.sample_name)
s.newdataset('area2')
out(s.root_path, s.scan_parent_db_name)
other = ESRFScanSaving('other', 'test_session'); other.newproposal('hg123'); other.newsample('Ni'); other.newdataset('area2')
out(other.dataset_name)`,
    );
    await saving.refresh();
    const theirs = saving.get();
    expect(saving.datasetName).toBe("area2");
    expect(lines).toEqual([
      [ours.rootPath, ours.filename, ours.parentPath.join(":"), "visitor"],
      [false, "area1", "Ni", "hg123", "Ni"],
      [theirs.rootPath, theirs.parentPath.join(":")],
      ["area2_0002"],
    ]);
    await saving.newdataset("area2"); // the directory is not there, but the other session means to make the next one
    expect(saving.datasetName).toBe("area2");
  });

  it("has the keys of the data policy as BLISS makes them", async () => {
    const config = { beamline: "beamline", ...rootsIn(directory) };
    await inPython(
      `
from bliss.config.static import get_config
get_config().root['scan_saving'] = ${JSON.stringify(config)}
${openSession}`,
      "p = ESRFScanSaving('theirs', 'test_session'); out(p.root_path)",
    );
    await using _ours = await EsrfScanSaving.open("ours", { settings, data }, config);
    const typesOf = async (name: string): Promise<[string, number | undefined][]> => {
      const key = `parameters:esrf_scan_saving:${name}:default`;
      const fields = await settings.client.hgetallBuffer(key);
      const order = await settings.client.zrange(`${key}:creation_order`, "0", "-1");
      // the opcode after protocol and frame tells the type
      return order.map((field) => [field, fields[field]?.[fields[field]?.[2] === 0x95 ? 11 : 2]]);
    };
    expect(await typesOf("ours")).toEqual(await typesOf("theirs"));
  });
});
