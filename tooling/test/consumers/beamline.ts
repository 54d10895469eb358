// A program of a beamline: the session of the shell, without its prompt. usage: node beamline.js CONFIGURATION DATA
import { Counter } from "@beamtime/counters";
import { Axis } from "@beamtime/motion";
import { openSession } from "@beamtime/session";

const [config = "", data = ""] = process.argv.slice(2);
await using session = await openSession({ name: "demo_session", config, redis: "private" });
session.scanSaving.setParameter("base_path", data);
const { roby, diode } = session.env;
if (!(roby instanceof Axis && diode instanceof Counter)) throw new Error("the demo has no roby or no diode");
const scan = await session.commands.ascan(roby, 0, 1, 2, 0.01, diode);
console.log(JSON.stringify({ dbName: scan.dbName, filename: scan.identity.filename }));
