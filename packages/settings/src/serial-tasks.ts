/** Runs tasks one after another, in the order in which they came. */
export class SerialTasks {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves or rejects as the task does, which begins when all earlier ones have ended, well or not. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {}); // told to whoever gave the task
    return result;
  }
}
