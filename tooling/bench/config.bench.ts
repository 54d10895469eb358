/**
 * Seconds to load a configuration of 2,000 objects from a Beacon server, beside real BLISS: reading the files over the
 * connection, parsing and composing them. Each loading is the first of its process, as in a session that starts; each
 * reads from the server of its own system, and the start of the process and the imports do not count.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectBeacon } from "@beamtime/beacon-client";
import { BeaconServer } from "@beamtime/beacon-server";
import { loadConfig } from "@beamtime/config";
import { bliss, startRealBeacon } from "../peers/real-beacon.js";
import { report } from "./figure.js";
import { median } from "./rounds.js";

const count = 2000;
const rounds = 5;
const run = promisify(execFile);

interface Loading {
  readonly seconds: number;
  readonly names: number;
}

/** 36 files of axes, 4 of diodes and a session: 1,800 axes, 199 diodes, one session. */
async function writeConfiguration(directory: string): Promise<void> {
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), content);
  };
  await write("__init__.yml", "synchrotron: LAB\nbeamline: id00\n");
  await write("motors/__init__.yml", "plugin: emotion\n");
  for (let file = 0; file < 36; file++) {
    const axes = Array.from(
      { length: 50 },
      (_, axis) => `  - name: m${file}_${axis}
    steps_per_unit: 2000 # of the gear
    velocity: 2.5
    acceleration: 10
    low_limit: -20
    high_limit: 20
    unit: mm
`,
    );
    await write(`motors/group${file}.yml`, `- class: mockup\n  axes:\n${axes.join("")}`);
  }
  await write("counters/__init__.yml", "plugin: bliss\n");
  const diodes = Array.from(
    { length: 199 },
    (_, diode) => `- name: d${diode}\n  class: simulation_diode\n  independent: true\n  user_tag: [DIODE]\n`,
  );
  for (let file = 0; file < 4; file++) {
    await write(`counters/group${file}.yml`, diodes.slice(file * 50, file * 50 + 50).join(""));
  }
  await write("sessions/__init__.yml", "plugin: session\n");
  await write("sessions/s.yml", "class: Session\nname: s\nconfig-objects: [m0_0, d0]\n");
}

/** In a process of its own. */
async function load(address: string): Promise<void> {
  await using beacon = await connectBeacon({ address });
  const start = performance.now();
  const { files } = await beacon.readConfigFiles();
  const config = await loadConfig(files);
  console.log(JSON.stringify({ seconds: (performance.now() - start) / 1000, names: config.names.length }));
}

const python = `
import json, time
from bliss.config import static
from bliss.config.conductor import client
client.get_default_connection().connect()
start = time.perf_counter()
config = static.get_config()
print(json.dumps({"seconds": time.perf_counter() - start, "names": len(config.names_list)}))
`;

async function loaded(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { stdout } = await run(program, args, { env: { ...process.env, ...env } });
  const { seconds, names }: Loading = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  if (names !== count) throw new Error(`${names} names were loaded, expected ${count}`);
  return seconds;
}

async function compare(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "beamtime-bench-config-"));
  try {
    await writeConfiguration(directory);
    const settings = { host: "localhost", port: 6379 };
    await using server = await BeaconServer.start({ directory, settings, data: settings });
    const interpreter = bliss();
    await using real = interpreter
      ? await startRealBeacon({ config: directory, scripts: resolve("tooling/peers") })
      : undefined;
    const ours: number[] = [];
    const reference: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await loaded(process.execPath, [fileURLToPath(import.meta.url), "load", server.address], {}));
      if (interpreter && real) reference.push(await loaded(interpreter, ["-c", python], { BEACON_HOST: real.host }));
    }
    report({
      ...{ name: `loading a configuration of ${count} objects`, unit: "s", value: median(ours), target: 1 },
      ...{ reference: real ? median(reference) : null, better: "lower" },
      beside: real ? "BLISS 1.11.4 from its own server" : "BLISS 1.11.4: not installed",
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const [mode, address = ""] = process.argv.slice(2);
if (mode === "load") await load(address);
else await compare();
