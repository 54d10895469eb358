import { ArgumentError, errorMessage } from "@beamtime/errors";
import type { OpenStream } from "./line-connection.js";
import { LineUnreachableError } from "./line-error.js";
import { type LineOptions, StreamLine } from "./stream-line.js";

export interface SerialLineOptions extends LineOptions {
  /** `/dev/ttyS0`, `COM3`. */
  readonly path: string;
  /** Bits/s. Default 9600. */
  readonly baudRate?: number | undefined;
  /** Default 8. */
  readonly dataBits?: 5 | 6 | 7 | 8 | undefined;
  /** Default `none`. */
  readonly parity?: "none" | "even" | "odd" | undefined;
  /** Default 1. */
  readonly stopBits?: 1 | 1.5 | 2 | undefined;
  /** Hardware handshake. Default false. */
  readonly rtscts?: boolean | undefined;
  /** Software handshake. Default false. */
  readonly xonxoff?: boolean | undefined;
  /**
   * Seconds of silence after which a request that was given up is taken to be forgotten by the device. A device that answers
   * later still needs more. Default 0.5.
   */
  readonly quiet?: number | undefined;
}

/**
 * A line over a serial port, by the package `serialport`, which is loaded when the port is first opened.
 *
 * A request that was given up leaves the port open: what still arrives is thrown away before the next request, until the device
 * is silent.
 *
 * @example
 * await using line = new SerialLine({ path: "/dev/ttyS0", baudRate: 19200, terminator: "\r" });
 * console.log(await line.writeRead("*IDN?\r", { repeatable: true }));
 */
export class SerialLine extends StreamLine {
  readonly path: string;
  protected readonly remedy =
    "check the name of the port, that its cable is plugged in, and that nobody else has it open";
  protected override readonly quiet: number;
  readonly #options: SerialLineOptions;

  constructor(options: SerialLineOptions) {
    super(`serial://${options.path}`, options);
    const { baudRate = 9600, quiet = 0.5 } = options;
    if (!(baudRate > 0)) {
      throw new ArgumentError(
        "baudRate",
        `baudRate of ${this.name} is ${baudRate}; expected a positive number, bits/s`,
      );
    }
    this.path = options.path;
    this.quiet = quiet;
    this.#options = options;
  }

  protected async open(signal: AbortSignal): Promise<OpenStream> {
    const { SerialPort } = await this.#load();
    signal.throwIfAborted();
    const { path, baudRate = 9600, dataBits = 8, parity = "none", stopBits = 1, rtscts, xonxoff } = this.#options;
    const settings = { path, baudRate, dataBits, parity, stopBits, rtscts: rtscts ?? false };
    const stream = new SerialPort({ ...settings, xon: xonxoff ?? false, xoff: xonxoff ?? false, autoOpen: false });
    stream.on("error", () => {}); // told by the callback, later by the connection
    // opening cannot be interrupted: who aborts is given the port, and closes it
    await new Promise<void>((resolve, reject) => stream.open((error) => (error ? reject(error) : resolve())));
    return { stream, destroy: () => stream.close(() => {}) };
  }

  /** @throws LineUnreachableError when the package is not there */
  async #load(): Promise<typeof import("serialport")> {
    try {
      return await import("serialport");
    } catch (error) {
      const message = `${this.name} needs the npm package serialport, which does not load: ${errorMessage(error)}; install it beside @beamtime/communication: npm install serialport@13.0.0`;
      throw new LineUnreachableError(this.name, message, { cause: error });
    }
  }
}
