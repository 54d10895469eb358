/**
 * Our Beacon server beside BLISS's, each in a process of its own, under the same load from another one: 100 clients that
 * send the next request when the last is answered (where settings are, where data is, a small file, a lock that is given
 * back with the next request), then one that reads a configuration of 2,000 files.
 *
 * With 100 clients each answer costs the system a read and a write, which is most of what our server needs: processor
 * time tells more than requests per second where the load and the server share the machine. A server of node:net that
 * answers constants, whatever it is asked, shows what is left to gain.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BeaconServer } from "@beamtime/beacon-server";
import { encodeFrame, FrameDecoder, beaconMessage as m } from "@beamtime/protocol";
import { bliss, startRealBeacon } from "../peers/real-beacon.js";
import { type Figure, report } from "./figure.js";
import { median, quantile } from "./rounds.js";

const clients = 100;
const seconds = 2;
const rounds = 5;
const files = 2000;
const peers = resolve("tooling/peers");

interface Load {
  /** Requests per second. */
  readonly requests: number;
  /** ms */
  readonly p50: number;
  readonly p99: number;
  /** ms of the whole configuration. */
  readonly stream: number;
}

interface Contender {
  readonly port: number;
  readonly pid: number;
}

/** Runs this program in another mode. */
const run = (...args: readonly string[]) =>
  spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: ["pipe", "pipe", "inherit"] });

async function serve(directory: string): Promise<void> {
  const settings = { host: "localhost", port: 6379 };
  await using server = await BeaconServer.start({ directory, settings, data: settings });
  console.log(server.port);
  process.stdin.resume();
  await once(process.stdin, "end");
}

/** Answers every request of the mix with a constant. */
async function serveConstants(): Promise<void> {
  const answers = new Map([
    [m.redisQuery, encodeFrame(m.redisAnswer, "localhost:6379")],
    [m.redisDataQuery, encodeFrame(m.redisDataOk, "1|localhost|6379")],
    [m.readFile, encodeFrame(m.readFileOk, `2|${"x".repeat(100)}`)],
    [m.lock, encodeFrame(m.lockOk, "50|axis")],
    [m.unlock, encodeFrame(m.redisAnswer, "localhost:6379")],
  ] as const);
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      // the first byte is the type: requests come one at a time
      const answer = (answers as ReadonlyMap<number | undefined, Uint8Array>).get(chunk[0]);
      if (answer) socket.write(answer);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  console.log((server.address() as AddressInfo).port); // it listens on a port
  process.stdin.resume();
  await once(process.stdin, "end");
  process.exit();
}

/** One client, which notes how long each answer took, in ms, until time is up. */
async function client(port: number, name: number, end: number, delays: number[]): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  await once(socket, "connect");
  const lock = `50|axis${name}`;
  const turn = [
    [encodeFrame(m.redisQuery), m.redisAnswer],
    [encodeFrame(m.redisDataQuery, "1|"), m.redisDataOk],
    [encodeFrame(m.readFile, "2|d0/f0.yml"), m.readFileOk],
    [encodeFrame(m.lock, lock), m.lockOk],
    [Buffer.concat([encodeFrame(m.unlock, lock), encodeFrame(m.redisQuery)]), m.redisAnswer],
  ] as const;
  const frames = new FrameDecoder();
  let index = 0;
  let sent = performance.now();
  socket.write(turn[0][0]);
  for await (const chunk of socket) {
    for (const { type } of frames.push(chunk)) {
      const now = performance.now();
      delays.push(now - sent);
      if (type !== turn[index]?.[1]) throw new Error(`message ${type} instead of ${turn[index]?.[1]}`);
      if (now > end) return; // which ends the connection
      index = index + 1 === turn.length ? 1 : index + 1; // the last of a turn is the first of the next
      sent = now;
      socket.write(turn[index]?.[0] ?? turn[0][0]);
    }
  }
}

/** How long the whole configuration takes, in ms. */
async function stream(port: number): Promise<number> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const frames = new FrameDecoder();
  let received = 0;
  const start = performance.now();
  socket.write(encodeFrame(m.readTree, "1|"));
  for await (const chunk of socket) {
    for (const { type } of frames.push(chunk)) {
      if (type === m.readTreeFile) received++;
      if (type !== m.readTreeEnd) continue;
      if (received !== files) throw new Error(`${received} files instead of ${files}`);
      return performance.now() - start;
    }
  }
  throw new Error("the server closed the connection");
}

