/** From the emission of a value in one process to the event in another one. */
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
function startWriter(kind: "scan" | "bare"): { readonly begin: () => void; readonly ended: Promise<unknown> } {
  const child = spawn(process.execPath, [writer, kind, server.target.path, String(npoints)], {
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.on("exit", (code) => code && process.exit(code)); // or the reader would wait for ever
  return { begin: () => child.stdin.end("begin\n"), ended: once(child, "close") };
}

async function published(): Promise<number[]> {
  await using store = await connect({ redis: server.target });
  const session = await store.getSessionNode("latency");
  const { begin, ended } = startWriter("scan");
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

async function bare(): Promise<number[]> {
  await using connection = await connectRedis(server.target);
  const { begin, ended } = startWriter("bare");
  const delays: number[] = [];
  let last = "0";
  begin();
  while (delays.length < npoints) {
    const [stream] = (await connection.client.xread("BLOCK", 0, "STREAMS", "bare", last)) ?? [];
    const now = monotonic();
    for (const [id, fields] of stream?.[1] ?? []) {
      last = id;
      delays.push(now - Number(fields[1]));
    }
  }
  await ended;
  await connection.client.del("bare");
  return delays;
}

const ours: number[][] = [];
const theirs: number[][] = [];
for (let round = 0; round < 5; round++) {
  ours.push(await published());
  theirs.push(await bare());
}
for (const [percent, target] of [
  [50, 2],
  [99, null],
] as const) {
  const typical = (all: readonly (readonly number[])[]): number =>
    median(all.map((delays) => quantile(delays, percent / 100)));
  report({
    ...{ name: `publish to reader, p${percent}`, unit: "µs", value: typical(ours), reference: typical(theirs) },
    ...{ beside: "XADD to blocked XREAD", target, better: "lower" },
  });
}
