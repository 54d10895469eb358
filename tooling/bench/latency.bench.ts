/**
 * From the emission of a value in one process to the event in another one: alone, and as the last of three channels.
 * A reader that is blocked on several streams is woken with one of them: the others cost it, and a bare one, a second
 * request.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect } from "@beamtime/data";
import { connectRedis } from "@beamtime/redis";
import { startRedisServer } from "@beamtime/redis/server";
import { report } from "./figure.js";
import { monotonic } from "./monotonic.js";
import { median, quantile } from "./rounds.js";

const npoints = 1000;
const writer = fileURLToPath(new URL("latency-writer.js", import.meta.url));
await using server = await startRedisServer();

/** Starts the writing process; it writes once it is told to. */
function startWriter(
  kind: "scan" | "bare",
  nchannels: number,
): { readonly begin: () => void; readonly ended: Promise<unknown> } {
  const child = spawn(process.execPath, [writer, kind, server.target.path, String(npoints), String(nchannels)], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.on("exit", (code) => code && process.exit(code)); // or the reader would wait for ever
  return { begin: () => child.stdin.end("begin\n"), ended: once(child, "close") };
}

async function published(nchannels: number): Promise<number[]> {
  await using store = await connect({ redis: server.target });
  const session = await store.getSessionNode("latency");
  const { begin, ended } = startWriter("scan", nchannels);
  const delays: number[] = [];
  for await (const event of session.walkOnNewEvents({ onReady: begin })) {
    if (event.type === "END_SCAN") break;
    if (event.type !== "NEW_DATA" || event.node.name !== "latency:sent") continue;
    const now = monotonic();
    for (const sent of event.data.data) delays.push(now - Number(sent));
  }
  await ended;
  return delays;
}

async function bare(nchannels: number): Promise<number[]> {
  await using connection = await connectRedis(server.target);
  const { begin, ended } = startWriter("bare", nchannels);
  const delays: number[] = [];
  const streams = Array.from({ length: nchannels }, (_, index) => `bare${index + 1}`);
  const lasts = new Map(streams.map((stream) => [stream, "0"]));
  const measured = streams.at(-1);
  begin();
  while (delays.length < npoints) {
    const reply = (await connection.client.xread("BLOCK", 0, "STREAMS", ...streams, ...lasts.values())) ?? [];
    const now = monotonic();
    for (const [stream, entries] of reply) {
      for (const [id, fields] of entries) {
        lasts.set(stream, id);
        if (stream === measured) delays.push(now - Number(fields[1]));
      }
    }
  }
  await ended;
  await connection.client.del(...streams);
  return delays;
}

for (const [nchannels, what] of [
  [1, "publish to reader"],
  [3, "publish to reader, last of three channels"],
] as const) {
  const ours: number[][] = [];
  const theirs: number[][] = [];
  for (let round = 0; round < 5; round++) {
    ours.push(await published(nchannels));
    theirs.push(await bare(nchannels));
  }
  for (const [percent, target] of [
    [50, 2],
    [99, null],
  ] as const) {
    const typical = (all: readonly (readonly number[])[]): number =>
      median(all.map((delays) => quantile(delays, percent / 100)));
    report({
      ...{ name: `${what}, p${percent}`, unit: "µs", value: typical(ours), reference: typical(theirs) },
      ...{ beside: "XADD to blocked XREAD", target, better: "lower" },
    });
  }
}
