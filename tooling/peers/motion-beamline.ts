import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Disposer } from "@beamtime/concurrency";
import type { Counter, CounterSource } from "@beamtime/counters";
import type { Axis, Encoder } from "@beamtime/motion";
import { openSession, type Session, startBeacon } from "@beamtime/session";
import { expect, vi } from "vitest";
import { type BlissSession, openBlissSession } from "./bliss-session.js";

/** The session of `motion_config`. */
export const motionSession = "motion_session";

/** What the configuration says that it has. */
export interface MotionNames {
  readonly s1f: Axis;
  readonly s1b: Axis;
  readonly s1hg: Axis;
  readonly s1ho: Axis;
  readonly rot: Axis;
  readonly measured: Axis;
  readonly enc: Encoder;
  readonly fly: Axis;
  readonly switched: Axis;
  readonly roby: Axis;
  readonly robz: Axis;
  readonly m0: Axis;
  readonly diode2: Counter;
  readonly simu1: CounterSource;
}

export type MotionSession = Session & { readonly env: MotionNames };

/** Axes that both systems have at the same time, on one Beacon server of ours. */
export interface MotionBeamline extends AsyncDisposable {
  ours: MotionSession;
  theirs: BlissSession;
  readonly address: string;
  /** Ends our session and begins it anew, with something done meanwhile. */
  restartOurs(meanwhile?: () => Promise<unknown>): Promise<void>;
  restartTheirs(meanwhile?: () => Promise<unknown>): Promise<void>;
  /** Waits until a Python expression has a value there; numbers to five digits. */
  seenThere(expression: string, value: unknown): Promise<void>;
}

/** A folder with `beacon_config` and `motion_config` together; to be removed by the caller. */
export async function motionConfig(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "beamtime-motion-"));
  for (const part of ["beacon_config", "motion_config"]) {
    await cp(fileURLToPath(new URL(part, import.meta.url)), folder, { recursive: true });
  }
  return folder;
}

/** Opens our session; its scans are saved in the folder. */
export async function openMotionSession(beacon: string, folder: string): Promise<MotionSession> {
  const session = await openSession({ name: motionSession, beacon });
  session.scanSaving.setParameter("base_path", join(folder, "data"));
  return session as MotionSession; // what the configuration says
}

/** Starts a server of ours and both sessions on it. */
export async function openMotionBeamline(): Promise<MotionBeamline> {
  await using started = new Disposer();
  const folder = await motionConfig();
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const { address } = started.use(await startBeacon({ directory: folder }));
  const theirs = await openBlissSession(motionSession, address);
  started.defer(() => beamline?.theirs[Symbol.asyncDispose]());
  const beamline: MotionBeamline = {
    address,
    theirs,
    ours: await openMotionSession(address, folder),
    async restartOurs(meanwhile) {
      await beamline.ours[Symbol.asyncDispose]();
      await meanwhile?.();
      beamline.ours = await openMotionSession(address, folder);
    },
    async restartTheirs(meanwhile) {
      await beamline.theirs[Symbol.asyncDispose]();
      await meanwhile?.();
      beamline.theirs = await openBlissSession(motionSession, address);
    },
    seenThere: (expression, value) =>
      eventually(async () => expect(rounded(await beamline.theirs.run(expression))).toEqual(rounded(value))),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
  started.defer(() => beamline.ours[Symbol.asyncDispose]());
  const owned = started.move();
  return beamline;
}

/** Waits until a check passes; long, as both systems and their servers may share few processors. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, 30_000);
}

/** Positions of both sides differ by roundings, and JSON has no infinity. */
export function rounded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rounded);
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return typeof value === "number" ? Math.round(value * 1e5) / 1e5 + 0 : value;
}
