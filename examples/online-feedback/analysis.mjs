// A second process that steers a scan: follows a session, finds the maximum of the gaussian counter, and when the
// signal has fallen below half of it says so in a channel that the scan's process watches.
// usage: BEACON_HOST=host:port node analysis.mjs [SESSION] [scans to follow]
import { Channel } from "@beamtime/channels";
import { connect } from "@beamtime/data";

const [sessionName = "demo_session", scans = "Infinity"] = process.argv.slice(2);
const stopAlignment = new Channel("stop_alignment", { defaultValue: false });
const store = await connect();
try {
  const session = await store.getSessionNode(sessionName);
  const onReady = () => console.log(`following ${sessionName}`);
  let left = Number(scans);
  let maximum = 0;
  for await (const { type, node, ...event } of session.walkOnNewEvents({ onReady })) {
    if (type === "NEW_NODE" && node.type === "scan") {
      maximum = 0; // a new scan starts
    } else if (type === "NEW_DATA" && node.name.includes("gauss")) {
      for (const value of event.data.data) {
        maximum = Math.max(maximum, value);
        if (value >= maximum / 2 || stopAlignment.value) continue;
        console.log(`stop the alignment: maximum ${maximum}, now ${value}`);
        await stopAlignment.set(true);
      }
    } else if (type === "END_SCAN") {
      console.log(`${node.dbName} ends`);
      left -= 1;
      if (left === 0) break;
    }
  }
} finally {
  await store[Symbol.asyncDispose]();
  await stopAlignment.close();
}
