import { type Clock, systemClock, TaskGroup } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import {
  AxisFaultError,
  type AxisState,
  AxisUnsupportedError,
  type ControllerCallOptions,
  type Motion,
  type MotorController,
  type MotorListener,
  type SearchDirection,
} from "@beamtime/motion";
import type { ChannelAccess } from "./channel-access.js";
import type { MotorCoordinates } from "./motor-coordinates.js";
import { MotorRecord, rampOf } from "./motor-record.js";
import { motorBits } from "./motor-status.js";

/** Seconds in which the power follows `CNEN`, and between two looks. */
const [powerTime, powerPause] = [3, 0.05];

export interface EpicsMotorControllerOptions {
  /** Default `epics`. */
  readonly name?: string | undefined;
  /** Where the records are. Its owner closes it. */
  readonly access: ChannelAccess;
  /** Which coordinates of the records are driven. Default `dial`. */
  readonly coordinates?: MotorCoordinates | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * EPICS motor records. The address of an axis is the name of its record; a step is one engineering unit of the record (`EGU`), so that
 * `stepsPerUnit` is 1 unless an axis has other units.
 *
 * What others do to a record is told as it happens: its monitors are always on.
 *
 * @see https://epics-motor.readthedocs.io, motorRecord
 */
export class EpicsMotorController implements MotorController {
  readonly name: string;
  readonly #access: ChannelAccess;
  readonly #clock: Clock;
  readonly #coordinates: MotorCoordinates;
  readonly #records = new Map<string, MotorRecord>();

  constructor({ name = "epics", access, coordinates = "dial", clock = systemClock }: EpicsMotorControllerOptions) {
    this.name = name;
    this.#access = access;
    this.#coordinates = coordinates;
    this.#clock = clock;
  }

  async initializeAxis(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await this.#record(address, options);
  }

  /** `EGU`. */
  async readUnit(address: string, options: ControllerCallOptions = {}): Promise<string> {
    return await this.#access.getText(`${address}.EGU`, options);
  }

