import type { SimulatedMotorController } from "@beamtime/controller-simulation";
import type { Scan } from "@beamtime/core";
import type { Axis } from "@beamtime/motion";
import type { RedisServer } from "@beamtime/redis/server";
import type { Session } from "@beamtime/session";
import type { FaultyCounters } from "./faulty-devices.js";

/** Uniform from 0 to 1, 1 excluded. */
export type Random = () => number;

/** The same numbers in every run with the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Beamline {
  readonly session: Session;
  readonly server: RedisServer;
  readonly motors: SimulatedMotorController;
  readonly axes: readonly [Axis, Axis];
  readonly counters: FaultyCounters;
}

/** Makes a fault happen now or soon; returns what calls it off. */
type Injection = (beamline: Beamline, random: Random) => () => void;

const nothing = (): void => {};

function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}

const faults = {
  none: () => nothing,
  "motor does not start": ({ motors }) => {
    motors.failNext("startMove", new Error("no power"));
    return nothing;
  },
  "motor cannot be read": ({ motors }) => {
    motors.failNext("readPosition", new Error("no answer"));
    return nothing;
  },
  "motor breaks down": ({ motors, axes }, random) =>
    after(10 * random(), () => motors.breakDown(axes[0].name, "too hot")),
  "counter throws": ({ counters }, random) => {
    counters.failAfter(pick(random, 8), "throws");
    return nothing;
  },
  "counter hangs, user aborts": ({ counters, session }, random) => {
    counters.failAfter(pick(random, 8), "hangs");
    return after(50 * random(), () => session.abort());
  },
  "user aborts": ({ session }, random) => after(30 * random(), () => session.abort()),
  "Redis is frozen for a moment": ({ server }, random) => {
    server.pause();
    const forget = after(100 * random(), () => server.resume());
    return () => {
      forget();
      server.resume();
    };
  },
} satisfies Record<string, Injection>;

type Fault = keyof typeof faults;

export interface RandomScan {
  readonly fault: Fault;
  /** The scan, not yet run. */
  readonly scan: Scan;
  /** Lets the fault happen now or soon. Returns what calls it off. */
  readonly inject: () => () => void;
}

/** A scan of a random kind, with a random fault. */
export async function randomScan(beamline: Beamline, random: Random): Promise<RandomScan> {
  const { axes, counters, session } = beamline;
  const { ct, ascan, dscan, a2scan, amesh, loopscan, contScan, contMesh } = session.commands;
  const [x, y] = axes;
  const { all } = counters;
  const options = { run: false, save: random() < 0.8 };
  const kinds = [
    () => ct(0.002, ...all, options),
    () => ascan(x, 0, 5, 1 + pick(random, 8), 0.001, ...all, options),
    () => dscan(x, -1, 1, 1 + pick(random, 5), 0, ...all, options),
    () => a2scan(x, 0, 2, y, 1, 3, 1 + pick(random, 5), 0.001, ...all, options),
    () => amesh(x, 0, 1, 1 + pick(random, 3), y, 0, 1, 1 + pick(random, 3), 0, ...all, options),
    () => contScan(x, 0, 2, 2 + pick(random, 4), 0.1 + 0.1 * random(), ...all, options),
    () => contMesh(x, 0, 2, 2 + pick(random, 3), y, 0, 1, 1 + pick(random, 3), 0.1, ...all, options),
    () => loopscan(1 + pick(random, 20), 0.001, ...all, options),
  ];
  const kind = kinds[pick(random, kinds.length)] ?? kinds[0];
  const names = Object.keys(faults) as Fault[]; // its keys are its own
  const fault = names[pick(random, names.length)] ?? "none";
  if (!kind) throw new Error("there are kinds of scans");
  const scan = await kind();
  return { fault, scan, inject: () => faults[fault](beamline, random) };
}

/** A whole number below `count`. */
function pick(random: Random, count: number): number {
  return Math.floor(random() * count);
}
