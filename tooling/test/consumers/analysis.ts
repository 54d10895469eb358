// An analysis: reads scans with @beamtime/data alone. usage: node analysis.js REDIS SESSION
import { ChannelNode, connect } from "@beamtime/data";

const [redis = "", sessionName = ""] = process.argv.slice(2);
await using store = await connect({ redis });
const session = await store.getSessionNode(sessionName);
const sums: Record<string, number> = {};
for await (const node of session.walk({ filter: "channel", wait: false })) {
  if (!(node instanceof ChannelNode)) continue;
  const { data } = await node.get(0, -1);
  sums[node.dbName] = Array.from(data, Number).reduce((sum, value) => sum + value, 0);
}
console.log(JSON.stringify(sums));
