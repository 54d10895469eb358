import { type Line, type LineOptions, parseTcpAddress, type RequestOptions, TcpLine } from "@beamtime/communication";
import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import type { AxisState, ControllerCallOptions, Motion, MotorController, SearchDirection } from "@beamtime/motion";
import { BatchedQuestion } from "./batched-question.js";
import { checkAddress, isLinked, parseEncoderAddress } from "./icepap-address.js";
import { IcepapConnection } from "./icepap-connection.js";
import { IcepapError } from "./icepap-error.js";
import { axisStateOf } from "./icepap-state.js";
import { decodeStatus, type IcepapStatus, stopText } from "./icepap-status.js";

/** TCP port of an IcePAP. */
const defaultPort = 5000;

/** Seconds after a change of the power during which the copy of the master may be old. */
const powerDelay = 1;

/** Seconds after a command during which the copy of the master may be old. */
const commandDelay = 0.1;

export interface IcepapOptions extends Pick<LineOptions, "timeout" | "connectTimeout" | "traceLength"> {
  /** `icepap1`, or `icepap1:5000`. */
  readonly host: string;
  /** Default: the host. */
  readonly name?: string | undefined;
  /** Whether an axis is powered when it is initialised. Default: all are. */
  readonly autopower?: ((address: string) => boolean) | undefined;
  readonly clock?: Clock | undefined;
  /** Hears when an axis cannot be powered; it works on as far as it can. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** What is known of an axis beside what it tells each time. */
interface KnownAxis {
  /** Until then the board is asked, not the copy of the master. */
  askBoardUntil: number;
  /** In steps/s, as last set. */
  velocity?: number | undefined;
  /** In steps/s², as last set. */
  acceleration?: number | undefined;
  /** As last told. */
  isMoving: boolean;
  /** The last motion was ours. */
  hasMoved: boolean;
  isSearchingHome: boolean;
  home?: string | undefined;
  homeFault?: string | undefined;
  alarm?: string | undefined;
}

/**
 * The axes of an IcePAP, addressed by rack × 10 + slot (`1` to `8`, `11` to `18`, …) or, if linked, by name. Its steps are
 * whole: targets are rounded.
 *
 * Positions and states that are asked for at the same time are read together. In flight they are the copies of the master, which are
 * fast; at rest positions come from the boards.
 *
 * @example
 * await using icepap = new IcepapController({ host: "icepap1" });
 * const th = new Axis({ name: "th", controller: icepap, address: "11", stepsPerUnit: 800, velocity: 0.5, acceleration: 2 });
 * await th.move(1.5);
 */
export class IcepapController implements MotorController, AsyncDisposable {
  readonly name: string;
  readonly hasWholeSteps = true;
  /** The line to it, for its trace. */
  readonly line: Line;
  readonly #icepap: IcepapConnection;
  readonly #clock: Clock;
  readonly #options: IcepapOptions;
  readonly #axes = new Map<string, KnownAxis>();
  readonly #questions = new Map<string, BatchedQuestion<number>>();

  /** Connects to nothing yet. @throws ArgumentError when the host is no address */
  constructor(options: IcepapOptions) {
    const { host, clock = systemClock, timeout, connectTimeout, traceLength } = options;
    const address = parseTcpAddress(host, defaultPort);
    this.name = options.name ?? host;
    this.#clock = clock;
    this.#options = options;
    this.line = new TcpLine({
      ...address,
      clock,
      timeout,
      connectTimeout,
      traceLength,
      terminator: "\n",
      encoding: "latin1",
    });
    this.#icepap = new IcepapConnection(this.name, this.line);
  }

