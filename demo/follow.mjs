// The second process of the demo: follows a session with @beamtime/data alone, as an analysis would.
// usage: BEACON_HOST=host:port node demo/follow.mjs SESSION [scans to wait for]
import { connect } from "@beamtime/data";

const [sessionName, scans = "1"] = process.argv.slice(2);
const store = await connect();
try {
  const session = await store.getSessionNode(sessionName);
  const onReady = () => console.log(`[follower ${process.pid}] follows ${sessionName}`);
  let left = Number(scans);
  for await (const event of session.walkOnNewEvents({ onReady })) {
    const { type, node } = event;
    if (type === "NEW_NODE" && node.type === "scan") {
      console.log(`[follower] scan ${node.dbName} started`);
    } else if (type === "NEW_DATA" && node.name.endsWith(":diode")) {
      const { data } = event.data;
      console.log(`[follower] ${node.name} [${event.first}] ${data[data.length - 1]}`);
    } else if (type === "END_SCAN") {
      console.log(`[follower] scan ${node.dbName} ends`);
      left -= 1;
    }
    if (left === 0) break;
  }
} finally {
  await store[Symbol.asyncDispose]();
}
