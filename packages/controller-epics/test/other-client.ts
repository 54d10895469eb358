import { spawn } from "node:child_process";
import { once } from "node:events";
import { python } from "./ioc.js";

/** Writes to a process variable as somebody else does: by the client of caproto, in a process of its own. */
export async function putByAnother(address: string, pv: string, value: number): Promise<void> {
  const [host = "", port = ""] = address.split(":");
  // without a repeater, which would outlive the test
  const script = `from caproto.sync.client import write; write(${JSON.stringify(pv)}, ${value}, repeater=False)`;
  const child = spawn(python, ["-c", script], {
    env: {
      ...process.env,
      EPICS_CA_ADDR_LIST: host,
      EPICS_CA_AUTO_ADDR_LIST: "NO",
      EPICS_CA_SERVER_PORT: port,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = (await once(child, "close")) as [number | null]; // as Node gives it
  if (code !== 0) throw new Error(`the other client ended with ${code}: ${said}`);
}
