import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@beamtime/data";
import { readFileTree } from "@beamtime/hdf5";
import { startTestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/beamtime.js", import.meta.url));

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "beamtime-shell-"));
  const files: Readonly<Record<string, string>> = {
    "config/__init__.yml": `scan_saving:\n  base_path: ${join(directory, "data")}\n`,
    "config/motors.yml": `
plugin: emotion
class: mockup
axes:
- {name: roby, steps_per_unit: 1000, velocity: 100, acceleration: 1000, low_limit: -100, high_limit: 100, unit: mm}
- {name: slow, steps_per_unit: 1000, velocity: 1, acceleration: 10}
`,
    "config/counters.yml": "- {name: diode, plugin: bliss, class: simulation_diode, constant: 42, independent: true}\n",
    "config/sessions.yml": "- {plugin: session, class: Session, name: lab, config-objects: [roby, slow, diode]}\n",
    "twice.ts": "export const twice = (x: number): number => 2 * x;\n",
    "script.ts": `
import { sep } from "node:path";
import { twice } from "./twice.js";
declare const ct: (time: number, ...counters: unknown[]) => Promise<{ name: string }>;
declare const diode: { name: string };
const scan = await ct(0.01, diode);
console.log(scan.name, twice(21), sep, process.argv.slice(2).join("+"));
`,
    "function.mjs": "export default async ({ mv, roby }) => { await mv(roby, 5); console.log(roby.position); };\n",
    "assign.mjs": "diode = 3;\n",
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path, ".."), { recursive: true });
    await writeFile(join(directory, path), content);
  }
});
afterAll(() => rm(directory, { recursive: true, force: true }));

interface Running {
  readonly child: ChildProcess;
  readonly text: { out: string; err: string };
  /** Resolves once stdout contains the text. */
  seen(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

function start(args: readonly string[], command = process.execPath, before: readonly string[] = [program]): Running {
  const env = { ...process.env, XDG_STATE_HOME: join(directory, "state"), FORCE_COLOR: "0" };
  const child = spawn(command, [...before, "--config", join(directory, "config"), ...args], { cwd: directory, env });
  children.push(child);
  const text = { out: "", err: "" };
  child.stdout?.on("data", (chunk) => {
    text.out += String(chunk);
  });
  child.stderr?.on("data", (chunk) => {
    text.err += String(chunk);
  });
  const ended = once(child, "close").then(([code]) => code as number | null); // the first argument of "close"
  return {
    child,
    text,
    ended,
    async seen(expected) {
      while (!text.out.includes(expected)) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`ended without '${expected}':\n${text.out}\n${text.err}`);
        }
        await Promise.race([once(child.stdout ?? child, "data"), ended]);
      }
    },
  };
}

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const running = start(args);
  running.child.stdin?.end();
  const code = await running.ended;
  return { code, ...running.text };
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
});

describe("beamtime without a session", () => {
  it("lists those of the configuration", async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toContain("\n  lab\n");
  });

  it("refuses one that does not exist, in one sentence", async () => {
    expect(await run("-s", "nix")).toEqual({
      code: 1,
      out: "",
      err: "there is no session nix in the configuration: it has lab\n",
    });
  });
});

describe("beamtime -e", () => {
  it("evaluates as the prompt does, shows scans, prints the value", async () => {
    const { code, out, err } = await run(
      "-s",
      "lab",
      "-e",
      "s = ascan(roby, 0, 1, 2, 0.01, diode); s.getData('diode').length",
    );
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/\*\* Scan \d+: ascan roby [\d.]+ [\d.]+ 2 0\.01 \*\*/);
    expect(out).toMatch(/^ +2 +[\d.]+ +1 +42$/m);
    expect(out).toMatch(/Took 0:00:0\d\[s\]\n\n3\n$/);
  });

  it("tells an error in one sentence on stderr, with exit code 1", async () => {
    const { code, err } = await run("-s", "lab", "-e", "mv(roby, 200)");
    expect(code).toBe(1);
    expect(err).toMatch(/^.*roby.*200.*\n$/);
  });

  it("shows the stack with --trace", async () => {
    const { code, err } = await run("-s", "lab", "--trace", "-e", "mv(roby, 200)");
    expect(code).toBe(1);
    expect(err).toMatch(/\n +at /);
  });

  it("aborts the scan on SIGINT, with exit code 130", async () => {
    const running = start(["-s", "lab", "-e", "timescan(0.01, diode)"]);
    await running.seen("\n       0 ");
    running.child.kill("SIGINT");
    expect(await running.ended).toBe(130);
    expect(running.text.out).toContain("(aborted)");
    expect(running.text.err).toMatch(/^Scan timescan_\d+ aborted\n$/);
  });

  it("closes everything on SIGTERM", async () => {
    const running = start(["-s", "lab", "-e", "timescan(0.01, diode)"]);
    await running.seen("\n       0 ");
    running.child.kill("SIGTERM");
    expect(await running.ended).toBe(143);
    expect(running.text.out).toContain("(aborted)");
  });
});

