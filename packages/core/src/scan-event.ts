import type { ArrayData, DType } from "@beamtime/protocol";
import type { ScanInfo } from "./scan-info.js";
import type { ScanState } from "./scan-state.js";

/** Version of the events below; a recording carries it, a replay of another version is refused. */
export const scanEventVersion = 1;

/** Who a scan is and where its data goes. */
export interface ScanIdentity {
  readonly name: string;
  /** Number among the saved scans of its parent; an unsaved scan has a number of its own series. */
  readonly number: number;
  readonly saved: boolean;
  /** `12_ascan`; `_3_ct` when not saved. */
  readonly nodeName: string;
  /** Node names from the session down to the parent of the scan, e.g. `["demo_session", "tmp", "scans"]`. */
  readonly parentPath: readonly string[];
  readonly session: string;
  /** Absolute path of the data file; empty when not saved. */
  readonly filename: string;
}

/** One acquisition object of the chain. */
export interface DeviceDescription {
  /** `<unique>:<name>`: names may repeat, ids do not. */
  readonly id: string;
  readonly name: string;
  /** Id of the master that triggers it; null for a top master. */
  readonly parent: string | null;
  /** 1 for a top master. */
  readonly depth: number;
  /** Full names of its channels, in order. */
  readonly channels: readonly string[];
  /** What the device tells of itself (`{type: "mca"}`), if anything. */
  readonly metadata?: ScanInfo;
}

/** One channel of a device. */
export interface ChannelDescription {
  /** `axis:roby`; unique in the scan. */
  readonly fullname: string;
  /** `roby`: last part of the full name, or the alias. */
  readonly shortName: string;
  /** Id of the device that emits it. */
  readonly device: string;
  readonly dtype: DType;
  /** Shape of one point: `[]` for a scalar. */
  readonly shape: readonly number[];
  readonly unit: string | null;
  /** The values are references (texts) to data kept elsewhere. */
  readonly reference: boolean;
  readonly nodeType: "channel" | "lima" | "node_ref_channel";
  /** What kind of device the values come from, for files: a sampling counter in mode STATS has `signal`, `N`, `std`, … */
  readonly nexus?: NexusRole;
}

/** Place of a channel among the datasets of its device. */
export interface NexusRole {
  /** `samplingcounter`, `integratingcounter`, `mca`, … */
  readonly deviceType: string;
  /** Full name of the counter that owns the channel: the channels of one counter share a group. */
  readonly owner: string;
  /** Dataset name in that group: `signal`, `N`, `std`, … */
  readonly dataset: string;
  /** Small texts kept beside the data: `{ mode: "MEAN" }`. */
  readonly info?: { readonly [key: string]: string };
}

/** Values of one channel, one or more points. The data belongs to the event: nobody changes it afterwards. */
export interface ScanDataEvent {
  readonly type: "data";
  /** Index of the channel in the `channels` of the {@link ScanDevicesEvent}. */
  readonly channel: number;
  /** Index of the first point, from 0 at the start of the scan. */
  readonly first: number;
  readonly npoints: number;
  /** Shape of one point; differs from the channel's only where points vary in length. */
  readonly pointShape: readonly number[];
  /** `npoints` × the size of `pointShape` elements, row-major. */
  readonly data: ArrayData;
}

/** The first event: the scan has its number; nothing has moved. */
export interface ScanCreatedEvent {
  readonly type: "created";
  readonly version: typeof scanEventVersion;
  /** Wall time, seconds since 1970. */
  readonly time: number;
  readonly identity: ScanIdentity;
  /** Complete but for what only the devices know. */
  readonly info: ScanInfo;
}

export interface ScanStateEvent {
  readonly type: "state";
  readonly time: number;
  readonly state: ScanState;
}

/** All devices and channels, parents before children, a device's channels in order. Comes once, before any data. */
export interface ScanDevicesEvent {
  readonly type: "devices";
  readonly devices: readonly DeviceDescription[];
  readonly channels: readonly ChannelDescription[];
}

/** Everything is ready to be prepared; `info` is complete. */
export interface ScanPreparedEvent {
  readonly type: "prepared";
  readonly time: number;
  readonly info: ScanInfo;
}

/** A device has given its last point. */
export interface ScanDeviceEndEvent {
  readonly type: "deviceEnd";
  readonly device: string;
}

/** Top-level keys of the info that changed meanwhile (a comment). */
export interface ScanInfoEvent {
  readonly type: "info";
  readonly changes: ScanInfo;
}

/** Something the user should see, that did not stop the scan. */
export interface ScanWarningEvent {
  readonly type: "warning";
  readonly time: number;
  /** Device, preset or sink that it comes from. */
  readonly source: string;
  readonly message: string;
}

/** Why a scan ended. */
export type ScanEndReason = "SUCCESS" | "USER_ABORT" | "FAILURE";

/** All data has been told; only warnings and the final state follow. */
export interface ScanEndedEvent {
  readonly type: "ended";
  readonly time: number;
  readonly reason: ScanEndReason;
  /** What went wrong: name and sentence of the first error. */
  readonly error?: { readonly name: string; readonly message: string };
  /** Final info, with the end times. */
  readonly info: ScanInfo;
}

/**
 * What a scan tells, in this order: `created`, state PREPARING, `devices`, `prepared`, state STARTING, `data` and
 * `deviceEnd` …, state STOPPING, (last data), `ended`, and the final state. `info` and `warning` may come at any time
 * after `created`. A scan that fails early skips what it did not reach, but always ends with `ended` and a state.
 */
export type ScanEvent =
  | ScanCreatedEvent
  | ScanStateEvent
  | ScanDevicesEvent
  | ScanPreparedEvent
  | ScanDataEvent
  | ScanDeviceEndEvent
  | ScanInfoEvent
  | ScanWarningEvent
  | ScanEndedEvent;
