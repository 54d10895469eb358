import { encodeInfo, encodeNewNode, encodeNodeStruct, type NodeType, nodeKeys, nodeVersion } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { argument, RedisScript, type ScriptArgument } from "./redis-script.js";
import { runningFunctions } from "./running-scans.js";

/** A node to be made. */
export interface NewNode {
  readonly dbName: string;
  readonly type: NodeType;
  readonly name: string;
  /** Undefined for a session. */
  readonly parent: string | undefined;
  /** As it is written. BLISS gives scans and channels a field `node_name`, containers none. */
  readonly info?: Parameters<typeof encodeInfo>[0];
}

/** How the scripts below read their arguments, look for a node, and make one in the order that readers rely on. */
const nodeFunctions = `
local at = 0
local function take() at = at + 1; return ARGV[at] end
local function list()
  local items = {}
  for i = 1, tonumber(take()) do items[i] = take() end
  return items
end
local function read()
  return { infoKey = take(), info = list(), struct = list(), streams = list(), parent = take() }
end
local function exists(key)
  local version = redis.call('HGET', key, 'version')
  return version and string.sub(version, 1, 3) == 'v1.'
end
local function create(key, node)
  if #node.info > 0 then redis.call('HSET', node.infoKey, unpack(node.info)) end
  redis.call('HSET', key, unpack(node.struct))
  for _, stream in ipairs(node.streams) do
    if redis.call('EXISTS', stream) == 0 then
      redis.call('XADD', stream, '0-1', 'key', 'value')
      redis.call('XDEL', stream, '0-1')
    end
  end
  redis.call('HSET', key, 'version', '${nodeVersion}')
  if node.parent ~= '' then redis.call('HSET', key, 'parent', node.parent) end
end`;

/**
 * Makes nodes; then, when all of them are complete, announces them in the streams of their parents; a scan is noted
 * among those that run. When the first node is there already nothing is made, so that the script may be sent again when
 * its answer was lost.
 */
const createScript = new RedisScript(`${nodeFunctions} ${runningFunctions}
if exists(KEYS[1]) then return 0 end
local isScan = take() == 'scan'
for i = 1, #KEYS do create(KEYS[i], read()) end
while at < #ARGV do redis.call('XADD', take(), '*', unpack(list())) end
if isScan then beat(KEYS[1]) end
return 1`);

/** Makes and announces each node that is not there, parents first; those that are stop expiring. */
const ensureScript = new RedisScript(`${nodeFunctions}
for i = 1, #KEYS do
  local node, stream, event = read(), take(), list()
  if exists(KEYS[i]) then
    for _, key in ipairs({KEYS[i], node.infoKey, unpack(node.streams)}) do redis.call('PERSIST', key) end
  else
    create(KEYS[i], node)
    if stream ~= '' then redis.call('XADD', stream, '*', unpack(event)) end
  end
end
return 1`);

/**
 * Creates nodes and announces them in the order of `announced`, all in one step that readers cannot look into.
 *
 * @returns false, with nothing done, when the first one exists
 */
export async function createNodes(
  client: RedisConnection["client"],
  nodes: readonly NewNode[],
  announced: readonly NewNode[] = nodes,
): Promise<boolean> {
  const isScan = nodes.some(({ type }) => type === "scan" || type === "scan_group");
  const args: ScriptArgument[] = [isScan ? "scan" : "other"];
  for (const node of nodes) pushNode(args, node);
  for (const node of announced) if (node.parent !== undefined) pushAnnouncement(args, node);
  return (await createScript.run(client, keysOfNodes(nodes), args)) === 1;
}

/** Creates and announces, in one step, those nodes of a path that are not there; the others stop expiring. */
export async function ensureNodes(client: RedisConnection["client"], path: readonly NewNode[]): Promise<void> {
  const args: ScriptArgument[] = [];
  for (const node of path) {
    pushNode(args, node);
    pushAnnouncement(args, node);
  }
  await ensureScript.run(client, keysOfNodes(path), args);
}

function keysOfNodes(nodes: readonly NewNode[]): string[] {
  return nodes.map(({ dbName }) => dbName);
}

function pushNode(args: ScriptArgument[], { dbName, type, name, parent, info = {} }: NewNode): void {
  args.push(nodeKeys(dbName).info);
  pushList(args, encodeInfo(info).flat().map(argument));
  pushList(args, encodeNodeStruct({ nodeType: type, name, dbName }));
  pushList(args, streamsOf({ dbName, type }));
  args.push(parent ?? "");
}

function pushAnnouncement(args: ScriptArgument[], { dbName, parent }: NewNode): void {
  args.push(parent === undefined ? "" : nodeKeys(parent).children);
  pushList(args, encodeNewNode(dbName).map(argument));
}

/** The keys that a node has or may have, all of which expire together. */
export function keysOf({ dbName, type }: Pick<NewNode, "dbName" | "type">): string[] {
  const keys = nodeKeys(dbName);
  return [keys.struct, keys.info, ...streamsOf({ dbName, type }), ...(type === "lima" ? [keys.dataRef] : [])];
}

function streamsOf({ dbName, type }: Pick<NewNode, "dbName" | "type">): string[] {
  const { children, end, prepared, data } = nodeKeys(dbName);
  switch (type) {
    case "scan":
    case "scan_group":
      return [children, end, prepared];
    case "channel":
    case "lima":
    case "node_ref_channel":
      return [data];
    case "container":
    case "session":
    case "proposal":
    case "dataset_collection":
    case "dataset":
    case "None":
      return [children];
  }
}

function pushList(args: ScriptArgument[], items: readonly ScriptArgument[]): void {
  args.push(String(items.length), ...items);
}
