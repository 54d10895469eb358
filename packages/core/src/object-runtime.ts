import { abortable } from "@beamtime/concurrency";
import type { AcquisitionContext } from "./acquisition-context.js";
import { AcquisitionError } from "./acquisition-error.js";
import type { AcquisitionObject } from "./acquisition-object.js";
import { linksOf } from "./channel-link.js";
import { lastPoints, pointsOf } from "./last-points.js";
import { ObjectIterations } from "./object-iterations.js";
import type { RunScope } from "./run-scope.js";
import { StopScan } from "./stop-scan.js";
import { together } from "./together.js";

type Phase = "applyParameters" | "prepare" | "start" | "trigger" | "waitReady" | "stop";

const runtimes = new WeakMap<AcquisitionObject, ObjectRuntime>();

/** The engine's side of an object. @throws AcquisitionError when the object is in no running scan */
export function runtimeOf(object: AcquisitionObject): ObjectRuntime {
  const runtime = runtimes.get(object);
  if (!runtime) {
    throw new AcquisitionError(object.name, `${object.name} is in no running scan: it can trigger slaves only in one`);
  }
  return runtime;
}

/**
 * What the engine keeps of one acquisition object while its scan runs: its tasks, its iterations, what it was asked.
 *
 * Its methods are the phases with the engine's rules around them. They return nothing when the object's method does,
 * so that a point of synchronous objects costs no promise; a failure has been told to the scope before it is thrown.
 */
export class ObjectRuntime {
  readonly object: AcquisitionObject;
  readonly slaves: readonly ObjectRuntime[];
  readonly iterations: ObjectIterations;
  readonly #scope: RunScope;
  readonly #release = new AbortController();
  readonly #disconnects: (() => void)[] = [];
  #prepareEntered = false;
  #stopEntered = false;
  #stopping = false;
  #preparing: Promise<void> | undefined;
  #triggering: Promise<void> | undefined;
  #triggerFailure: { readonly error: unknown } | undefined;
  #reading: Promise<void> | undefined;
  /** Points that there were when it began. */
  #pointsBefore = 0;
  #onReadingEnd: (() => void) | undefined;

