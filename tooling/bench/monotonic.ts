/** Microseconds on a clock that the processes of this machine share. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
