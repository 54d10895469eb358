import { TcpLine } from "@beamtime/communication";
import { checkMotorController } from "@beamtime/motion/testing";
import { AcmeController } from "./acme-controller.js";
import { startAcmeDevice } from "./acme-device.js";

const device = await startAcmeDevice(["1", "2"]);
const reports = await checkMotorController({
  create: () =>
    new AcmeController("acme", new TcpLine({ host: "127.0.0.1", port: device.port, timeout: 2, terminator: "\r\n" })),
  addresses: ["1", "2"], // the second for what needs two
  range: [0, 400], // steps between which both may go anywhere
  velocity: 1000, // steps/s
  acceleration: 20_000, // steps/s²
  unknownAddress: "3",
  command: "?VER",
  silence: () => device.silence(),
});
for (const { name, status, reason } of reports) console.log(`${status.padEnd(8)}${name}${reason ? `: ${reason}` : ""}`);
if (reports.some(({ status }) => status === "failed")) process.exitCode = 1;
await device[Symbol.asyncDispose]();