  /** Sees that the axis is there, and powers it. @throws IcepapError when there is no such board */
  async initializeAxis(address: string, { signal }: ControllerCallOptions = {}): Promise<void> {
    checkAddress(address);
    this.#axes.delete(address);
    const status = decodeStatus(await this.#question("?STATUS").about(address, signal));
    if (!status.isPresent) {
      throw new IcepapError(this.name, `?STATUS ${address}`, `there is no driver board at the address ${address}`);
    }
    const { autopower = () => true, onWarning } = this.#options;
    if (status.isPowered || !autopower(address)) return;
    try {
      await this.powerOn(address, { signal });
    } catch (error) {
      if (!(error instanceof IcepapError)) throw error;
      onWarning?.(`the axis ${address} cannot be powered: ${error.message}`);
    }
  }

  readPosition(address: string, { signal }: ControllerCallOptions = {}): Promise<number> {
    const isCopied = this.#axis(address).isMoving && !isLinked(address);
    return this.#question(isCopied ? "?FPOS" : "?POS").about(address, signal);
  }

  async readState(address: string, { signal }: ControllerCallOptions = {}): Promise<AxisState> {
    const axis = this.#axis(address);
    const isCopied = this.#clock.now() >= axis.askBoardUntil && !isLinked(address);
    const word = await this.#question(isCopied ? "?FSTATUS" : "?STATUS").about(address, signal);
    let status = decodeStatus(word);
    if (!status.isMoving && axis.isSearchingHome) status = await this.#homeSearched(address, axis, status, { signal });
    axis.isMoving = status.isMoving;
    if (status.disabled !== "alarm") axis.alarm = undefined;
    else if (!status.isMoving) axis.alarm ??= await this.#told(`${address}:?ALARM`, { signal });
    return axisStateOf(status, axis);
  }

  /** Several axes start as a group: one that stops stops all of them. */
  async startMove(motions: readonly Motion[], options: ControllerCallOptions = {}): Promise<void> {
    const addresses = motions.map(({ address }) => address);
    const targets = motions.map(({ address, target }) => `${address} ${wholeSteps(address, target)}`).join(" ");
    await this.#start(addresses, `MOVE ${motions.length > 1 ? "GROUP " : ""}${targets}`, options);
  }

  async stop(addresses: readonly string[], options: ControllerCallOptions = {}): Promise<void> {
    await this.#halt("STOP", addresses, options);
  }

  /** Stops without deceleration: positions may be lost. */
  async abort(addresses: readonly string[], options: ControllerCallOptions = {}): Promise<void> {
    await this.#halt("ABORT", addresses, options);
  }

  async setPosition(address: string, position: number, { signal }: ControllerCallOptions = {}): Promise<number> {
    checkAddress(address);
    await this.#icepap.command(`POS ${address} ${wholeSteps(address, position)}`, { signal });
    return await this.#question("?POS").about(address, signal);
  }

  /** The acceleration stays as it is. */
  async setVelocity(address: string, velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    const axis = this.#axis(address);
    const acceleration = axis.acceleration ?? (await this.readAcceleration(address, options));
    const accelerate = `ACCTIME ${address} ${decimal(velocity / acceleration)}`;
    const { signal } = options;
    // the time to accelerate follows the velocity, and the box refuses one that is too short for either
    await this.#icepap.command(accelerate, { signal });
    await this.#icepap.command(`VELOCITY ${address} ${decimal(velocity)}`, { signal });
    await this.#icepap.command(accelerate, { signal });
    axis.velocity = velocity;
    axis.acceleration = acceleration;
  }

  async readVelocity(address: string, { signal }: ControllerCallOptions = {}): Promise<number> {
    checkAddress(address);
    return await this.#number(`?VELOCITY ${address}`, { signal });
  }

  async setAcceleration(address: string, acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    const axis = this.#axis(address);
    const velocity = axis.velocity ?? (await this.readVelocity(address, options));
    await this.#icepap.command(`ACCTIME ${address} ${decimal(velocity / acceleration)}`, { signal: options.signal });
    axis.acceleration = acceleration;
  }

  async readAcceleration(address: string, { signal }: ControllerCallOptions = {}): Promise<number> {
    const velocity = await this.readVelocity(address, { signal });
    return velocity / (await this.#number(`?ACCTIME ${address}`, { signal }));
  }

  async startJog(address: string, velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    await this.#start([address], `JOG ${address} ${decimal(velocity)}`, options);
  }

  /**
   * The state has HOME once the switch is found, with the position where that was: the axis needs its way to come to rest, and may
   * stand beside it.
   */
  async startHomeSearch(
    address: string,
    direction: SearchDirection,
    options: ControllerCallOptions = {},
  ): Promise<void> {
    await this.#start([address], `${address}:HOME ${direction > 0 ? "+1" : "-1"}`, options);
    this.#axis(address).isSearchingHome = true;
  }

  async startLimitSearch(
    address: string,
    direction: SearchDirection,
    options: ControllerCallOptions = {},
  ): Promise<void> {
    await this.#start([address], `${address}:SRCH LIM${direction > 0 ? "+" : "-"}`, options);
  }

  powerOn(address: string, options: ControllerCallOptions = {}): Promise<void> {
    return this.#power("ON", address, options);
  }

  powerOff(address: string, options: ControllerCallOptions = {}): Promise<void> {
    return this.#power("OFF", address, options);
  }

  /** @param encoder `11`, the encoder input of the axis 11, or with another source: `11:ABSENC` */
  async readEncoder(encoder: string, { signal }: ControllerCallOptions = {}): Promise<number> {
    const { address, source } = parseEncoderAddress(encoder);
    return await this.#question(`?ENC ${source}`).about(address, signal);
  }

  /** @param encoder as of `readEncoder` @throws ArgumentError for an absolute one */
  async setEncoder(encoder: string, position: number, { signal }: ControllerCallOptions = {}): Promise<void> {
    const { address, source } = parseEncoderAddress(encoder);
    if (source === "ABSENC") {
      throw new ArgumentError(
        "encoder",
        `the encoder ${encoder} of ${this.name} is absolute: it cannot count from elsewhere`,
      );
    }
    await this.#icepap.command(`ENC ${source} ${address} ${wholeSteps(encoder, position)}`, { signal });
  }

  /** @param command `?VER INFO`, `11:?CFG`, `#ESYNC`; several are separated by `;`. Without `#` or `?` there is no answer */
  rawCommand(command: string, { signal }: ControllerCallOptions = {}): Promise<string> {
    return this.#icepap.raw(command, { signal });
  }

  async describeAxis(address: string, { signal }: ControllerCallOptions = {}): Promise<string> {
    checkAddress(address);
    const options = { signal };
    const status = decodeStatus(await this.#question("?STATUS").about(address, signal));
    const notes = [status.isOutOfWindow && "out of window", status.hasWarning && "with a warning"].filter(Boolean);
    const lines = {
      IcePAP: `${this.name} (${this.line.name}), firmware ${await this.#told("?VER", options)}`,
      axis: `${address} (${await this.#told(`${address}:?NAME`, options)})`,
      status: `0x${status.word.toString(16).toUpperCase()}, mode ${status.mode}${notes.map((note) => `, ${note}`).join("")}`,
      power: `${status.isPowered ? "on" : "off"}${status.disabled ? `, disabled: ${status.disabled}` : ""}`,
      "last motion": status.isReady ? stopText(status.stopCode) : "not ended",
      position: `${await this.#told(`?POS ${address}`, options)} steps`,
      velocity: `${await this.#told(`?VELOCITY ${address}`, options)} steps/s`,
      "acceleration time": `${await this.#told(`?ACCTIME ${address}`, options)} s`,
      alarm: await this.#told(`${address}:?ALARM`, options),
      warning: await this.#told(`${address}:?WARNING`, options),
    };
    return Object.entries(lines)
      .map(([what, text]) => `${what}: ${text}`)
      .join("\n");
  }

  /** Another program has moved or set up the axis. */
  async forget(address: string): Promise<void> {
    this.#axes.delete(address);
  }

  /** Ends the connection; the axes go on. */
  close(): Promise<void> {
    return this.line.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #axis(address: string): KnownAxis {
    let axis = this.#axes.get(address);
    if (!axis) {
      checkAddress(address);
      axis = { askBoardUntil: Number.NEGATIVE_INFINITY, isMoving: false, hasMoved: false, isSearchingHome: false };
      this.#axes.set(address, axis);
    }
    return axis;
  }

  async #start(addresses: readonly string[], command: string, { signal }: ControllerCallOptions): Promise<void> {
    const axes = addresses.map((address) => this.#axis(address));
    for (const axis of axes) {
      axis.askBoardUntil = Math.max(axis.askBoardUntil, this.#clock.now() + commandDelay);
      // also when the answer is lost: it may have started
      Object.assign(axis, {
        isMoving: true,
        hasMoved: true,
        isSearchingHome: false,
        home: undefined,
        homeFault: undefined,
      });
    }
    try {
      await this.#icepap.command(command, { signal });
    } catch (error) {
      if (error instanceof IcepapError)
        for (const axis of axes) Object.assign(axis, { isMoving: false, hasMoved: false });
      throw error;
    }
    for (const axis of axes) axis.askBoardUntil = Math.max(axis.askBoardUntil, this.#clock.now() + commandDelay);
  }

  /** @throws AggregateError when several axes refuse */
  async #halt(word: string, addresses: readonly string[], { signal }: ControllerCallOptions): Promise<void> {
    for (const address of addresses) this.#axis(address).isSearchingHome = false;
    try {
      await this.#icepap.command(`${word} ${addresses.join(" ")}`, { signal });
    } catch (error) {
      if (!(error instanceof IcepapError) || addresses.length < 2) throw error;
      // one board is out of order: the others must stop all the same
      const halts = addresses.map((address) => this.#icepap.command(`${word} ${address}`, { signal }));
      const failures = (await Promise.allSettled(halts)).flatMap((halt) =>
        halt.status === "rejected" ? [halt.reason as unknown] : [],
      );
      if (failures.length === 1) throw failures[0];
      if (failures.length > 1) throw new AggregateError(failures, failures.map(errorMessage).join("; "));
    }
  }

  async #power(to: "ON" | "OFF", address: string, { signal }: ControllerCallOptions): Promise<void> {
    const axis = this.#axis(address);
    await this.#icepap.command(`POWER ${to} ${address}`, { signal });
    Object.assign(axis, { askBoardUntil: this.#clock.now() + powerDelay, hasMoved: false, alarm: undefined });
  }

  /** How a home search has ended, or that it goes on: between its phases the axis stands still. */
  async #homeSearched(
    address: string,
    axis: KnownAxis,
    status: IcepapStatus,
    options: RequestOptions,
  ): Promise<IcepapStatus> {
    const answer = await this.#icepap.ask(`${address}:?HOMESTAT`, options);
    const result = answer.split(/\s+/)[0]?.toUpperCase();
    if (result === "MOVING") return { ...status, isMoving: true };
    axis.isSearchingHome = false;
    if (result === "FOUND") {
      axis.home = `home switch found at ${await this.#told(`${address}:?HOMEPOS`, options)} steps`;
    } else if (status.stopCode === 0) {
      axis.homeFault = `the home switch was not found (${answer})`;
    }
    return status;
  }

  /** An answer for people: also when the IcePAP refuses. */
  async #told(question: string, options: RequestOptions): Promise<string> {
    try {
      return await this.#icepap.ask(question, options);
    } catch (error) {
      if (error instanceof IcepapError) return `not told (${error.reason})`;
      throw error;
    }
  }

  async #number(question: string, options: RequestOptions): Promise<number> {
    const [number = Number.NaN] = this.#numbers(question, await this.#icepap.ask(question, options), 1);
    return number;
  }

  #numbers(question: string, answer: string, count: number): number[] {
    const words = answer.split(/\s+/);
    const numbers = words.map((word) => (word === "" ? Number.NaN : Number(word)));
    if (words.length === count && numbers.every(Number.isFinite)) return numbers;
    throw new IcepapError(
      this.name,
      question,
      `it answered "${answer}"; expected ${count} number${count > 1 ? "s" : ""}`,
    );
  }

  #question(words: string): BatchedQuestion<number> {
    let question = this.#questions.get(words);
    if (!question) {
      question = new BatchedQuestion(this.#clock, async (addresses) => {
        const text = `${words} ${addresses.join(" ")}`;
        return this.#numbers(text, await this.#icepap.ask(text), addresses.length);
      });
      this.#questions.set(words, question);
    }
    return question;
  }
}

/** @throws ArgumentError when it is no position */
function wholeSteps(address: string, steps: number): number {
  if (Number.isFinite(steps)) return Math.round(steps) + 0; // no -0
  throw new ArgumentError("position", `the position of ${address} is ${steps}; expected a finite number of steps`);
}

/** Without exponent, which an IcePAP does not read. */
function decimal(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, "");
}
