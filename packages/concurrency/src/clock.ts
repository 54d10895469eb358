/**
 * Where time comes from. Everything that waits or measures takes one, so that a scan of hours can be tested in a second.
 */
export interface Clock {
  /** Monotonic time in seconds from an arbitrary origin: for durations and trigger times. */
  now(): number;
  /** Wall time in seconds since 1970-01-01 UTC: for metadata only. */
  epoch(): number;
  /**
   * Resolves after `seconds` (at once, but never synchronously, when it is 0 or less; never when it is infinite).
   * @throws the signal's reason when it aborts first (the timer is released); ArgumentError when `seconds` is NaN
   */
  sleep(seconds: number, options?: { signal?: AbortSignal | undefined }): Promise<void>;
}
