import { deferred } from "@beamtime/concurrency";
import { ScanAbort } from "@beamtime/core";
import type { Session } from "@beamtime/session";

/** How a command ended. */
export type Outcome =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly error: unknown }
  /** The user interrupted it; `message` says what was stopped. */
  | { readonly kind: "interrupted"; readonly message: string };

/** What of a session an interruption needs. */
type InterruptibleSession = Pick<Session, "running" | "axes" | "abort">;

/**
 * One command at a time, and what Ctrl-C does to it: the first time scans and moves are aborted, and the command is waited
 * for until its devices are stopped; the second time, or when nothing of the session runs, it is left alone.
 */
export class Interruptible {
  readonly #session: InterruptibleSession;
  #running: { readonly giveUp: () => void; message: string | undefined } | undefined;

  constructor(session: InterruptibleSession) {
    this.#session = session;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Never rejects. The signal given to `command` aborts when nobody waits for it any longer. */
  async run(command: (signal: AbortSignal) => Promise<unknown>): Promise<Outcome> {
    const abandoned = new AbortController();
    const left = deferred<Outcome>();
    const running = {
      message: undefined as string | undefined, // set by `interrupt`
      giveUp: () => {
        abandoned.abort(new ScanAbort("the command was interrupted"));
        left.resolve({ kind: "interrupted", message: running.message ?? "interrupted" });
      },
    };
    this.#running = running;
    const ended = command(abandoned.signal).then(
      (value): Outcome => ({ kind: "value", value }),
      (error: unknown): Outcome =>
        running.message !== undefined && error instanceof ScanAbort
          ? { kind: "interrupted", message: running.message }
          : { kind: "error", error },
    );
    const outcome = await Promise.race([ended, left.promise]);
    this.#running = undefined;
    return outcome;
  }

  /** Ctrl-C. Returns whether there was a command to interrupt. */
  interrupt(): boolean {
    const running = this.#running;
    if (!running) return false;
    const scans = [...this.#session.running];
    const isMoving = this.#session.axes.some((axis) => axis.isMovedHere);
    if (running.message !== undefined || (scans.length === 0 && !isMoving)) {
      running.message ??= "interrupted";
      this.#session.abort(new ScanAbort("interrupted by the user"));
      running.giveUp();
      return true;
    }
    const names = scans.map((scan) => scan.fullName).join(", ");
    running.message = scans.length === 0 ? "move aborted" : `Scan${scans.length > 1 ? "s" : ""} ${names} aborted`;
    this.#session.abort(new ScanAbort("interrupted by the user"));
    return true;
  }
}
