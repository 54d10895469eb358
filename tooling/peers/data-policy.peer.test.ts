import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Counter } from "@beamtime/counters";
import { connectRedis, settingsDatabase } from "@beamtime/redis";
import { EsrfScanSaving } from "@beamtime/scan-saving";
import { type Beacon, openSession, type Session, startBeacon } from "@beamtime/session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BlissSession, openBlissSession } from "./bliss-session.js";
import { PythonProcess } from "./python-process.js";
import { bliss } from "./real-beacon.js";
import { dumpWithOurs, dumpWithPython } from "./session-dumps.js";

const blissdata = process.env["BEAMTIME_BLISSDATA"] ?? "";
const isThere = bliss() !== undefined && blissdata !== "";
const name = "test_session";

/** Prints each event of the data policy of the session: whether BLISS takes it for one, which, and its value. */
const watchEvents = `
import json, sys
from bliss.config.channels import EventChannel
from bliss.scanning.scan_saving import ESRFDataPolicyEvent
from gevent.fileobject import FileObject
def seen(events):
    for event in events:
        kind = event["event_type"]
        print(json.dumps([isinstance(kind, ESRFDataPolicyEvent), kind.name, event["value"]]))
channel = EventChannel(sys.argv[1])
channel.register_callback(seen)
FileObject(sys.stdin, "r").readline()
`;

/** In BLISS: the metadata of the nodes from the proposal of a dataset down to it; of times only that they are there. */
const describeNodes = `
from blissdata.data.node import get_node
import datetime
def described(db_name):
    nodes, node = [], get_node(db_name)
    while node.type != "container":
        nodes.insert(0, [node.type, {k: "time" if isinstance(v, datetime.datetime) else v for k, v in node.info.get_all().items()}])
        node = node.parent
    return nodes
`;