  constructor(object: AcquisitionObject, slaves: readonly ObjectRuntime[], scope: RunScope) {
    this.object = object;
    this.slaves = slaves;
    this.#scope = scope;
    this.iterations = new ObjectIterations(object, scope, () => (this.#reading ? this.#readingEnded() : undefined));
    runtimes.set(object, this);
    scope.forced.addEventListener("abort", () => this.#release.abort(scope.forced.reason), { once: true });
  }

  applyParameters(context: AcquisitionContext): void | Promise<void> {
    return this.#call("applyParameters", context);
  }

  prepare(context: AcquisitionContext): void | Promise<void> {
    const { object } = this;
    if (context.iteration > 0 && object.prepareOnce) return;
    if (this.#reading && context.iteration > 0 && !object.startOnce) {
      throw this.#scope.fail(
        new AcquisitionError(object.name, `${object.name}: last reading task is not finished`),
        object.name,
      );
    }
    if (!this.#prepareEntered) {
      this.#prepareEntered = true;
      try {
        for (const link of linksOf(object)) this.#disconnects.push(link.connect());
      } catch (error) {
        throw this.#scope.fail(error, object.name);
      }
    }
    const prepared = this.#call("prepare", context);
    this.#preparing = prepared ?? undefined;
    return prepared;
  }

  start(context: AcquisitionContext): void | Promise<void> {
    if (context.iteration > 0 && this.object.startOnce) return;
    const started = this.#call("start", context);
    if (!started) {
      this.#read(context);
      return;
    }
    return started.then(() => this.#read(context));
  }

  /** See `AcquisitionMaster.triggerSlaves`. */
  triggerSlaves(context: AcquisitionContext): void {
    const { name } = this.object;
    const late: string[] = [];
    for (const slave of this.slaves) {
      if (slave.object.triggerType !== "software") continue;
      if (slave.#triggerFailure) throw slave.#triggerFailure.error;
      if (slave.#triggering || !slave.object.triggerReady()) late.push(slave.object.name);
    }
    if (late.length > 0) {
      throw new AcquisitionError(
        name,
        `${name}: Aborted due to bad triggering on slaves: [${late.join(", ")}]. They were not ready for the next trigger: ` +
          "trigger more slowly, or use a shorter count time",
      );
    }
    for (const slave of this.slaves) {
      if (slave.object.triggerType === "software") slave.#trigger(context);
    }
  }

  /** See `AcquisitionMaster.waitSlaves`. */
  waitSlaves(): Promise<void> {
    return together(this.slaves, triggered) ?? resolved;
  }

  /** See `AcquisitionMaster.waitSlavesReady`. */
  async waitSlavesReady(context: AcquisitionContext): Promise<void> {
    await together(this.slaves, async (slave) => {
      await slave.waitReady(context);
      await slave.waitSlavesReady(context);
    });
  }

  /** See `AcquisitionMaster.waitSlavesPrepare`. */
  async waitSlavesPrepare(): Promise<void> {
    for (const slave of this.slaves) await slave.#preparing;
  }

  /** Ready is who says so, or whose reading has ended: whichever comes first. */
  waitReady(context: AcquisitionContext): void | Promise<void> {
    const ready = this.#call("waitReady", context);
    if (!ready || !this.#reading) return ready;
    return new Promise((resolve, reject) => {
      this.#onReadingEnd = resolve;
      ready.then(resolve, reject);
    });
  }

  /** Waits until the object has given its last point: its reading has ended, and its trigger. */
  async waitEnd(): Promise<void> {
    await this.#readingEnded();
    await this.triggering;
  }

  /** Stops an object that was asked to prepare; once. Its reading is released at once unless the end is orderly. */
  stop(context: AcquisitionContext): void | Promise<void> {
    if (!this.#prepareEntered || this.#stopEntered) return;
    this.#stopEntered = true;
    for (const disconnect of this.#disconnects.splice(0)) disconnect();
    const release = (): void => {
      this.#stopping = false;
      if (this.#scope.interrupted.aborted) this.#release.abort(this.#scope.interrupted.reason);
    };
    this.#stopping = true;
    try {
      const stopped = this.#call("stop", { ...context, signal: this.#release.signal });
      if (!stopped) release();
      return stopped?.finally(release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** After `stop`: waits for the reading, releases it after its grace, and abandons it after another. */
  async endReading(): Promise<void> {
    const { abortGrace } = this.object;
    if (this.#stopping) this.#release.abort(this.#scope.interrupted.reason);
    if (this.#reading && !this.#release.signal.aborted) {
      const ended = this.#reading.then(noop, noop);
      if (!(await this.#scope.within(ended, abortGrace))) {
        this.#release.abort(this.#scope.signal.aborted ? this.#scope.signal.reason : new StopScan());
      }
    }
    if (!this.#reading) return;
    const reading = this.#scope.track(this.object, "reading", this.#reading);
    await this.#scope.settle(reading, this.#release.signal);
  }

  #call(phase: Phase, context: AcquisitionContext): void | Promise<void> {
    let result: void | Promise<void>;
    try {
      result = this.object[phase]?.(context);
    } catch (error) {
      throw this.#scope.fail(error, this.object.name);
    }
    if (isPromise(result)) return this.#scope.track(this.object, phase, result);
  }

  /** The trigger going on. @throws the failure of the last one */
  get triggering(): Promise<void> | undefined {
    if (this.#triggerFailure) throw this.#triggerFailure.error;
    return this.#triggering;
  }

  /** Runs one trigger; its failure is kept for the master. */
  #trigger(context: AcquisitionContext): void {
    let running: void | Promise<void>;
    try {
      running = this.#call("trigger", context);
      this.#read(context);
    } catch (error) {
      this.#triggerFailure = { error };
      throw error;
    }
    if (!running) return;
    const triggering = running.then(
      () => {
        this.#triggering = undefined;
      },
      (error: unknown) => {
        this.#triggering = undefined;
        this.#triggerFailure = { error };
        throw error;
      },
    );
    triggering.catch(noop); // the master may never ask
    this.#triggering = triggering;
  }

  /** Starts the reading unless one is going on. */
  #read(context: AcquisitionContext): void {
    const { object } = this;
    if (!object.reading || this.#reading || this.#scope.signal.aborted) return;
    let running: Promise<void>;
    this.#pointsBefore = pointsOf(object);
    try {
      running = object.reading({ ...context, signal: this.#release.signal });
    } catch (error) {
      throw this.#scope.fail(error, object.name);
    }
    const end = (): void => {
      this.#reading = undefined;
      this.#onReadingEnd?.();
      this.#onReadingEnd = undefined;
    };
    this.#reading = running.then(end, (error: unknown) => {
      this.#scope.fail(error, object.name);
      end();
    });
  }

  /** Waits for a reading that gets no more triggers. */
  #readingEnded(): Promise<void> {
    if (!this.#reading) return resolved;
    const scope = this.#scope;
    return abortable(lastPoints(this.object, this.#reading, { first: this.#pointsBefore, scope }), scope.signal);
  }
}

function isPromise(value: unknown): value is Promise<void> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

const resolved = Promise.resolve();
const noop = (): void => {};
const triggered = (runtime: ObjectRuntime): Promise<void> | undefined => runtime.triggering;
