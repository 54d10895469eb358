import { deferred } from "@beamtime/concurrency";
import { ScanAbort } from "@beamtime/core";
import { type Axis, AxisStoppedError } from "@beamtime/motion";
import type { Session } from "@beamtime/session";
import { placeOf } from "./axis-tables.js";

/** How a command ended. */
export type Outcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: unknown }
  /** The user interrupted it; `message` says what was stopped, and where it stands. It may have a value all the same. */
  | { readonly kind: "interrupted"; readonly message: string; readonly value?: unknown };

/** What of a session an interruption needs. */
type InterruptibleSession = Pick<Session, "running" | "axes" | "abort">;

/** What Ctrl-C has stopped. */
interface Interruption {
  /** Full names of the scans. */
  readonly scans: readonly string[];
  /** Those that moved. */
  readonly axes: readonly Axis[];
}

interface Running {
  readonly giveUp: (message: string) => void;
  interruption: Interruption | undefined;
}

/**
 * One command at a time, and what Ctrl-C does to it: the first time scans and moves are aborted, and the command is waited
 * for until its devices are stopped; the second time, or when nothing of the session runs, it is left alone.
 */
export class Interruptible {
  readonly #session: InterruptibleSession;
  readonly #leaving: string;
  #running: Running | undefined;

  /** @param leaving how the user gets out when devices do not stop: `Ctrl-D ends the session` */
  constructor(session: InterruptibleSession, leaving: string) {
    this.#session = session;
    this.#leaving = leaving;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The axes that this process moves. */
  get moving(): readonly Axis[] {
    return this.#session.axes.filter((axis) => axis.isMovedHere);
  }

  /** Never rejects. The signal given to `command` aborts when nobody waits for it any longer. */
  async run(command: (signal: AbortSignal) => Promise<unknown>): Promise<Outcome> {
    const abandoned = new AbortController();
    const left = deferred<Outcome>();
    const running: Running = {
      interruption: undefined,
      giveUp: (message) => {
        abandoned.abort(new ScanAbort("the command was interrupted"));
        left.resolve({ kind: "interrupted", message });
      },
    };
    this.#running = running;
    const outcome = await Promise.race([outcomeOf(command(abandoned.signal), running), left.promise]);
    this.#running = undefined;
    return outcome;
  }

  /** Ctrl-C. Returns whether there was a command to interrupt. */
  interrupt(): boolean {
    const running = this.#running;
    if (!running) return false;
    const isFirst = running.interruption === undefined;
    running.interruption ??= {
      scans: Array.from(this.#session.running, (scan) => scan.fullName),
      axes: this.moving,
    };
    const { scans, axes } = running.interruption;
    this.#session.abort(new ScanAbort("interrupted by the user"));
    if (scans.length === 0 && axes.length === 0) running.giveUp("interrupted");
    else if (!isFirst) running.giveUp(abortText(running.interruption, this.#leaving));
    return true;
  }
}

/** Of an interrupted command, once its axes stand. */
async function outcomeOf(ended: Promise<unknown>, running: Running): Promise<Outcome> {
  const outcome = await ended.then(
    (value): Outcome => ({ kind: "value", value }),
    (error: unknown): Outcome => ({ kind: "error", error }),
  );
  const { interruption } = running;
  if (!interruption) return outcome;
  if (outcome.kind === "error" && !isInterruption(outcome.error)) return outcome;
  // not all of them belong to what has ended
  await Promise.allSettled(interruption.axes.map((axis) => axis.waitMove()));
  const message = abortText(interruption);
  return outcome.kind === "value"
    ? { kind: "interrupted", message, value: outcome.value }
    : { kind: "interrupted", message };
}

function isInterruption(error: unknown): boolean {
  return error instanceof ScanAbort || error instanceof AxisStoppedError;
}

/** `Aborted: roby stopped at 3.2100 mm`; `Scan ascan_12 aborted: roby stopped at 1.0000 mm` */
function abortText({ scans, axes }: Interruption, leaving?: string): string {
  const what = scans.length === 0 ? "Aborted" : `Scan${scans.length > 1 ? "s" : ""} ${scans.join(", ")} aborted`;
  const places = axes.map((axis) =>
    axis.state.has("MOVING")
      ? `${axis.name} still moves, last seen at ${placeOf(axis)}`
      : `${axis.name} stopped at ${placeOf(axis)}`,
  );
  const text = `${what}${leaving === undefined ? "" : ", not waited for"}${places.length > 0 ? `: ${places.join(", ")}` : ""}`;
  return leaving === undefined ? text : `${text}; ${leaving}`;
}