  async readPosition(address: string, options: ControllerCallOptions = {}): Promise<number> {
    return await (await this.#record(address, options)).readPosition(options);
  }

  async readState(address: string, options: ControllerCallOptions = {}): Promise<AxisState> {
    return await (await this.#record(address, options)).readState(options);
  }

  /** @throws AxisLimitError, AxisMovingError, AxisDisabledError, AxisFaultError when one does not begin to move, or EpicsError */
  async startMove(motions: readonly Motion[], options: ControllerCallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const records = await Promise.all(motions.map(({ address }) => this.#record(address, options)));
    const targets = records.map((record, i) => record.allowed(motions[i]?.target ?? Number.NaN));
    await Promise.all(records.map((record) => record.assertFree(options)));
    const outcomes = await Promise.allSettled(
      records.map((record, i) => {
        const target = targets[i] ?? Number.NaN;
        return record.start(record.fields.target, target, target, options);
      }),
    );
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    if (failures.length === 0) return;
    const begun = motions.filter((_, i) => outcomes[i]?.status === "fulfilled");
    await this.stop(begun.map(({ address }) => address)).catch((error: unknown) => failures.push(error));
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, `${failures.length} motors did not start`);
  }

  async stop(addresses: readonly string[], options: ControllerCallOptions = {}): Promise<void> {
    // with completion it would wait in the IOC for the end of the motion
    const stopping = addresses.map((address) => this.#access.put(`${address}.STOP`, 1, options));
    const failures = (await Promise.allSettled(stopping)).flatMap((outcome) =>
      outcome.status === "rejected" ? [outcome.reason as unknown] : [],
    );
    if (failures.length === 0) return;
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, `${failures.length} motors did not stop`);
  }

  /** By the record's `SET`: its offset takes the change unless it is frozen (`FOFF`). */
  async setPosition(address: string, position: number, options: ControllerCallOptions = {}): Promise<number> {
    return await (await this.#record(address, options)).recount(position, options);
  }

  /** `VELO`, and `ACCL` with it: the acceleration stays. @throws ArgumentError beyond `VBAS` and `VMAX` */
  async setVelocity(address: string, velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    const record = await this.#record(address, options);
    await this.#checkVelocity(record, velocity, options);
    const { acceleration, base } = await record.readDynamics(options);
    await record.put("VELO", velocity, options);
    if (isPositive(acceleration)) await record.put("ACCL", rampOf(velocity, base) / acceleration, options);
  }

  async readVelocity(address: string, options: ControllerCallOptions = {}): Promise<number> {
    return await (await this.#record(address, options)).get("VELO", options);
  }

  /** `ACCL`, the seconds from `VBAS` to `VELO`. */
  async setAcceleration(address: string, acceleration: number, options: ControllerCallOptions = {}): Promise<void> {
    const record = await this.#record(address, options);
    const { velocity, base } = await record.readDynamics(options);
    await record.put("ACCL", rampOf(velocity, base) / acceleration, options);
  }

  /** @throws AxisFaultError when the record has none */
  async readAcceleration(address: string, options: ControllerCallOptions = {}): Promise<number> {
    const { acceleration } = await (await this.#record(address, options)).readDynamics(options);
    if (isPositive(acceleration)) return acceleration;
    const message = `${address} has no acceleration: expected VELO and ACCL above 0; set them on the record`;
    throw new AxisFaultError(address, message);
  }

  /** By `JOGF` or `JOGR`, with `JVEL`, and with `JAR` as the acceleration of moves; the record's limits hold. */
  async startJog(address: string, velocity: number, options: ControllerCallOptions = {}): Promise<void> {
    const record = await this.#record(address, options);
    await record.assertFree(options);
    await this.#checkVelocity(record, Math.abs(velocity), options);
    const { acceleration } = await record.readDynamics(options);
    if (isPositive(acceleration)) await record.put("JAR", acceleration, options);
    await record.put("JVEL", Math.abs(velocity), options);
    // the record jogs by its user coordinates
    const isForward = velocity > 0 === record.isUpright;
    await record.start(isForward ? "JOGF" : "JOGR", 1, velocity * Number.POSITIVE_INFINITY, options);
  }

  /** By `HOMF` or `HOMR`. */
  async startHomeSearch(
    address: string,
    direction: SearchDirection,
    options: ControllerCallOptions = {},
  ): Promise<void> {
    const record = await this.#record(address, options);
    await record.assertFree(options);
    // the record searches on its dial
    const isForward = (this.#coordinates === "dial" ? direction : direction * record.direction) > 0;
    await record.start(isForward ? "HOMF" : "HOMR", 1, direction * Number.POSITIVE_INFINITY, options);
  }

  /** By a jog with `VELO`; the record lets it go as far as its own limits are wide. Nothing is done on the switch. */
  async startLimitSearch(
    address: string,
    direction: SearchDirection,
    options: ControllerCallOptions = {},
  ): Promise<void> {
    const state = await this.readState(address, options);
    if (state.has(direction > 0 ? "LIMPOS" : "LIMNEG")) return;
    await this.startJog(address, direction * (await this.readVelocity(address, options)), options);
  }

  /** `CNEN`. @throws AxisUnsupportedError when the driver of the record cannot */
  async powerOn(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await this.#power(address, 1, options);
  }

  /** @throws as `powerOn` */
  async powerOff(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await this.#power(address, 0, options);
  }

  /** `REP` times `ERES`: in units of the record's dial. @throws AxisUnsupportedError when the record has no encoder */
  async readEncoder(address: string, options: ControllerCallOptions = {}): Promise<number> {
    const record = await this.#record(address, options);
    const { MSTA, REP, ERES } = await record.getAll(["MSTA", "REP", "ERES"], options);
    if ((MSTA & motorBits.encoder) !== 0) return REP * ERES;
    throw new AxisUnsupportedError(address, `${address} has no encoder, as its MSTA says`);
  }

  /** `sim:mtr1.VELO` answers a value, `sim:mtr1.VELO 2` writes one and answers what it is then. */
  async rawCommand(command: string, options: ControllerCallOptions = {}): Promise<string> {
    const [, pv = "", value] = /^\s*(\S+)(?:\s+(\S.*?))?\s*$/.exec(command) ?? [];
    if (value !== undefined) {
      const number = Number(value);
      await this.#access.putAndWait(pv, Number.isNaN(number) ? value : number, options);
    }
    return await this.#access.getText(pv, options);
  }

  async describeAxis(address: string, options: ControllerCallOptions = {}): Promise<string> {
    const record = await this.#record(address, options);
    const texts = await TaskGroup.run(options, (group) =>
      Promise.all(
        describedFields.map((field) =>
          group.spawn(async (signal) => `${field} ${await this.#access.getText(record.pv(field), { signal })}`),
        ),
      ),
    );
    return `EPICS motor record ${address}, driven by its ${this.#coordinates} coordinates\n${texts.join("\n")}`;
  }

  /** Refuses what is beyond the limits of the records, as far as they are known. @throws AxisLimitError */
  checkPositions(positions: ReadonlyMap<string, Float64Array>): void {
    for (const [address, list] of positions) {
      const record = this.#records.get(address);
      if (record) for (const position of list) record.allowed(position);
    }
  }

  watch(address: string, listener: MotorListener): () => void {
    return this.#known(address).watch(listener);
  }

  #known(address: string): MotorRecord {
    let record = this.#records.get(address);
    if (!record) {
      const { access, clock, coordinates } = {
        access: this.#access,
        clock: this.#clock,
        coordinates: this.#coordinates,
      };
      record = new MotorRecord({ name: address, access, clock, coordinates });
      this.#records.set(address, record);
    }
    return record;
  }

  async #record(address: string, options: ControllerCallOptions): Promise<MotorRecord> {
    const record = this.#known(address);
    await record.connect(options);
    return record;
  }

  async #checkVelocity(record: MotorRecord, velocity: number, options: ControllerCallOptions): Promise<void> {
    const { VBAS, VMAX } = await record.getAll(["VBAS", "VMAX"], options);
    const highest = VMAX > 0 ? VMAX : Number.POSITIVE_INFINITY;
    if (velocity >= VBAS && velocity <= highest) return;
    throw new ArgumentError(
      "velocity",
      `velocity of ${record.name} is ${velocity} units/s; expected ${VBAS} to ${highest} units/s, its VBAS and VMAX`,
    );
  }

  async #power(address: string, power: 0 | 1, options: ControllerCallOptions): Promise<void> {
    const record = await this.#record(address, options);
    if (((await record.get("MSTA", options)) & motorBits.gainSupport) === 0) {
      const message = `${address} cannot switch its power: its driver has no CNEN, as its MSTA says`;
      throw new AxisUnsupportedError(address, message);
    }
    await record.put("CNEN", power, options);
    const until = this.#clock.now() + powerTime;
    for (;;) {
      const isOn = ((await record.get("MSTA", options)) & motorBits.position) !== 0;
      if (isOn === (power === 1)) return;
      if (this.#clock.now() > until) break;
      await this.#clock.sleep(powerPause, options);
    }
    const message = `${address} still has its power ${power === 1 ? "off" : "on"} ${powerTime} s after CNEN was set to ${power}`;
    throw new AxisFaultError(address, message);
  }
}

function isPositive(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

const describedFields =
  "DESC VAL RBV EGU DVAL DRBV OFF DIR MRES VELO ACCL VBAS VMAX LLM HLM DMOV MSTA SPMG STAT SEVR".split(" ");
