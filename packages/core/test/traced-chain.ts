import { VirtualClock } from "@beamtime/concurrency";
import {
  AcquisitionChain,
  AcquisitionChannel,
  type AcquisitionContext,
  AcquisitionMaster,
  type AcquisitionObjectOptions,
  AcquisitionSlave,
  ChainIterationPreset,
  ChainPreset,
  Scan,
  type ScanEvent,
  type ScanOptions,
  ScanPreset,
  ScanRecorder,
} from "../src/index.js";

/** What an object or preset does when it enters a phase, instead of going on at once. */
export type Fault = (signal: AbortSignal) => void | Promise<void>;

/** Writes down who entered which phase, and does there what the test wants. */
export class Probe {
  readonly clock = new VirtualClock();
  readonly trace: string[] = [];
  /** By `A.prepare`: what happens there, the first time. */
  readonly faults = new Map<string, Fault>();
  /** Called at each entry, with its index. */
  onEntry: (index: number) => void = () => {};
  /** Seconds that each phase lasts; none at all (synchronous) when undefined. */
  phaseTime: number | undefined;

  enter(name: string, phase: string, signal: AbortSignal): void | Promise<void> {
    const fault = this.note(name, phase);
    if (fault) return fault(signal);
    if (this.phaseTime !== undefined) return this.clock.sleep(this.phaseTime, { signal });
  }

  /** Enters what cannot wait; gives the fault that is to happen there. */
  note(name: string, phase: string): Fault | undefined {
    const entry = `${name}.${phase}`;
    this.trace.push(entry);
    this.onEntry(this.trace.length - 1);
    const fault = this.faults.get(entry);
    this.faults.delete(entry);
    return fault;
  }
}

export class TracedMaster extends AcquisitionMaster {
  readonly #probe: Probe;
  readonly #count: number | undefined;

  constructor(probe: Probe, name: string, count?: number, options: Partial<AcquisitionObjectOptions> = {}) {
    super({ name, ...options });
    this.#probe = probe;
    this.#count = count;
    if (count === undefined) Object.defineProperty(this, "iterations", { value: undefined });
    this.channels.push(new AcquisitionChannel(`${name}:position`, "float64"));
  }

  override *iterations(): Iterable<number> {
    for (let index = 0; index < (this.#count ?? 1); index++) {
      void this.#probe.note(this.name, `iter${index}`)?.(new AbortController().signal);
      yield index;
    }
  }
  override applyParameters({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "applyParameters", signal);
  }
  override waitReady({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "waitReady", signal);
  }
  prepare({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "prepare", signal);
  }
  start(context: AcquisitionContext): void | Promise<void> {
    const entered = this.#probe.enter(this.name, "start", context.signal);
    if (this.parent) return entered;
    return entered ? entered.then(() => this.trigger(context)) : this.trigger(context);
  }
  override async trigger(context: AcquisitionContext): Promise<void> {
    await this.#probe.enter(this.name, "trigger", context.signal);
    this.triggerSlaves(context);
    this.channels[0]?.emit(context.iteration);
    await this.waitSlaves(context);
  }
  stop({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "stop", signal);
  }
}

export class TracedSlave extends AcquisitionSlave {
  readonly #probe: Probe;

  constructor(probe: Probe, name: string, options: Partial<AcquisitionObjectOptions> = {}) {
    super({ name, ...options });
    this.#probe = probe;
    this.channels.push(new AcquisitionChannel(`${name}:value`, "float64"));
  }

