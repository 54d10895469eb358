import { abortable, type Clock, deferred, TaskGroup, within } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import {
  AxisDisabledError,
  AxisFaultError,
  AxisLimitError,
  AxisMovingError,
  AxisState,
  type ControllerCallOptions,
  type MotorListener,
} from "@beamtime/motion";
import type { ChannelAccess, PvReading } from "./channel-access.js";
import { coordinateFields, type MotorCoordinates } from "./motor-coordinates.js";
import { axisStateOf } from "./motor-status.js";

/** Seconds that a record has to begin a motion. */
const beginTime = 3;
/** Seconds between two questions whether it has begun. */
const askTime = 0.1;
/** Seconds that a motion has to be seen after the record has said that it is done with it. */
const graceTime = 0.5;
/** What is older than what is known by less than this, in seconds, was overtaken; by more, the clock of the IOC was set back. */
const overtaken = 5;

/** What the state is made of beside the position; the end of motion first. */
const statusFields = ["DMOV", "MSTA", "HLS", "LLS"] as const;

export interface MotorRecordOptions {
  /** Name of the record. */
  readonly name: string;
  readonly access: ChannelAccess;
  readonly clock: Clock;
  readonly coordinates: MotorCoordinates;
}

type Numeric = PvReading & { readonly value: number };

/** One motor record: what is known of it, kept up to date by monitors, and how its motions begin. */
export class MotorRecord {
  readonly name: string;
  readonly fields: (typeof coordinateFields)[MotorCoordinates];
  readonly #options: MotorRecordOptions;
  readonly #known = new Map<string, Numeric>();
  readonly #listeners = new Set<MotorListener>();
  readonly #changes = new Set<(field: string, value: number) => void>();
  #connecting: Promise<void> | undefined;
  /** Motions that were asked for and have not been seen to begin. */
  #starting = 0;
  /** From the start of a motion here until somebody has read its end: until then states are not told, but asked for. */
  #isFollowed = false;
  /** When the rest before the last start of a motion here was said to be. */
  #restTime = Number.POSITIVE_INFINITY;
  /** While the dial gets another zero its positions mean nothing to those who do not know yet. */
  #isRecounting = false;

  constructor(options: MotorRecordOptions) {
    this.name = options.name;
    this.fields = coordinateFields[options.coordinates];
    this.#options = options;
  }

  /** Whether user and driven coordinates count the same way. */
  get isUpright(): boolean {
    return this.#options.coordinates === "user" || this.direction === 1;
  }

  /** `DIR`: of user coordinates on the dial. */
  get direction(): 1 | -1 {
    return this.#last("DIR") === 1 ? -1 : 1;
  }

