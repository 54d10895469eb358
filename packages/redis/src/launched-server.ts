import { systemClock } from "@beamtime/concurrency";

/** What a server says when it is ready; the case of the first letter depends on its version. */
export const readyWords = "eady to accept connections";

/** Seconds in which a server that was told to end saves what it has. */
const patience = 10;

/** A server process, whoever its parent is. */
export class LaunchedServer {
  readonly pid: number;
  /** Resolves when it has ended, in whatever way. */
  readonly ended: Promise<void>;
  /** Its last lines of output since it was ready, in one. */
  readonly lastWords: () => Promise<string>;
  #running = true;

  constructor(pid: number, ended: Promise<unknown>, lastWords: () => Promise<string>) {
    this.pid = pid;
    this.lastWords = lastWords;
    this.ended = ended.then(() => {
      this.#running = false;
    });
  }

  /** Nothing when it has ended: its id may be another's by then. */
  signal(signal: NodeJS.Signals): void {
    if (this.#running) process.kill(this.pid, signal);
  }

  /** Ends it in order: a settings server saves first. One that refuses (it cannot save) is killed after {@link patience}. */
  async stop(): Promise<void> {
    this.signal("SIGCONT");
    this.signal("SIGTERM");
    const timer = new AbortController();
    const late = systemClock.sleep(patience, { signal: timer.signal }).then(
      () => this.signal("SIGKILL"),
      () => {},
    );
    await Promise.race([this.ended, late]);
    timer.abort();
    await this.ended;
  }
}
