import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VirtualClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { redisScanNumbers } from "@beamtime/publisher";
import type { RedisConnection } from "@beamtime/redis";
import {
  BasicScanSaving,
  EsrfScanSaving,
  numberedScanSaving,
  openScanSaving,
  type PolicyEvent,
  ScanSavingError,
} from "@beamtime/scan-saving";
import { HashObjSetting } from "@beamtime/settings";
import { loadRedisVector, restoreVector, startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { keysOf } from "../../settings/test/keys-of.js";

interface PathCase {
  readonly case: string;
  readonly root_path: string;
  readonly filename: string;
  readonly images_path: string;
  readonly scan_parent_db_name: string;
  readonly proposal_type: string;
  readonly proposal_name: string;
  readonly proposal_dirname: string;
  readonly proposal_session_name: string;
  readonly collection_name: string;
  readonly dataset_name: string;
}

const vector = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../tooling/vectors/${name}.json`, import.meta.url), "utf8"));
// made by BLISS 1.11.4; the files are ours, of these shapes
const { esrf } = vector("hdf5-paths") as { esrf: PathCase[] };
const settings = vector("beacon-settings") as {
  scan_saving: { esrf: Record<string, { value: Record<string, unknown> }> };
};
const clock = new VirtualClock(new Date(2026, 10, 21, 3, 52, 23, 70).getTime() / 1000); // the time of the vectors
const { signal } = new AbortController();

let redis: TestRedis;
let connections: { settings: RedisConnection; data: RedisConnection };
let directory: string;

beforeAll(async () => {
  redis = await startTestRedis();
  connections = { settings: await redis.connect({ db: 0 }), data: redis.connection };
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.flush();
  directory = await mkdtemp(join(tmpdir(), "beamtime-policy-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** With data in the directory of the test. */
const open = (session = "demo", options: Parameters<typeof EsrfScanSaving.open>[3] = {}): Promise<EsrfScanSaving> => {
  const roots = Object.fromEntries(
    ["tmp", "visitor", "inhouse"].map((type) => [`${type}_data_root`, join(directory, type)]),
  );
  return EsrfScanSaving.open(session, connections, { beamline: "id99", ...roots }, { clock, ...options });
};

const begin = (saving: EsrfScanSaving, save = true): ReturnType<ReturnType<typeof numberedScanSaving>["begin"]> =>
  numberedScanSaving(saving, redisScanNumbers(connections.data)).begin({ name: "loopscan", save }, { signal });

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Type, decoded info and time to live of a node; times as the word `datetime`. */
async function nodeOf(dbName: string): Promise<{ type: unknown; info: Record<string, unknown>; ttl: number }> {
  const { client } = connections.data;
  const fields = await new HashObjSetting(connections.data, `${dbName}_info`).getAll();
  const info = Array.from(fields, ([field, value]) => [field, value instanceof Date ? "datetime" : value]);
  return {
    type: await client.hget(dbName, "node_type"),
    info: Object.fromEntries(info),
    ttl: await client.ttl(dbName),
  };
}

describe("SCAN_SAVING under the ESRF data policy", () => {
  it("makes the keys that BLISS makes, in their order and of their types", async () => {
    await using _saving = await EsrfScanSaving.open("demo", connections, { beamline: "ID99" }, { clock });
    const expected = structuredClone(settings.scan_saving.esrf);
    const found = (await keysOf(connections.settings)) as typeof expected; // of the same form
    const name = "_ESRFScanSaving__proposal_timestamp";
    const key = "parameters:esrf_scan_saving:demo:default";
    const bytes = await connections.settings.client.hgetBuffer(key, name);
    expect(bytes?.[11]).toBe(0x47); // a float, whose value is the time of the test
    for (const keys of [found, expected]) delete keys[key]?.value[name];
    expect(found).toEqual(expected);
  });

  it("evaluates its paths as BLISS does", async () => {
    const config = { beamline: "id00" };
    await using saving = await EsrfScanSaving.open("basic", connections, config, { clock });
    const steps: (() => Promise<unknown>)[] = [
      async () => {},
      () => saving.newproposal("hg123"),
      () => saving.newproposal("HG-456 x"),
      () => saving.newcollection("sample A"),
      () => saving.newdataset("area1"),
      () => saving.newdataset(7),
      () => saving.newdataset("12"),
      () => saving.newdataset(),
      () => saving.newproposal("test1"),
      () => saving.newproposal("id002101"),
      () => saving.newproposal("02-01234"),
    ];
    for (const [index, step] of steps.entries()) {
      await step();
      const expected = esrf[index];
      expect({
        case: expected?.case,
        ...saving.get(),
        type: saving.proposalType,
        proposal: saving.proposalName,
        session: saving.proposalSessionName,
        collection: saving.collectionName,
        dataset: saving.datasetName,
      }).toEqual({
        case: expected?.case,
        rootPath: expected?.root_path,
        filename: expected?.filename,
        imagesPath: expected?.images_path,
        parentPath: expected?.scan_parent_db_name.split(":"),
        type: expected?.proposal_type,
        proposal: expected?.proposal_name,
        session: expected?.proposal_session_name,
        collection: expected?.collection_name,
        dataset: expected?.dataset_name,
      });
    }
    expect(esrf.slice(steps.length).map((each) => each.case)).toEqual(["bad proposal", "bad collection"]);
    await expect(saving.newproposal("a/b")).rejects.toThrow(ArgumentError);
    await expect(saving.newcollection("a/b")).rejects.toThrow("'a/b' names a directory and must not have \"/\"");
    expect(saving.proposalName).toBe("0201234");
  });

  it("refuses a format of dataset numbers without a number, of which there is only one name to try", async () => {
    await using saving = await open();
    await begin(saving);
    saving.setParameter("dataset_number_format", "run");
    await expect(saving.newdataset()).rejects.toThrow("'run' is no format of numbers: expected one %d");
    saving.setParameter("dataset_number_format", "run%02i");
    await saving.newdataset();
    expect(saving.datasetName).toBe("run01");
  });

  it("has what is computed as properties that cannot be set", async () => {
    await using saving: EsrfScanSaving & { proposal_name?: string; base_path?: string } = await open();
    expect([saving.proposal_name, saving.base_path]).toEqual(["id992611", join(directory, "inhouse")]);
    expect(() => {
      saving.proposal_name = "x";
    }).toThrow("computed by the data policy: use newproposal, newcollection or newdataset");
    expect(() => saving.setParameter("template", "x")).toThrow(ScanSavingError);
    expect(() => saving.add("dataset_name", "x")).toThrow("taken by SCAN_SAVING itself");
    saving.add("operator", "me");
    expect(saving.getParameter("operator")).toBe("me");
  });

  it("tells what each command did, and announces it", async () => {
    const messages: string[] = [];
    const events: PolicyEvent[] = [];
    await using saving = await open("demo", {
      onMessage: (text) => messages.push(text),
      onPolicyEvent: (event) => events.push(event),
    });
    await saving.newproposal("hg123");
    await saving.newsample("Ni");
    await saving.newdataset("area1");
    const raw = join(directory, "visitor/hg123/id99/20261101/RAW_DATA");
    expect(messages).toEqual([
      `Proposal set to 'hg123' (session '20261101')\nData path: ${raw}/sample/sample_0001`,
      `Dataset collection set to 'Ni'\nData path: ${raw}/Ni/Ni_0001`,
      `Dataset set to 'area1'\nData path: ${raw}/Ni/Ni_area1`,
    ]);
    expect(events.at(-1)).toEqual({
      event_type: "changed",
      value: { message: "Dataset set to 'area1'", data_path: `${raw}/Ni/Ni_area1` },
    });
    expect(await saving.endproposal()).toContain("Proposal set to 'id992611' (session '20261101')");
    expect(saving.toString()).toContain("  .proposal_name         = 'id992611'");
  });

  it("goes on with what another process chose", async () => {
    await using ours = await open();
    await using theirs = await open();
    await theirs.newproposal("hg123");
    await theirs.newsample("Ni");
    await ours.refresh();
    expect(ours.get()).toEqual(theirs.get());
    await using later = await open();
    expect(later.get()).toEqual(theirs.get());
  });

  it("takes the session of the proposal that is there", async () => {
    for (const session of ["20260301", "20261120", "20270101"]) {
      await mkdir(join(directory, "visitor/hg123/id99", session), { recursive: true });
    }
    await using saving = await open();
    await saving.newproposal("hg123");
    expect(saving.proposalSessionName).toBe("20261120");
    await saving.newproposal("hg123", "20260301");
    expect(saving.proposalSessionName).toBe("20260301");
    expect(saving.get().rootPath).toContain("/20260301/RAW_DATA/");
  });

  it("gives two sessions that choose at once datasets of their own", async () => {
    const savings = await Promise.all(["one", "two", "three"].map((session) => open(session)));
    await Promise.all(savings.map((saving) => saving.newproposal("hg123")));
    await Promise.all(savings.map((saving) => saving.newdataset()));
    const names = savings.map((saving) => saving.datasetName);
    expect(new Set(savings.map((saving) => saving.get().rootPath)).size).toBe(3);
    expect(names.toSorted()).toEqual(["0001", "0002", "0003"]);
    await Promise.all(savings.map((saving) => saving[Symbol.asyncDispose]()));
  });

  it("needs a beamline, and says what is wrong in the configuration", async () => {
    const failure = (config: Record<string, unknown>): Promise<unknown> =>
      EsrfScanSaving.open("s", connections, config);
    await expect(failure({})).rejects.toThrow("the name of the beamline");
    await expect(failure({ beamline: "id99", directory_structure_version: 4 })).rejects.toThrow("expected 1, 2 or 3");
    await expect(failure({ beamline: "id99", tmp_data_root: 5 })).rejects.toThrow("scan_saving.tmp_data_root");
    await expect(failure({ beamline: "id99", tmp_proposal_prefixes: "t" })).rejects.toThrow("a list of texts");
  });

  it("knows the older structures of directories", async () => {
    const config = {
      beamline: "id99",
      directory_structure_version: 2,
      inhouse_data_root: { a: "/mnt/a", b: "/mnt/b" },
    };
    await using saving = await EsrfScanSaving.open("demo", connections, config, { clock });
    expect(saving.get().rootPath).toBe("/mnt/a/id992611/id99/20261101/raw/sample/sample_0001");
    saving.mountPoint = "b";
    expect(saving.get().rootPath).toBe("/mnt/b/id992611/id99/20261101/raw/sample/sample_0001");
    expect(() => {
      saving.mountPoint = "c";
    }).toThrow("there is no mount point 'c'");
  });
});

describe("a scan under the data policy", () => {
  it("has the nodes that BLISS makes above it, and its dataset begins", async () => {
    await using saving = await open("test_session");
    await saving.newproposal("ihr123");
    await saving.newcollection("sampleA");
    await saving.newdataset("ds1");
    const { identity, info } = await begin(saving);
    const raw = join(directory, "visitor/ihr123/id99/20261101/RAW_DATA/sampleA");
    expect(info).toEqual({
      session_name: "test_session",
      user_name: saving.userName,
      data_writer: "hdf5",
      writer_options: {},
      data_policy: "ESRF",
      filename: `${raw}/sampleA_ds1/sampleA_ds1.h5`,
      images_path: `${raw}/sampleA_ds1/scan0001/{img_acq_device}_`,
    });
    const parent = ["test_session", ...join(directory, "visitor").split("/").filter(Boolean)];
    expect(identity).toMatchObject({ number: 1, parentPath: [...parent, "ihr123", "sampleA", "sampleA_ds1"] });
    expect(await exists(`${raw}/sampleA_ds1`)).toBe(true);

    await restoreVector(connections.data, await loadRedisVector("redis-data-policy"));
    for (const level of ["ihr123", "ihr123:sampleA", "ihr123:sampleA:sampleA_ds1"]) {
      const ofBliss = await nodeOf(`test_session:data:visitor:${level}`);
      const ours = await nodeOf([...parent, level].join(":"));
      const { node_name: _, ...own } = ours.info;
      const path = String(ofBliss.info["__path__"]).replace("/data/visitor", join(directory, "visitor"));
      const info = { ...ofBliss.info, __path__: path.replace("/beamline/", "/id99/") };
      expect({ ...ours, info: own }).toEqual({ ...ofBliss, info });
    }
  });

  it("begins with number 1 in each dataset", async () => {
    await using saving = await open();
    const numbers: number[] = [];
    const take = async (): Promise<void> => {
      numbers.push((await begin(saving)).identity.number);
    };
    await take();
    await take();
    await saving.newdataset();
    await take();
    await saving.newdataset("area1");
    await take();
    await take();
    expect(numbers).toEqual([1, 2, 1, 1, 2]);
    expect(saving.get().filename).toMatch(/sample_area1\/sample_area1\.h5$/);
  });

  it("closes a dataset that has data with the next one, which then expires", async () => {
    await using saving = await open();
    await begin(saving);
    const first = saving.get().parentPath.join(":");
    const message = await saving.enddataset();
    expect(message).toContain("Dataset set to '0002'");
    const { info, ttl } = await nodeOf(first);
    expect(info).toMatchObject({ __closed__: true, endDate: "datetime", definition: "UNKNOWN", Sample_name: "sample" });
    expect(ttl).toBeGreaterThan(86_000);
    expect((await nodeOf(first.slice(0, first.lastIndexOf(":")))).ttl).toBe(-1);
  });

  it("leaves a dataset without data open, and takes its name again", async () => {
    await using saving = await open();
    await begin(saving, false);
    const first = saving.get().parentPath.join(":");
    await saving.enddataset();
    expect(saving.datasetName).toBe("0001");
    expect(await nodeOf(first)).toMatchObject({ type: "dataset", ttl: -1, info: { __closed__: false } });
  });

  it("is refused in a dataset that is closed", async () => {
    await using saving = await open();
    await begin(saving);
    await new HashObjSetting(connections.data, `${saving.get().parentPath.join(":")}_info`).set("__closed__", true);
    await expect(begin(saving)).rejects.toThrow("dataset '0001' of sample is closed: choose another one");
  });

  it("keeps the nodes of a proposal for a day after it is left, and for ever when it comes back", async () => {
    await using saving = await open();
    await saving.newproposal("hg123");
    await begin(saving);
    const parent = saving.get().parentPath;
    const proposal = parent.slice(0, -2).join(":");
    await saving.endproposal();
    expect((await nodeOf(proposal)).ttl).toBeGreaterThan(86_000);
    await saving.newproposal("hg123");
    expect((await nodeOf(proposal)).ttl).toBe(-1);
  });

  it("has the texts that tell sample and dataset", async () => {
    await using saving = await open();
    await saving.newsample("Ni", { description: "a foil" });
    await saving.newdataset("area1", { description: "left edge" });
    const path = saving.get().parentPath;
    expect((await nodeOf(path.slice(0, -1).join(":"))).info).toMatchObject({
      Sample_name: "Ni",
      Sample_description: "a foil",
    });
    expect((await nodeOf(path.join(":"))).info).toMatchObject({ Sample_description: "a foil (left edge)" });
  });

  it("keeps in a closed dataset what its sample was said to be", async () => {
    await using saving = await open();
    await saving.newsample("Ni", { description: "a foil" });
    await begin(saving);
    const first = saving.get().parentPath.join(":");
    await saving.newdataset(undefined, { sampleDescription: "another foil" });
    expect((await nodeOf(first)).info).toMatchObject({
      Sample_name: "Ni",
      Sample_description: "a foil",
      __frozen__: true,
    });
  });

  it("says when the directory cannot be made", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    const config = { beamline: "id99", inhouse_data_root: file };
    await using saving = await EsrfScanSaving.open("demo", connections, config, { clock });
    await expect(begin(saving)).rejects.toThrow(`cannot make the directory of the dataset ${file}/`);
  });
});

describe("the class of a configuration", () => {
  const openAs = (config: Record<string, unknown>): Promise<BasicScanSaving | EsrfScanSaving> =>
    openScanSaving({ session: "demo", config, ...connections, clock });

  it("decides which SCAN_SAVING a session has", async () => {
    await using basic = await openAs({ beamline: "id99", base_path: "/there" });
    expect(basic).toBeInstanceOf(BasicScanSaving);
    expect(basic.get().rootPath).toBe("/there/demo");
    await using policy = await openAs({ class: "ESRFScanSaving", beamline: "id99" });
    expect(policy).toBeInstanceOf(EsrfScanSaving);
    await expect(openAs({ class: "OtherScanSaving" })).rejects.toThrow('there is no class "OtherScanSaving"');
  });
});
