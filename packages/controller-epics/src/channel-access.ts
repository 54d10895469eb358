/** What a process variable had at one time. */
export interface PvReading {
  readonly value: number | string;
  /** 0: no alarm, 1: minor, 2: major, 3: the value is invalid. */
  readonly severity: number;
  /** Which alarm; 0: none. */
  readonly status: number;
  /** When, by the IOC's clock, in seconds since 1970-01-01 UTC. */
  readonly time: number;
}

/** Hears of a process variable. */
export interface PvListener {
  /** A new value or alarm; the current one at first, and again whenever the connection is back. */
  value(reading: PvReading): void;
  /** The IOC has gone. */
  lost?(reason: Error): void;
}

/** How long and for whom one call waits. */
export interface PvOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Process variables, as a controller uses them: `record` or `record.FIELD` names one. Connections are made when a name is first used, kept, and
 * made again when an IOC comes back.
 *
 * Each call ends in time: it throws EpicsTimeoutError when the name is not found or the IOC does not answer,
 * EpicsDisconnectedError when the IOC goes away meanwhile, EpicsRefusedError when it refuses, or the signal's reason.
 */
export interface ChannelAccess extends AsyncDisposable {
  /** Resolves when the process variable is there. */
  connect(name: string, options?: PvOptions): Promise<void>;
  /** The value as a number: that of an enumeration is its index. */
  get(name: string, options?: PvOptions): Promise<PvReading & { readonly value: number }>;
  /** The value as a text: that of an enumeration is its word. */
  getText(name: string, options?: PvOptions): Promise<string>;
  /** Writes; resolves when the IOC has taken the value, whatever that starts. */
  put(name: string, value: number | string, options?: PvOptions): Promise<void>;
  /**
   * Writes; resolves when the IOC has processed it: for a position, when the motion has ended. Takes as long as that
   * takes. A second such write to a record waits in the IOC for the first: use `put` to stop something.
   */
  putAndWait(name: string, value: number | string, options?: PvOptions): Promise<void>;
  /** Tells of each change, as numbers. Returns the way out. */
  monitor(name: string, listener: PvListener): () => void;
}
