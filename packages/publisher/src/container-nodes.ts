import { errorMessage } from "@beamtime/errors";
import { encodeInfo, nodeKeys, type PickleInput } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { writeInfo } from "./info-writer.js";
import { ensureNodes, keysOf, type NewNode } from "./node-tree.js";
import { PublisherError } from "./publisher-error.js";
import { argument, RedisScript } from "./redis-script.js";
import { scanLost } from "./scan-guard.js";

/** Fields of the info of a node. */
export interface ContainerInfo {
  readonly [field: string]: PickleInput | undefined;
}

/** A node above scans: the session, a folder, or a level of the ESRF data policy. */
export interface ContainerNode {
  /** Last part of its key. */
  readonly name: string;
  readonly type: "container" | "proposal" | "dataset_collection" | "dataset";
  /** Written when the node is created, not into one that is there. */
  readonly info?: ContainerInfo;
}

/** A container without info. */
export function container(name: string): ContainerNode {
  return { name, type: "container" };
}

/**
 * Creates those nodes of a path that are not there, parents first, each complete before it is announced. Those that
 * are there stop expiring: they must outlive the scan that is put below them, however long it is.
 *
 * @param path from the session down
 * @see BLISS `bliss/data/nodes/dataset.py`
 */
export async function ensureContainers(
  { client }: Pick<RedisConnection, "client">,
  path: readonly ContainerNode[],
): Promise<void> {
  let parent: string | undefined;
  const nodes: NewNode[] = [];
  for (const node of path) {
    const dbName: string = parent === undefined ? node.name : `${parent}:${node.name}`;
    nodes.push({ ...node, dbName, parent });
    parent = dbName;
  }
  if (nodes.length > 0) await ensureNodes(client, nodes);
}

/**
 * Sets fields of the info of a container, in one step; null removes a field.
 *
 * @throws PublisherError when there is no such node
 */
export async function setContainerInfo(
  { client, address }: Pick<RedisConnection, "client" | "address">,
  dbName: string,
  info: ContainerInfo,
): Promise<void> {
  const fields = Object.entries(info);
  const sets = encodeInfo(Object.fromEntries(fields.filter(([, value]) => value !== null)));
  const removals = fields.filter(([, value]) => value === null).map(([field]) => field);
  try {
    await writeInfo(client, nodeKeys(dbName), { sets: sets.flat().map(argument), removals }, undefined);
  } catch (error) {
    if (!errorMessage(error).startsWith(scanLost)) throw error;
    throw new PublisherError(`there is no node ${dbName} at ${address} to describe: it has expired or was evicted`, {
      scan: dbName,
      address,
      cause: error,
    });
  }
}

/** KEYS may have expired since they were found. ARGV: seconds. */
const expireScript = new RedisScript(`
for i = 1, #KEYS do
  local left = redis.call('TTL', KEYS[i])
  if left == -1 or left > tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[i], ARGV[1]) end
end
return 1`);

/**
 * Lets a container and everything below it expire after `seconds`, as BLISS does when a dataset or proposal is closed.
 * What expires earlier goes on doing so; the nodes above stay.
 */
export async function expireContainers(
  { client }: Pick<RedisConnection, "client">,
  dbName: string,
  seconds: number,
): Promise<void> {
  const own = new Set(keysOf({ dbName, type: "container" }));
  const pattern = `${dbName.replace(/[\\*?[\]^-]/g, "\\$&")}*`;
  let cursor = "0";
  do {
    const [next, found] = await client.scan(cursor, "MATCH", pattern, "COUNT", 1000);
    const keys = found.filter((key) => own.has(key) || key.startsWith(`${dbName}:`));
    if (keys.length > 0) await expireScript.run(client, keys, [String(seconds)]);
    cursor = next;
  } while (cursor !== "0");
}