async function load(port: number, withStream: boolean): Promise<void> {
  const delays: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(Array.from({ length: clients }, (_, name) => client(port, name, end, delays)));
  const requests = (delays.length / (performance.now() - start)) * 1000;
  const streams = withStream ? [await stream(port), await stream(port), await stream(port)] : [0];
  const result: Load = { requests, p50: quantile(delays, 0.5), p99: quantile(delays, 0.99), stream: median(streams) };
  console.log(JSON.stringify(result));
}

/** Seconds of processor time of a process, as the system counts it. */
async function processorTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

type Measured = Load & {
  /** µs of processor time for each request, the few streams among them. */
  readonly processor: number;
};

async function loaded({ port, pid }: Contender, mode: "load" | "load-only" = "load"): Promise<Measured> {
  const before = await processorTime(pid);
  const generator = run(mode, String(port));
  let output = "";
  for await (const chunk of generator.stdout) output += String(chunk);
  const result: Load = JSON.parse(output);
  const used = (await processorTime(pid)) - before;
  return { ...result, processor: (used / (result.requests * seconds)) * 1e6 };
}

/** A configuration of 2,000 files with one object each. */
async function makeConfiguration(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "beamtime-bench-"));
  for (let index = 0; index < files; index++) {
    const folder = join(directory, `d${index % 50}`);
    await mkdir(folder, { recursive: true });
    const object = `- name: axis${index}\n  class: mockup\n  steps_per_unit: 1000\n  velocity: 10\n  acceleration: 100\n`;
    await writeFile(join(folder, `f${index}.yml`), object);
  }
  return directory;
}

async function compare(): Promise<void> {
  const config = await makeConfiguration();
  const own = run("serve", config);
  const [line] = await once(own.stdout, "data");
  const ours: Contender = { port: Number(line), pid: own.pid ?? 0 };
  const constants = run("constants");
  const [constantsLine] = await once(constants.stdout, "data");
  const bare: Contender = { port: Number(constantsLine), pid: constants.pid ?? 0 };
  await using real = bliss() ? await startRealBeacon({ scripts: peers, config }) : undefined;
  const theirs: Contender | undefined = real && {
    port: Number(real.host.split(":")[1]),
    pid: Number(await readFile(join(real.directory, "beacon.pid"), "utf8")),
  };
  const measured: Measured[] = [];
  const reference: Measured[] = [];
  const floor: Measured[] = [];
  for (let round = 0; round <= rounds; round++) {
    const first = await loaded(ours);
    const second = theirs && (await loaded(theirs));
    const third = await loaded(bare, "load-only");
    if (round === 0) continue; // it warms up
    measured.push(first);
    floor.push(third);
    if (second) reference.push(second);
  }
  for (const server of [own, constants]) {
    server.stdin.end();
    await once(server, "close");
  }
  await rm(config, { recursive: true });
  const beside = real ? "the server of BLISS 1.11.4" : "the server of BLISS 1.11.4: not installed";
  const tell = (
    name: string,
    of: keyof Measured,
    unit: string,
    target: number | null,
    better: Figure["better"],
  ): void =>
    report({
      ...{
        name: `Beacon server, ${name}`,
        unit,
        value: median(measured.map((all) => all[of])),
        beside,
        target,
        better,
      },
      reference: real ? median(reference.map((all) => all[of])) : null,
    });
  tell(`${clients} clients, requests`, "requests", "1/s", 3, "higher");
  tell(`${clients} clients, p50`, "p50", "ms", null, "lower");
  tell(`${clients} clients, p99`, "p99", "ms", 0.33, "lower");
  tell("processor time for a request", "processor", "µs", null, "lower");
  report({
    name: "Beacon server, processor time for a request, beside constants",
    unit: "µs",
    value: median(measured.map(({ processor }) => processor)),
    reference: median(floor.map(({ processor }) => processor)),
    beside: "node:net answering constants",
    target: null,
    better: "lower",
  });
  tell(`a configuration of ${files} files`, "stream", "ms", null, "lower");
}

const [mode, argument = ""] = process.argv.slice(2);
if (mode === "serve") await serve(argument);
else if (mode === "constants") await serveConstants();
else if (mode === "load" || mode === "load-only") await load(Number(argument), mode === "load");
else await compare();