describe("beamtime run", () => {
  it("runs a TypeScript module with the session's names, imports and arguments", async () => {
    const { code, out, err } = await run("-s", "lab", "run", "script.ts", "a", "--b");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("ct 42 / a+--b\n");
  });

  it("calls the function that a module exports by default", async () => {
    const { code, out } = await run("-s", "lab", "run", "function.mjs");
    expect(code).toBe(0);
    expect(out).toBe("Moving roby from 0.0000 to 5.0000 mm\n5\n");
  });

  it("protects the session's objects", async () => {
    const { code, err } = await run("-s", "lab", "run", "assign.mjs");
    expect({ code, err }).toEqual({ code: 1, err: "diode is protected and can not be modified!\n" });
  });

  it("tells of a script that is not there", async () => {
    const { code, err } = await run("-s", "lab", "run", "nix.ts");
    expect({ code, err }).toEqual({ code: 1, err: `there is no script ${join(directory, "nix.ts")}\n` });
  });
});

describe.skipIf(spawnSync("python3", ["-c", "import pty"]).status !== 0)("the prompt on a terminal", () => {
  /** Runs a program on a terminal of its own, and passes on what is typed and shown. */
  const pty = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";

  it("ends with all it started when the terminal is closed, also during a scan", async () => {
    const hangUp = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
shown = b""
while b"]: " not in shown: shown += os.read(terminal, 4096)
os.write(terminal, b"timescan(0.01, diode)\\r")
while b"  2  " not in shown: shown += os.read(terminal, 4096)
os.close(terminal)
print(os.WTERMSIG(os.waitpid(pid, 0)[1]))
`;
    const running = start(["-s", "lab"], "python3", ["-c", hangUp, process.execPath, program]);
    await running.ended;
    expect(running.text).toEqual({ out: `${constants.signals.SIGHUP}\n`, err: "" });
  });

  it("aborts a scan on Ctrl-C, comes back, and has ended the scan in every place", async () => {
    await using redis = await startTestRedis();
    const { path } = redis.server.target;
    const running = start(["-s", "lab", "--redis", path], "python3", ["-c", pty, process.execPath, program]);
    const type = (text: string): void => void running.child.stdin?.write(text);
    await running.seen("LAB [1]: ");
    type("timescan(0.01, diode)\r");
    await running.seen("\r\n       2 ");
    type("\x03");
    await running.seen(" aborted\r\n");
    await running.seen("LAB [2]: ");

    await using store = await connect({ redis: path });
    const session = await store.getSessionNode("lab");
    const states: unknown[] = [];
    for await (const scan of session.walk({ filter: "scan", wait: false })) states.push(await scan.info("state"));
    expect(states).toEqual(["USER_ABORTED"]);
    const { number = 0 } = /Scan timescan_(?<number>\d+) aborted/.exec(running.text.out)?.groups ?? {};
    const tree = await readFileTree(join(directory, "data", "lab", "data.h5"));
    expect(tree.slice(tree.indexOf(`${number}.1/`))).toMatch(/end_time/);

    type("SCANS.at(-1).state\r");
    await running.seen("Out [2]: \x1b[32m'USER_ABORTED'");
    type("mv(slow, 50)\r");
    type("slow.isMov\t");
    await running.seen("slow.isMov");
    type("\x03");
    await running.seen("Aborted: slow stopped at ");
    await running.seen("LAB [4]: ");
    type("\x03"); // empties the line
    type("\x03");
    await running.seen("press Ctrl-D");
    type("slow.isMoving\r");
    await running.seen("\x1b[33mfalse");
    type("ct(0.01, diode).number\r");
    await running.seen("diode = 42");
    type("\x04");
    expect(await running.ended).toBe(0);
  });
});