  /** The limits of the record; `undefined` when it has none, or they are not known yet. */
  get limits(): readonly [number, number] | undefined {
    const [low, high] = [this.#last(this.fields.low), this.#last(this.fields.high)];
    if (low === undefined || high === undefined || (low === 0 && high === 0)) return undefined;
    return [low, high];
  }

  /** Finds all of it and has itself told of changes. Once; again only after a failure. */
  async connect({ signal }: ControllerCallOptions): Promise<void> {
    // for everybody who asks, so an abort by one does not end it
    this.#connecting ??= this.#connect().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    await abortable(this.#connecting, signal);
  }

  async #connect(): Promise<void> {
    const { readback, low, high } = this.fields;
    const watched = [...statusFields, readback, low, high, "SPMG", "DIR", "LVIO"] as const;
    await this.getAll(watched, {});
    for (const field of watched) {
      this.#options.access.monitor(this.pv(field), {
        value: ({ value, ...others }) => {
          if (typeof value === "number") this.#hear(field, { ...others, value });
        },
        lost: (reason) => this.#lose(field, reason),
      });
    }
  }

  pv(field: string): string {
    return `${this.name}.${field}`;
  }

  /** The value of a field now. */
  async get(field: string, options: ControllerCallOptions): Promise<number> {
    return (await this.#ask(field, options)).value;
  }

  /** The values of fields, asked for in this order without waiting between. */
  async getAll<const F extends readonly string[]>(
    fields: F,
    options: ControllerCallOptions,
  ): Promise<Readonly<Record<F[number], number>>> {
    const readings = await this.#askAll(fields, options);
    const values = Array.from(readings, ([field, { value }]) => [field, value]);
    return Object.fromEntries(values) as Record<F[number], number>; // one for each field
  }

  async #ask(field: string, options: ControllerCallOptions): Promise<Numeric> {
    const reading = await this.#options.access.get(this.pv(field), options);
    this.#learn(field, reading);
    return reading;
  }

  /** In a group of its own: one failure ends the others, and the signal is listened to once. */
  #askAll(fields: readonly string[], options: ControllerCallOptions): Promise<ReadonlyMap<string, Numeric>> {
    return TaskGroup.run(options, async (group) => {
      const asked = fields.map((field) => group.spawn((signal) => this.#ask(field, { signal })));
      return new Map((await Promise.all(asked)).map((reading, i) => [fields[i] ?? "", reading]));
    });
  }

  async put(field: string, value: number, options: ControllerCallOptions): Promise<void> {
    await this.#options.access.putAndWait(this.pv(field), value, options);
  }

  async readPosition(options: ControllerCallOptions): Promise<number> {
    return await this.get(this.fields.readback, options);
  }

  async readState(options: ControllerCallOptions): Promise<AxisState> {
    // answered in this order: what comes after DMOV at 1 is of the same rest, whatever monitors told before
    const state = this.#state(await this.#askAll([...statusFields, this.fields.readback, "SPMG"], options));
    if (!state.has("MOVING")) this.#isFollowed = false;
    return state;
  }

  /** In units/s and units/s²; the acceleration may be no use when the record was never set up. */
  async readDynamics(
    options: ControllerCallOptions,
  ): Promise<{ readonly velocity: number; readonly base: number; readonly acceleration: number }> {
    const { VELO, VBAS, ACCL } = await this.getAll(["VELO", "VBAS", "ACCL"], options);
    return { velocity: VELO, base: VBAS, acceleration: rampOf(VELO, VBAS) / ACCL };
  }

  /** By `SET`: where the motor stands becomes `position`. Returns where the record then says that it is. */
  async recount(position: number, options: ControllerCallOptions): Promise<number> {
    this.#isRecounting = true;
    try {
      await this.put("SET", 1, options);
      try {
        await this.put(this.fields.target, position, options);
      } finally {
        await this.#options.access.put(this.pv("SET"), 0); // also after an abort: else the next move would count anew
      }
      return await this.readPosition(options);
    } finally {
      this.#isRecounting = false;
    }
  }

  watch(listener: MotorListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Where the record is sent for a position: to its limit when that is beyond it by a rounding only. @throws AxisLimitError */
  allowed(position: number): number {
    const limits = this.limits;
    if (!limits) return position;
    const nearest = Math.min(Math.max(position, limits[0]), limits[1]);
    if (Math.abs(position - nearest) <= 1e-9 * Math.max(1, Math.abs(position))) return nearest;
    throw this.#limitError(position, limits);
  }

  /** @throws AxisMovingError, AxisDisabledError, or AxisFaultError when the record would not move */
  async assertFree(options: ControllerCallOptions): Promise<void> {
    const state = await this.readState(options);
    if (state.has("MOVING")) throw new AxisMovingError(this.name, "somebody else");
    const fault = state.description("FAULT");
    if (fault !== undefined) throw new AxisFaultError(this.name, `${this.name} cannot move: ${fault}`);
    const reason = state.description("DISABLED") ?? state.description("OFF");
    if (reason === undefined) return;
    const remedy = state.has("DISABLED") ? "change that on the record" : "power it with on() of the axis";
    throw new AxisDisabledError(this.name, `${this.name} cannot move: ${reason}: ${remedy}`);
  }

  /**
   * Writes what begins a motion, and resolves when the motion was seen to begin, or has ended at its target or on the switch before it:
   * `DMOV` at 1 is then no longer that of the rest before.
   *
   * @param target where it ends; infinite: at a switch in that direction, or when it is stopped
   * @throws AxisLimitError, AxisFaultError, or EpicsError when it does not begin; it is stopped then
   */
  async start(field: string, value: number, target: number, options: ControllerCallOptions): Promise<void> {
    const { signal } = options;
    const begun = deferred<void>();
    this.#restTime = this.#known.get("DMOV")?.time ?? Number.POSITIVE_INFINITY;
    let hasBegun = false;
    const onChange = (changed: string, now: number): void => {
      if (changed === "DMOV" && now === 0) {
        hasBegun = true;
        begun.resolve();
      }
      if (changed === "LVIO" && now === 1 && Number.isFinite(target) && this.limits) {
        begun.reject(this.#limitError(target, this.limits));
      }
    };
    begun.promise.catch(() => {});
    const from = this.#last(this.fields.readback) ?? Number.NaN;
    const asking = new AbortController();
    const asked = this.#askWhetherBegun(asking.signal).catch(() => {}); // what is wrong ends the start, too
    this.#changes.add(onChange);
    this.#starting += 1;
    this.#isFollowed = true;
    try {
      signal?.throwIfAborted();
      // records end their answer with the motion, so this end is not waited for
      const done = this.put(field, value, {}).then(async () => {
        if (!hasBegun) await this.#sawRest(begun.promise, { from, target }, options);
      });
      done.catch(() => {});
      const message =
        `${this.name} did not begin to move within ${beginTime} s of writing ${field}: ` +
        "its IOC does not answer, or another client has it busy";
      const late = (): Error => new AxisFaultError(this.name, message);
      await within(beginTime, Promise.race([begun.promise, done]), { clock: this.#options.clock, signal, late });
    } catch (error) {
      this.#isFollowed = false;
      await this.#options.access.put(this.pv("STOP"), 1).catch(() => {}); // what has failed is told
      throw error;
    } finally {
      this.#starting -= 1;
      this.#changes.delete(onChange);
      asking.abort();
      await asked;
    }
  }

  /** A server that has much to tell may let its monitors wait; it answers nevertheless. */
  async #askWhetherBegun(signal: AbortSignal): Promise<never> {
    for (;;) {
      await this.#options.clock.sleep(askTime, { signal });
      await this.get("DMOV", { signal });
    }
  }

  /** The record is done: it has moved, stands there already, or does not want to; simulated ones may be yet to begin. */
  async #sawRest(
    begun: Promise<void>,
    { from, target }: { readonly from: number; readonly target: number },
    options: ControllerCallOptions,
  ): Promise<void> {
    const { readback } = this.fields;
    const asked = ["DMOV", readback, "RDBD", "MRES", "HLS", "LLS"] as const;
    const { DMOV, RDBD, MRES, HLS, LLS, ...known } = await this.getAll(asked, options);
    if (DMOV === 0) return;
    const position = known[readback];
    const slack = Math.max(RDBD, Math.abs(MRES)) * 1.001;
    if (Math.abs(position - target) <= slack || Math.abs(position - from) > slack) return;
    const isForward = target > position === this.isUpright; // switches are of user coordinates
    if ((isForward ? HLS : LLS) === 1) return; // it can go no further
    const late = (): Error => this.#standsStill(target);
    await within(graceTime, begun, { clock: this.#options.clock, signal: options.signal, late });
  }

  #standsStill(target: number): Error {
    const isMove = Number.isFinite(target);
    if (isMove && this.limits && this.#last("LVIO") === 1) return this.#limitError(target, this.limits);
    const where = `${this.name} stands at ${this.#last(this.fields.readback)}`;
    const what = `and did not begin to move${isMove ? ` to ${target}` : ""}`;
    return new AxisFaultError(this.name, `${where} ${what}: ${this.#state(this.#known, false).toString()}`);
  }

  #limitError(position: number, limits: readonly [number, number]): AxisLimitError {
    const { low, high } = this.fields;
    return new AxisLimitError(this.name, position, limits, undefined, `by ${low} and ${high} of its record`);
  }

  #last(field: string): number | undefined {
    return this.#known.get(field)?.value;
  }

  #state(known: ReadonlyMap<string, Numeric> = this.#known, isStarting = this.#starting > 0): AxisState {
    const { severity = 0, status = 0 } = known.get(this.fields.readback) ?? {};
    const lastOf = (field: string): number | undefined => known.get(field)?.value;
    return axisStateOf({
      isMoving: isStarting || lastOf("DMOV") === 0,
      bits: lastOf("MSTA") ?? 0,
      onHigh: lastOf(this.isUpright ? "HLS" : "LLS") === 1,
      onLow: lastOf(this.isUpright ? "LLS" : "HLS") === 1,
      mode: lastOf("SPMG") ?? Number.NaN,
      severity,
      alarm: status,
    });
  }

  /** What a monitor tells. */
  #hear(field: string, reading: Numeric): void {
    if (!this.#learn(field, reading)) {
      // of a motion so short that the answer to a question told its end before this told its beginning
      if (field === "DMOV" && reading.value === 0 && reading.time > this.#restTime) this.#change(field, 0);
      return;
    }
    if (field === this.fields.readback && !this.#isRecounting) {
      for (const listener of this.#listeners) listener.position(reading.value);
    }
    // what is told would overtake the answers to those who follow the motion
    if (!this.#isFollowed) this.#tell(this.#state());
  }

  /** Monitors and answers overtake each other: what is older than what is known is not learnt. */
  #learn(field: string, reading: Numeric): boolean {
    const known = this.#known.get(field);
    const delay = known === undefined ? 0 : known.time - reading.time;
    if (delay > 0 && delay < overtaken) return false;
    this.#known.set(field, reading);
    if (known?.value !== reading.value) this.#change(field, reading.value);
    return true;
  }

  #change(field: string, value: number): void {
    for (const change of this.#changes) change(field, value);
  }

  #lose(field: string, reason: Error): void {
    if (field !== "DMOV") return; // once is enough
    this.#isFollowed = false;
    this.#tell(new AxisState([["FAULT", `its IOC does not answer: ${errorMessage(reason)}`]]));
  }

  #tell(state: AxisState): void {
    for (const listener of this.#listeners) listener.state(state);
  }
}

/** What the velocity changes by in the seconds of `ACCL`. */
export function rampOf(velocity: number, base: number): number {
  return velocity > base ? velocity - base : velocity;
}
