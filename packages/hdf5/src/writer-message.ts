import type { ScanEvent } from "@beamtime/core";
import type { UnfinishedScan } from "./finish-scan.js";

/** What the worker is asked. Each message is answered by one {@link WorkerReply} with its id, in order. */
export type WorkerRequest =
  | { readonly type: "events"; readonly scan: number; readonly events: readonly ScanEvent[] }
  | { readonly type: "flush"; readonly scan: number }
  | { readonly type: "close"; readonly scan: number }
  | { readonly type: "closeAll" }
  | { readonly type: "lastScanNumber"; readonly filename: string }
  | { readonly type: "tree"; readonly filename: string }
  | ({ readonly type: "finish" } & UnfinishedScan);

export type WorkerMessage = WorkerRequest & { readonly id: number };

/** A failure on its way between threads, where classes are lost. */
export interface Failure {
  readonly filename: string;
  readonly reason: string;
  readonly cause: unknown;
}

/** What the worker says. */
export type WorkerReply =
  | { readonly type: "done"; readonly id: number; readonly value?: unknown }
  | { readonly type: "refused"; readonly id: number; readonly failure: Failure }
  /** A scan cannot go on; `isBroken` when HDF5 itself failed, which then had better not be used any longer. */
  | { readonly type: "failed"; readonly scan: number; readonly failure: Failure; readonly isBroken: boolean }
  | { readonly type: "warning"; readonly scan: number; readonly message: string }
  /** The worker holds, or has given back, the lock of a file. */
  | { readonly type: "lock"; readonly filename: string; readonly isTaken: boolean };

/** What a worker is started with. */
export interface WorkerSettings {
  /** The process, for the locks of its files. */
  readonly pid: number;
  readonly host: string;
  readonly started: number;
  /** Seconds between two flushes. */
  readonly flushInterval: number;
  readonly fsync: boolean;
  /** Scans end before their disk has less room than this. */
  readonly minFreeBytes: number;
}
