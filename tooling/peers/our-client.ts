import { ChannelNode, connect, type DataNode, NodeRefChannelNode, type WalkEvent } from "@beamtime/data";
import type { ClientEvent } from "./python-client.js";
import { nested, plain } from "./session-dumps.js";

/** Our reader, following a session. */
export interface OurClient extends AsyncDisposable {
  /** What `follow_scans.py` prints of the same scans, when the scans that were to be followed have ended. */
  readonly events: Promise<readonly ClientEvent[]>;
}

/** Starts to follow, and returns when nothing of the session is missed any more. */
export async function followWithOurs(
  session: { readonly name: string; readonly beaconAddress: string },
  scans: number,
): Promise<OurClient> {
  const store = await connect({ beacon: session.beaconAddress });
  let isReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const follow = async (): Promise<readonly ClientEvent[]> => {
    const events: ClientEvent[] = [];
    const root = await store.getSessionNode(session.name);
    let left = scans;
    for await (const event of root.walkOnNewEvents({ onReady: isReady })) {
      events.push(await told(event));
      if (event.type === "END_SCAN" && --left === 0) break;
    }
    return events;
  };
  const events = follow();
  events.catch(() => {}); // told to whoever awaits the events
  await Promise.race([ready, events]);
  return { events, [Symbol.asyncDispose]: () => store.close() };
}

async function told(event: WalkEvent): Promise<ClientEvent> {
  const { type, node } = event;
  const line = { event: type, type: node.type, db_name: node.dbName };
  if (type === "END_SCAN") return { ...line, exception: event.error ?? "", ...(await channelsBelow(node)) };
  if (type !== "NEW_DATA") return line;
  if (node instanceof NodeRefChannelNode) {
    const references = (await node.get(0, -1)).map((other) => other?.dbName ?? "");
    return { ...line, references };
  }
  const { data, shape } = event.data;
  const last = nested(Array.from(data, plain), shape).at(-1);
  return { ...line, length: event.first + event.npoints, last };
}

async function channelsBelow(scan: DataNode): Promise<Required<Pick<ClientEvent, "data" | "types">>> {
  const values: Record<string, readonly unknown[]> = {};
  const types: Record<string, readonly [string, readonly number[]]> = {};
  for await (const node of scan.walk({ filter: "channel", wait: false })) {
    if (!(node instanceof ChannelNode)) continue;
    const { data, shape } = await node.get(0, -1);
    values[node.name] = nested(Array.from(data, plain), shape);
    const description = await node.description();
    types[node.name] = [description.dtype ?? "", description.shape];
  }
  return { data: values, types };
}
