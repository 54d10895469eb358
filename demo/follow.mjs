// The second process of the demo: follows a session with @beamtime/data alone, as an analysis would.
// usage: node demo/follow.mjs REDIS SESSION [scans to wait for]
import { connect } from "@beamtime/data";

const [redis, sessionName, scans = "1"] = process.argv.slice(2);
await using_(await connect({ redis }), async (store) => {
  const session = await store.getSessionNode(sessionName);
  let left = Number(scans);
  console.log(`[follower ${process.pid}] following ${sessionName}`);
  // from the beginning: nothing is lost, however early the first scan starts
  for await (const event of session.walkEvents()) {
    switch (event.type) {
      case "NEW_NODE":
        if (event.node.type === "scan") console.log(`[follower] scan ${event.node.dbName} started`);
        break;
      case "NEW_DATA":
        if (event.node.name.endsWith(":diode")) {
          const { data } = event.data;
          console.log(`[follower] ${event.node.name} [${event.first}] ${data[data.length - 1]}`);
        }
        break;
      case "END_SCAN":
        console.log(`[follower] scan ${event.node.dbName} ends`);
        left -= 1;
        if (left === 0) return;
        break;
    }
  }
});

/** `await using`, which Node 20 cannot parse. */
async function using_(resource, work) {
  try {
    await work(resource);
  } finally {
    await resource[Symbol.asyncDispose]();
  }
}
