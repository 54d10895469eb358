import { once } from "node:events";
import { connect } from "node:net";
import type { OpenStream } from "./line-connection.js";
import { type LineOptions, StreamLine } from "./stream-line.js";
import { hostText } from "./tcp-address.js";

/** Idle time, in ms, after which the system asks whether the device is still there. */
const keepAliveMs = 10_000;

export interface TcpLineOptions extends LineOptions {
  readonly host: string;
  readonly port: number;
}

/**
 * A line over TCP.
 *
 * @example
 * await using line = new TcpLine({ host: "icepap1", port: 5000 });
 * console.log(await line.writeRead("?VER\r", { repeatable: true }));
 */
export class TcpLine extends StreamLine {
  readonly host: string;
  readonly port: number;
  protected readonly remedy = "check that the device is on and connected, and its address: host and port";

  constructor(options: TcpLineOptions) {
    super(`tcp://${hostText(options.host)}:${options.port}`, options);
    this.host = options.host;
    this.port = options.port;
  }

  protected async open(signal: AbortSignal): Promise<OpenStream> {
    const stream = connect({ host: this.host, port: this.port, noDelay: true });
    stream.setKeepAlive(true, keepAliveMs);
    stream.on("error", () => {}); // told by `once`, later by the connection
    try {
      await once(stream, "connect", { signal });
    } catch (error) {
      stream.destroy();
      throw signal.aborted ? signal.reason : error;
    }
    return { stream, destroy: () => void stream.destroy() };
  }
}
