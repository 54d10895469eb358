import type { Line } from "@beamtime/communication";
import { BeamtimeError } from "@beamtime/errors";
import { AxisState, type ControllerCallOptions, type Motion, type MotorController } from "@beamtime/motion";

/** The hardware has refused a command. */
class AcmeError extends BeamtimeError {
  readonly code = "ACME";
}

/** Acme's motor controllers: one line of text for each command, and one for its answer. */
export class AcmeController implements MotorController, AsyncDisposable {
  readonly name: string;
  readonly #line: Line;

  constructor(name: string, line: Line) {
    this.name = name;
    this.#line = line;
  }

  /** Refuses axes that there are not, when they are first used. */
  async initializeAxis(address: string, options?: ControllerCallOptions): Promise<void> {
    const axes = await this.#ask("?AXES", options);
    if (!axes.split(" ").includes(address))
      throw new AcmeError(`${this.name} has no axis ${address}: expected ${axes}`);
  }

  async readPosition(address: string, options?: ControllerCallOptions): Promise<number> {
    return Number(await this.#ask(`?POS ${address}`, options));
  }

  /** `READY (Axis is READY) | LIMPOS (…)`: Acme's words are those of Beamtime, which is rare. */
  async readState(address: string, options?: ControllerCallOptions): Promise<AxisState> {
    const answer = await this.#ask(`?STATE ${address}`, options);
    return new AxisState(answer.split(" | ").map((flag) => flag.replace(/ .*/, "")));
  }

  /** All in one command, so that they start together, or none of them. */
  async startMove(motions: readonly Motion[], options?: ControllerCallOptions): Promise<void> {
    await this.#ask(`MOVE ${motions.map(({ address, target }) => `${address} ${target}`).join(" ")}`, options);
  }

  async stop(addresses: readonly string[], options?: ControllerCallOptions): Promise<void> {
    await this.#ask(`STOP ${addresses.join(" ")}`, options);
  }

  async setVelocity(address: string, velocity: number, options?: ControllerCallOptions): Promise<void> {
    await this.#ask(`VEL ${address} ${velocity}`, options);
  }

  async setAcceleration(address: string, acceleration: number, options?: ControllerCallOptions): Promise<void> {
    await this.#ask(`ACC ${address} ${acceleration}`, options);
  }

  rawCommand(command: string, options?: ControllerCallOptions): Promise<string> {
    return this.#ask(command, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line.close();
  }

  /** Questions may be asked again when the connection was lost; what moves something is never sent twice. */
  async #ask(command: string, options: ControllerCallOptions = {}): Promise<string> {
    const answer = await this.#line.writeRead(`${command}\r\n`, { ...options, repeatable: command.startsWith("?") });
    if (answer.startsWith("ERROR")) throw new AcmeError(`${this.name} answered ${answer}`);
    return answer;
  }
}
