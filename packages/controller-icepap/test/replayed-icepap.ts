import { type Clock, Disposer, systemClock } from "@beamtime/concurrency";
import { Axis } from "@beamtime/motion";
import { afterEach, beforeEach } from "vitest";
import { IcepapController, type IcepapOptions } from "../src/index.js";
import { IcepapReplayer } from "./icepap-replayer.js";

let disposer = new Disposer();

beforeEach(() => {
  disposer = new Disposer();
});

afterEach(() => disposer[Symbol.asyncDispose]());

/** What every axis is asked when it is used first: it has power, and gets 5000 steps/s, which it reaches in 0.05 s. */
export const greeting = (address: string): string => `
  → ?STATUS ${address}
  ← ?STATUS 0x00800203
  → ?VELOCITY ${address}
  ← ?VELOCITY 1000
  → ?ACCTIME ${address}
  ← ?ACCTIME 0.25
  → #ACCTIME ${address} 1.25
  ← ACCTIME OK
  → #VELOCITY ${address} 5000
  ← VELOCITY OK
  → #ACCTIME ${address} 1.25
  ← ACCTIME OK
  → #ACCTIME ${address} 0.05
  ← ACCTIME OK
  → ?FSTATUS ${address}
  ← ?FSTATUS 0x00800203
  → ?POS ${address}
  ← ?POS 0`;

/** A controller that talks to a replayer; both end with the test. */
export async function replayedIcepap(transcript: string, options: Partial<IcepapOptions> = {}) {
  const replayer = disposer.use(await IcepapReplayer.start(transcript));
  /** Stands still, so that the copy of the master is never new enough after a command, unless a test lets it pass. */
  const time = { now: 1000 };
  const clock: Clock = { ...systemClock, now: () => time.now };
  const icepap = disposer.use(new IcepapController({ host: replayer.host, name: "ice", clock, ...options }));
  const axis = (address: string): Axis =>
    new Axis({ name: `m${address}`, controller: icepap, address, stepsPerUnit: 100, velocity: 50, acceleration: 1000 });
  return { replayer, icepap, axis, time };
}
