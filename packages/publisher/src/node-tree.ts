import { encodeInfo, encodeNewNode, encodeNodeStruct, type NodeType, nodeKeys, nodeVersion } from "@beamtime/protocol";
import type { RedisConnection } from "@beamtime/redis";
import { argument, RedisScript, type ScriptArgument } from "./redis-script.js";

/** A node to be made. */
export interface NewNode {
  readonly dbName: string;
  readonly type: NodeType;
  readonly name: string;
  /** Undefined for a session. */
  readonly parent: string | undefined;
  readonly info?: Parameters<typeof encodeInfo>[0];
}

/**
 * Makes nodes, in the order that readers rely on: info, struct of version `None`, streams, version, parent; then, when
 * all of them are complete, announces them in the streams of their parents. When the first node is there already nothing is
 * made, so that the script may be sent again when its answer was lost.
 */
const createScript = new RedisScript(`
local version = redis.call('HGET', KEYS[1], 'version')
if version and string.sub(version, 1, 3) == 'v1.' then return 0 end
local at = 0
local function take() at = at + 1; return ARGV[at] end
local function list()
  local items = {}
  for i = 1, tonumber(take()) do items[i] = take() end
  return unpack(items)
end
for i = 1, #KEYS do
  local info = {list()}
  if #info > 0 then redis.call('HSET', take(), unpack(info)) end
  redis.call('HSET', KEYS[i], list())
  for _, stream in ipairs({list()}) do
    if redis.call('EXISTS', stream) == 0 then
      redis.call('XADD', stream, '0-1', 'key', 'value')
      redis.call('XDEL', stream, '0-1')
    end
  end
  redis.call('HSET', KEYS[i], 'version', '${nodeVersion}')
  local parent = take()
  if parent ~= '' then redis.call('HSET', KEYS[i], 'parent', parent) end
end
while at < #ARGV do redis.call('XADD', take(), '*', list()) end
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
  const args: ScriptArgument[] = [];
  for (const node of nodes) {
    const { info: infoKey } = nodeKeys(node.dbName);
    const info = node.info
      ? encodeInfo({ ...node.info, node_name: node.dbName })
          .flat()
          .map(argument)
      : [];
    pushList(args, info);
    if (info.length > 0) args.push(infoKey);
    pushList(args, encodeNodeStruct({ nodeType: node.type, name: node.name, dbName: node.dbName }));
    pushList(args, streamsOf(node));
    args.push(node.parent ?? "");
  }
  for (const { dbName, parent } of announced) {
    if (parent === undefined) continue;
    args.push(nodeKeys(parent).children);
    pushList(args, encodeNewNode(dbName).map(argument));
  }
  const keys = nodes.map(({ dbName }) => dbName);
  return (await createScript.run(client, keys, args)) === 1;
}

/**
 * Creates the containers of a path, from the session on, as far as they are not there. Those that are stop expiring:
 * they must outlive the scan that is put below them, however long it is.
 */
export async function createContainers(client: RedisConnection["client"], path: readonly string[]): Promise<void> {
  let parent: string | undefined;
  for (const name of path) {
    const dbName: string = parent === undefined ? name : `${parent}:${name}`;
    if (!(await createNodes(client, [{ dbName, type: "container", name, parent }]))) {
      await Promise.all([client.persist(dbName), client.persist(nodeKeys(dbName).children)]);
    }
    parent = dbName;
  }
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
