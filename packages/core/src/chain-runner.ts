import type { AcquisitionChain } from "./acquisition-chain.js";
import { type BranchHost, ChainBranch } from "./chain-branch.js";
import type { RunScope } from "./run-scope.js";
import { together } from "./together.js";

/**
 * Runs all branches of a chain, phase by phase: no branch enters a phase before all have left the one before, except
 * in `run`, where each has its own pace.
 *
 * A phase ends when its work has, or, once the scope has ended, when the grace of those still busy is over.
 */
export class ChainRunner {
  readonly #scope: RunScope;
  readonly #branches: readonly ChainBranch[];
  #prepareEntered = false;

  constructor(chain: AcquisitionChain, scope: RunScope, host: BranchHost) {
    this.#scope = scope;
    this.#branches = chain.topMasters.map((top) => new ChainBranch(chain, top, scope, host));
  }

  /** Whether any device may have been touched by a `prepare`. */
  get prepareEntered(): boolean {
    return this.#prepareEntered;
  }

  /** Takes the first iteration of every branch and writes the parameters of all devices. */
  async begin(): Promise<void> {
    await this.#phase((branch) => branch.begin());
    await this.#phase((branch) => branch.applyParameters());
  }

  async prepare(): Promise<void> {
    this.#prepareEntered = true;
    await this.#phase((branch) => branch.prepare());
  }

  /** Takes the data; ends when all branches have ended, or one whose end is that of the scan. */
  async run(): Promise<void> {
    let running = this.#branches.length;
    await this.#phase(async (branch) => {
      await branch.run();
      running--;
      if (branch.top.terminator && running > 0) this.#scope.stop();
    });
  }

  /** Stops every device that was asked to prepare. Failures are collected, none is thrown. */
  async stop(): Promise<void> {
    await Promise.all(this.#branches.map((branch) => branch.stop()));
  }

  async #phase(work: (branch: ChainBranch) => void | Promise<void>): Promise<void> {
    const scope = this.#scope;
    scope.check();
    const collected = async (branch: ChainBranch): Promise<void> => {
      try {
        await work(branch);
      } catch (error) {
        scope.fail(error, branch.top.name);
      }
    };
    await scope.settle(together(this.#branches, collected) ?? undefined, scope.signal);
    scope.check();
  }
}
