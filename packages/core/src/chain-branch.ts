import type { AcquisitionChain } from "./acquisition-chain.js";
import type { AcquisitionContext } from "./acquisition-context.js";
import type { AcquisitionMaster } from "./acquisition-master.js";
import type { AcquisitionObject } from "./acquisition-object.js";
import { BranchPresets } from "./branch-presets.js";
import { ObjectRuntime } from "./object-runtime.js";
import type { RunScope } from "./run-scope.js";
import { together } from "./together.js";

/** Longest time, in seconds, that iterations may follow each other without letting the process do anything else. */
const longestTurn = 0.01;

/** What a branch needs of its scan. */
export interface BranchHost {
  /** Told once per object, when it has given its last point. */
  deviceEnd(object: AcquisitionObject): void;
  /** Resolves when there is room for more points; undefined when there is. */
  pressure(): Promise<void> | undefined;
  /** Whether the user wants the scan to end after the current iteration. */
  readonly isStopRequested: boolean;
  /** Resolves then. */
  readonly stopRequest: Promise<void>;
}

/** One top master with all below it, and its loop: next, prepare, start, until the iterations end. */
export class ChainBranch {
  readonly top: AcquisitionMaster;
  readonly #scope: RunScope;
  readonly #host: BranchHost;
  readonly #parallelPrepare: boolean;
  readonly #presets: BranchPresets;
  /** Depth first. */
  readonly #objects: ObjectRuntime[] = [];
  /** From the top master down. */
  readonly #levels: ObjectRuntime[][] = [];
  readonly #levelsUp: readonly ObjectRuntime[][];
  #context: AcquisitionContext;
  #turnStart: number;
  #hasNext = false;
  readonly #ended = new Set<ObjectRuntime>();

  constructor(chain: AcquisitionChain, top: AcquisitionMaster, scope: RunScope, host: BranchHost) {
    this.top = top;
    this.#scope = scope;
    this.#host = host;
    this.#parallelPrepare = chain.parallelPrepare;
    this.#presets = new BranchPresets(chain, chain.presetsOf(top), scope);
    this.#context = { signal: scope.signal, clock: scope.clock, iteration: 0 };
    this.#turnStart = scope.clock.now();
    this.#build(chain, top, 0);
    this.#levelsUp = [...this.#levels].reverse();
  }

  /** Takes the first value of every iterator, and waits until all objects are ready. */
  async begin(): Promise<void> {
    this.#hasNext = await this.#advance();
    if (this.#hasNext) await this.#ready();
  }

  /** All objects at once. */
  applyParameters(): void | Promise<void> {
    return together(this.#levelsUp.flat(), (object) => object.applyParameters(this.#context));
  }

  /** Brings the objects to the start of the coming iteration, slaves before masters. */
  async prepare(): Promise<void> {
    if (!this.#hasNext) return;
    const context = this.#context;
    const hooks = this.#presets.prepare(context.iteration === 0);
    if (hooks) await this.#checked(hooks);
    const prepare = (object: ObjectRuntime): void | Promise<void> => object.prepare(context);
    for (const objects of this.#parallelPrepare ? [this.#levelsUp.flat()] : this.#levelsUp) {
      const prepared = together(objects, prepare);
      if (prepared) await this.#checked(prepared);
    }
  }

  /** All iterations, the first of which is prepared; ends when every object has given its last point. */
  async run(): Promise<void> {
    while (this.#hasNext) {
      await this.#start();
      this.#hasNext = await this.#next();
      if (this.#hasNext) await this.prepare();
    }
    const ended = this.#waitEnd();
    ended.catch(() => {}); // who expected more points when the user stops the scan ends when it is stopped
    await Promise.race([this.#host.stopRequest, ended]);
    if (this.#host.isStopRequested) return;
    for (const object of this.#objects) this.#deviceEnd(object);
  }

  /** Stops what was prepared, masters before slaves. Collects failures, throws none. */
  async stop(): Promise<void> {
    const scope = this.#scope;
    const { interrupted } = scope;
    await scope.settle(
      attempt(() => this.#presets.beforeStop()),
      interrupted,
    );
    for (const objects of this.#levels) {
      const stopped = objects.map((object) => attempt(() => object.stop(this.#context)));
      await scope.settle(Promise.all(stopped), interrupted);
    }
    await Promise.all(this.#objects.map((object) => object.endReading()));
    await scope.settle(
      attempt(() => this.#presets.stop()),
      interrupted,
    );
    await Promise.all(this.#objects.map((object) => object.iterations.close()));
    for (const object of this.#objects) this.#deviceEnd(object);
  }

  /** Masters first: while one still gives points, its slaves may get triggers. */
  async #waitEnd(): Promise<void> {
    for (const objects of this.#levels) await Promise.all(objects.map((object) => object.waitEnd()));
  }

  async #start(): Promise<void> {
    const context = this.#context;
    const hooks = this.#presets.start(context.iteration === 0);
    if (hooks) await this.#checked(hooks);
    const start = (object: ObjectRuntime): void | Promise<void> => object.start(context);
    for (const objects of this.#levelsUp) {
      const started = together(objects, start);
      if (started) await this.#checked(started);
    }
  }

  /** Waits for the objects, then goes to the next iteration. False when there is none. */
  async #next(): Promise<boolean> {
    this.#context = { ...this.#context, iteration: this.#context.iteration + 1 };
    await this.#ready();
    if (this.#host.isStopRequested) return false;
    await this.#breathe();
    if (!(await this.#advance())) return false;
    const hooks = this.#presets.stopIteration();
    if (hooks) await this.#checked(hooks);
    return true;
  }

  async #ready(): Promise<void> {
    const context = this.#context;
    const waitReady = (object: ObjectRuntime): void | Promise<void> => object.waitReady(context);
    for (const objects of this.#levels) {
      const ready = together(objects, waitReady);
      if (ready) await this.#checked(ready);
    }
  }

  /** Lets sinks and the process catch up: a loop of synchronous objects must not starve them. */
  async #breathe(): Promise<void> {
    const { clock, signal } = this.#scope;
    const room = this.#host.pressure();
    if (room) await this.#checked(room);
    if (clock.now() - this.#turnStart > longestTurn) {
      await clock.sleep(0, { signal });
      this.#turnStart = clock.now();
    }
  }

  async #advance(): Promise<boolean> {
    for (const object of this.#objects) {
      const advanced = object.iterations.advance();
      const hasNext = typeof advanced === "boolean" ? advanced : await advanced;
      this.#scope.check();
      if (!hasNext) return false;
    }
    return true;
  }

  async #checked(work: Promise<void>): Promise<void> {
    await work;
    this.#scope.check();
  }

  #deviceEnd(object: ObjectRuntime): void {
    if (this.#ended.has(object)) return;
    this.#ended.add(object);
    this.#host.deviceEnd(object.object);
  }

  #build(chain: AcquisitionChain, object: AcquisitionObject, depth: number): ObjectRuntime {
    const place = this.#objects.length;
    const slaves = chain.slavesOf(object).map((slave) => this.#build(chain, slave, depth + 1));
    const runtime = new ObjectRuntime(object, slaves, this.#scope);
    this.#objects.splice(place, 0, runtime);
    const level = this.#levels[depth] ?? [];
    this.#levels[depth] = level;
    level.push(runtime);
    return runtime;
  }
}

/** Failures have been collected: the clean-up goes on. */
async function attempt(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch {}
}
