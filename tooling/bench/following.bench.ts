/** Following 10,000 scans: what the reader keeps must not grow. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect } from "@beamtime/data";
import { startRedisServer } from "@beamtime/redis/server";
import { report } from "./figure.js";

const scans = 10_000;
const early = 1000;
const writer = fileURLToPath(new URL("following-writer.js", import.meta.url));
await using server = await startRedisServer();
await using store = await connect({ redis: server.target });
const session = await store.getSessionNode("bench");
const child = spawn(process.execPath, [writer, server.target.path, String(scans)], {
  stdio: ["pipe", "inherit", "inherit"],
});
child.on("exit", (code) => code && process.exit(code)); // or the reader would wait for ever
const ended = once(child, "close");

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

let seen = 0;
let before = 0;
const start = performance.now();
for await (const event of session.walkOnNewEvents({ onReady: () => child.stdin.end("begin\n") })) {
  if (event.type !== "END_SCAN") continue;
  seen += 1;
  if (seen === early) before = heap();
  if (seen === scans) break;
}
report({
  ...{ name: `following ${scans} scans, heap`, unit: "MiB", value: heap() },
  ...{ reference: before, beside: `after ${early} scans`, target: 1.2, better: "lower" },
});
report({
  ...{ name: `following ${scans} scans, speed`, unit: "scans/s", value: scans / ((performance.now() - start) / 1000) },
  ...{ reference: null, target: null, better: "higher" },
});
await ended;