  override applyParameters({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "applyParameters", signal);
  }
  override waitReady({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "waitReady", signal);
  }
  prepare({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "prepare", signal);
  }
  start({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "start", signal);
  }
  override trigger({ signal, iteration }: AcquisitionContext): void | Promise<void> {
    this.channels[0]?.emit(iteration * 10);
    return this.#probe.enter(this.name, "trigger", signal);
  }
  override async reading({ signal }: AcquisitionContext): Promise<void> {
    await this.#probe.enter(this.name, "reading", signal);
  }
  stop({ signal }: AcquisitionContext): void | Promise<void> {
    return this.#probe.enter(this.name, "stop", signal);
  }
}

class TracedChainPreset extends ChainPreset {
  readonly #probe: Probe;
  constructor(probe: Probe) {
    super();
    this.#probe = probe;
  }
  override prepare(_chain: AcquisitionChain, { signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter("preset", "prepare", signal);
  }
  override start(_chain: AcquisitionChain, { signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter("preset", "start", signal);
  }
  override beforeStop(_chain: AcquisitionChain, { signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter("preset", "beforeStop", signal);
  }
  override stop(_chain: AcquisitionChain, { signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter("preset", "stop", signal);
  }
  override *getIterator(): Iterable<ChainIterationPreset> {
    for (let index = 0; ; index++) yield new TracedIterationPreset(this.#probe, `it${index}`);
  }
}

class TracedIterationPreset extends ChainIterationPreset {
  readonly #probe: Probe;
  readonly #name: string;
  constructor(probe: Probe, name: string) {
    super();
    this.#probe = probe;
    this.#name = name;
  }
  override prepare({ signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter(this.#name, "prepare", signal);
  }
  override start({ signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter(this.#name, "start", signal);
  }
  override stop({ signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter(this.#name, "stop", signal);
  }
}

class TracedScanPreset extends ScanPreset {
  readonly #probe: Probe;
  constructor(probe: Probe) {
    super();
    this.#probe = probe;
  }
  override prepare(_scan: Scan, { signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter("scanPreset", "prepare", signal);
  }
  override start(_scan: Scan, { signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter("scanPreset", "start", signal);
  }
  override stop(_scan: Scan, { signal }: { signal: AbortSignal }): void | Promise<void> {
    return this.#probe.enter("scanPreset", "stop", signal);
  }
}

/** How a traced scan ended. */
export interface Outcome {
  readonly scan: Scan;
  readonly trace: readonly string[];
  readonly events: readonly ScanEvent[];
  /** What `run` threw. */
  readonly error: unknown;
  /** Virtual seconds that it lasted. */
  readonly seconds: number;
  readonly closed: number;
}

/** Runs a chain on the virtual clock of the probe, whatever comes of it. */
export async function runTraced(
  probe: Probe,
  chain: AcquisitionChain,
  {
    during,
    onEvent,
    ...options
  }: ScanOptions & {
    during?: (scan: Scan) => void;
    onEvent?: (event: ScanEvent, scan: Scan) => void;
  } = {},
): Promise<Outcome> {
  const recorder = new ScanRecorder();
  let closed = 0;
  const listener = {
    name: "listener",
    required: true,
    open: () => ({
      push: (event: ScanEvent) => onEvent?.(event, scan),
      flush: async () => {},
      close: async () => {
        closed++;
      },
    }),
  };
  const scan: Scan = new Scan(chain, { name: "traced", clock: probe.clock, ...options, sinks: [recorder, listener] });
  scan.addPreset(new TracedScanPreset(probe));
  during?.(scan);
  let error: unknown;
  await probe.clock.run(
    scan.run().then(
      () => {},
      (thrown: unknown) => {
        error = thrown;
      },
    ),
  );
  return { scan, trace: probe.trace, events: recorder.events, error, seconds: probe.clock.now(), closed };
}

/** The chain of the reference traces: motor (2 iterations) → timer (1) → A (prepared and started once), B. */
export function referenceChain(probe: Probe, { parallelPrepare = false } = {}): AcquisitionChain {
  const chain = new AcquisitionChain({ parallelPrepare });
  const motor = new TracedMaster(probe, "motor", 2);
  const timer = new TracedMaster(probe, "timer", 1);
  chain.add(motor, timer);
  chain.add(timer, new TracedSlave(probe, "A", { prepareOnce: true, startOnce: true }));
  chain.add(timer, new TracedSlave(probe, "B"));
  chain.addPreset(new TracedChainPreset(probe));
  return chain;
}
