/** A device as scans lock it. */
export interface LockableDevice {
  readonly name: string;
  /**
   * Name under which other processes know it: two devices of one name are then the same hardware. Default `name`;
   * null when there is nothing that another process could disturb.
   */
  readonly lockName?: string | null;
}

/** The right to use devices, given back by disposing of it. */
export interface DeviceLock extends AsyncDisposable {
  /** Aborted when the right is gone although nobody gave it back: taken by somebody more important, or lost with the connection. */
  readonly lost: AbortSignal;
}

/** Port: keeps devices to one scan at a time among the processes of a beamline. A session implements it with Beacon. */
export interface DeviceLocks {
  /**
   * Takes all of the names, or none.
   *
   * @param options `holder`: who takes them, for the errors of others
   * @throws DeviceInUseError when somebody else has one of them
   */
  acquire(names: readonly string[], options: { holder: string; signal: AbortSignal }): Promise<DeviceLock>;
}
