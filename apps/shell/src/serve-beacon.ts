import { abortable } from "@beamtime/concurrency";
import { startBeacon } from "@beamtime/session";
import type { BeaconLine } from "./command-line.js";

interface ServeBeaconOptions {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborted when the server is to end. */
  readonly signal: AbortSignal;
}

/** `beamtime beacon`: serves a beamline until it is told to end. Ready when the line `BEACON_HOST=host:port` is out. */
export async function serveBeacon(line: BeaconLine, { out, err, signal }: ServeBeaconOptions): Promise<number> {
  const { directory, host, port, socket, redisPort, redisDataPort, redisUrl, redisDataUrl } = line;
  const beacon = await startBeacon({
    directory,
    host,
    port,
    socket,
    settings: redisUrl,
    data: redisDataUrl,
    ports: { settings: redisPort, data: redisDataPort },
    isService: true,
    onWarning: (source, message) => err(`${source}: ${message}\n`),
    signal,
  });
  try {
    out(`BEACON_HOST=${beacon.address}\n`);
    await abortable(new Promise(() => {}), signal).catch(() => {});
  } finally {
    await beacon[Symbol.asyncDispose]();
  }
  return 0;
}