describe.skipIf(!isThere)("the ESRF data policy of one session in both systems", () => {
  let directory: string;
  let beacon: Beacon;
  let theirs: BlissSession;
  let ours: Session;
  let saving: EsrfScanSaving;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-policy-"));
    const config = join(directory, "config");
    await cp(fileURLToPath(new URL("beacon_config", import.meta.url)), config, { recursive: true });
    const roots = ["tmp", "visitor", "inhouse"].map((type) => `${type}_data_root: ${join(directory, type)}`);
    const policy = ["class: ESRFScanSaving", "beamline: id99", ...roots].join("\n  ");
    await writeFile(join(config, "__init__.yml"), `synchrotron: ESRF\nscan_saving:\n  ${policy}\n`);
    beacon = await startBeacon({ directory: config });
    theirs = await openBlissSession(name, beacon.address);
    ours = await openSession({ name, beacon: beacon.address });
    if (!(ours.scanSaving instanceof EsrfScanSaving)) throw new Error("the session has no data policy");
    saving = ours.scanSaving;
    await theirs.run("SCAN_SAVING.writer = 'hdf5'"); // of both; BLISS's other writer needs Tango
    await theirs.run(describeNodes);
  }, 120_000);
  afterAll(async () => {
    await ours?.[Symbol.asyncDispose]();
    await theirs?.[Symbol.asyncDispose]();
    await beacon?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  const theirPlace = () =>
    theirs.run(
      "[SCAN_SAVING.proposal_name, SCAN_SAVING.proposal_session_name, SCAN_SAVING.collection_name, SCAN_SAVING.dataset_name, SCAN_SAVING.root_path, SCAN_SAVING.filename]",
    );
  const ourPlace = () => {
    const { rootPath, filename } = saving.get();
    const { proposalName, proposalSessionName, collectionName, datasetName } = saving;
    return [proposalName, proposalSessionName, collectionName, datasetName, rootPath, filename];
  };

  it("begins where the other is", async () => {
    expect(await theirPlace()).toEqual(ourPlace());
    expect(saving.get().rootPath).toContain(join(directory, "inhouse"));
  });

  it("goes with each command of ours to the place where BLISS then is, and the reverse", async () => {
    for (const command of [
      () => saving.newproposal("hg123"),
      () => saving.newsample("Ni"),
      () => saving.newdataset("area1"),
      () => saving.newdataset("area1"),
      () => saving.newdataset(7),
      () => saving.enddataset(),
      () => saving.newcollection("other"),
    ]) {
      await command();
      expect(await theirPlace()).toEqual(ourPlace());
    }
    for (const command of [
      "newproposal('ih77')",
      "newsample('Fe')",
      "newdataset('area2')",
      "newdataset('area2')",
      "newdataset('12')",
      "enddataset()",
      "newcollection(None)",
    ]) {
      await theirs.run(`SCAN_SAVING.${command}`);
      const there = await theirPlace();
      await expect.poll(ourPlace).toEqual(there);
    }
  });

  it("tells a process of BLISS of our changes what BLISS tells it of its own", async () => {
    const channel = `${name}:esrf_data_policy`;
    await using settings = await connectRedis(beacon.settings, { db: settingsDatabase });
    const listeners = async (): Promise<unknown> => (await settings.client.pubsub("NUMSUB", channel))[1];
    const before = Number(await listeners());
    await using watcher = new PythonProcess(watchEvents, beacon.address, channel);
    await expect.poll(listeners, { timeout: 20_000 }).toBe(before + 1);
    const told = async (): Promise<unknown> => JSON.parse(await watcher.line());
    const pairs: [() => Promise<unknown>, string][] = [
      [() => saving.newproposal("hg1"), "newproposal('hg1')"],
      [() => saving.newsample("Ni"), "newsample('Ni')"],
      [() => saving.newcollection("Cu"), "newcollection('Cu')"],
      [() => saving.newdataset("area"), "newdataset('area')"],
      [() => saving.enddataset(), "enddataset()"],
      [() => saving.endproposal(), "endproposal()"],
    ];
    const ofOurs: unknown[] = [];
    const ofTheirs: unknown[] = [];
    for (const [command] of pairs) {
      await command();
      ofOurs.push(await told());
    }
    for (const [, command] of pairs) {
      await theirs.run(`SCAN_SAVING.${command}`);
      ofTheirs.push(await told());
    }
    expect(ofOurs[0]).toEqual([
      true,
      "Change",
      { message: expect.stringMatching(/^Proposal set to 'hg1' \(session '\d{8}'\)$/), data_path: expect.any(String) },
    ]);
    expect(ofOurs).toEqual(ofTheirs);
  });

  it("puts our scans where blissdata finds them with the metadata that BLISS gives to its own", async () => {
    const { diode2 } = ours.env as { diode2: Counter };
    await saving.newproposal("hg123");
    await saving.newsample("Ni", { description: "a foil" });
    await saving.newdataset("ours", { description: "the edge" });
    const scan = await ours.commands.loopscan(1, 0.01, diode2);
    const { filename } = scan.identity;
    expect(await theirs.run("SCAN_SAVING.filename")).toBe(filename);
    expect(await readdir(join(filename, ".."))).toContain(filename.slice(filename.lastIndexOf("/") + 1));
    const parent = scan.identity.parentPath.join(":");
    const tree = await dumpWithPython(blissdata, name, beacon.address);
    const typesAbove = scan.identity.parentPath.map(
      (_, depth, path) => tree.get(path.slice(0, depth + 1).join(":"))?.type,
    );
    expect(typesAbove.slice(-3)).toEqual(["proposal", "dataset_collection", "dataset"]);
    expect(tree.get(scan.dbName)).toMatchObject({ type: "scan", info: { state: "DONE", scan_nb: 1 } });

    await theirs.run("SCAN_SAVING.newdataset('theirs', description='the edge')");
    await theirs.run("theirs = loopscan(1, 0.01, diode2)");
    const theirParent = String(await theirs.run("theirs.node.parent.db_name"));
    await saving.refresh();
    expect(saving.get().parentPath.join(":")).toBe(theirParent);
    const described = async (dbName: string) => await theirs.run(`described(${JSON.stringify(dbName)})`);
    await saving.newdataset("closed"); // closes theirs, as theirs has closed ours
    const ofTheirs = JSON.stringify(await described(theirParent)).replaceAll("theirs", "ours");
    expect(await described(parent)).toEqual(JSON.parse(ofTheirs));
    expect(await dumpWithOurs(name, beacon.address)).toEqual(await dumpWithPython(blissdata, name, beacon.address));
  });

  it("refuses a scan of ours in a dataset where BLISS counts scans, and takes the next dataset", async () => {
    const { diode2 } = ours.env as { diode2: Counter };
    await theirs.run("SCAN_SAVING.newdataset('shared')");
    await theirs.run("loopscan(1, 0.01, diode2)");
    await saving.refresh();
    await expect(ours.commands.loopscan(1, 0.01, diode2)).rejects.toThrow(/Bliss counts scans in/);
    await saving.newdataset("shared");
    const scan = await ours.commands.loopscan(1, 0.01, diode2);
    expect([saving.datasetName, scan.number]).toEqual(["shared_0002", 1]);
  });

  it("never gives one dataset to two sessions that save in the same place", async () => {
    await using settings = await connectRedis(beacon.settings, { db: settingsDatabase });
    await using data = await connectRedis(ours.redis);
    const roots = Object.fromEntries(
      ["tmp", "visitor", "inhouse"].map((type) => [`${type}_data_root`, join(directory, type)]),
    );
    await using other = await EsrfScanSaving.open("other", { settings, data }, { beamline: "id99", ...roots });
    await theirs.run("from bliss.scanning.scan_saving import ESRFScanSaving");
    await theirs.run(`third = ESRFScanSaving('third', '${name}')`);
    await saving.newproposal("hg5");
    await other.newproposal("hg5");
    await theirs.run("third.newproposal('hg5')");
    const taken: string[] = [];
    /** Makes the directory of the dataset, as a scan would. */
    const save = async (path: string): Promise<void> => {
      await mkdir(path, { recursive: true });
      taken.push(path.slice(path.lastIndexOf("_") + 1));
    };
    for (let round = 0; round < 3; round++) {
      await save(saving.get().rootPath);
      await save(other.get().rootPath);
      await save(String(await theirs.run("third.root_path")));
      await other.newdataset();
      await theirs.run("third.newdataset(None)");
      await saving.newdataset();
    }
    expect(taken).toEqual(["0001", "0002", "0003", "0006", "0004", "0005", "0009", "0007", "0008"]);
  });
});
