import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ChannelNode, connect, NodeRefChannelNode, ScanNode } from "@beamtime/data";

/** One node below a session, as a reader sees it. */
export interface DumpedNode {
  readonly db_name: string;
  readonly type: string;
  readonly data?: readonly unknown[];
  readonly info?: Readonly<Record<string, unknown>>;
}

/** What the real client finds below a session, by db_name. */
export async function dumpWithPython(
  environment: string,
  session: string,
  beacon: string,
): Promise<ReadonlyMap<string, DumpedNode>> {
  const script = fileURLToPath(new URL("dump_session.py", import.meta.url));
  const { stdout } = await promisify(execFile)(`${environment}/bin/python`, ["-W", "ignore", script, session], {
    env: { ...process.env, BEACON_HOST: beacon },
    maxBuffer: 2 ** 26,
  });
  const lines = stdout.trim().split("\n");
  return byName(lines.map((line) => JSON.parse(line) as DumpedNode)); // written by our script
}

/** What our reader finds below a session, by db_name. */
export async function dumpWithOurs(session: string, beacon: string): Promise<ReadonlyMap<string, DumpedNode>> {
  await using store = await connect({ beacon });
  const nodes: DumpedNode[] = [];
  const node = await store.getSessionNode(session);
  for await (const found of node.walk({ wait: false })) {
    const { dbName: db_name, type } = found;
    if (db_name === session) continue; // blissdata does not name the session itself
    if (found instanceof ChannelNode) {
      const { data, shape } = await found.get(0, -1);
      nodes.push({ db_name, type, data: nested(Array.from(data, plain), shape) });
    } else if (found instanceof NodeRefChannelNode) {
      nodes.push({ db_name, type, data: (await found.get(0, -1)).map((other) => other?.dbName) });
    } else if (found instanceof ScanNode) {
      const info = (await found.info()) as Record<string, unknown>;
      const names = ["title", "scan_nb", "npoints", "state", "save", "start", "stop"];
      nodes.push({ db_name, type, info: Object.fromEntries(names.map((name) => [name, info[name] ?? null])) });
    } else {
      nodes.push({ db_name, type });
    }
  }
  return byName(nodes);
}

function byName(nodes: readonly DumpedNode[]): ReadonlyMap<string, DumpedNode> {
  return new Map(nodes.map((node) => [node.db_name, node] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Values in rows, as numpy's `tolist` gives them. */
export function nested(values: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  const [length = values.length, ...rest] = shape;
  if (rest.length === 0) return values;
  const size = values.length / Math.max(1, length);
  return Array.from({ length }, (_, index) => nested(values.slice(index * size, (index + 1) * size), rest));
}

/** 64-bit integers as Python writes them into JSON. */
export function plain(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
