/**
 * Writes an instant as the files of BLISS do: local time with microseconds and the offset from UTC,
 * `2026-11-21T03:50:23.684286+01:00`.
 *
 * @param epoch seconds since 1970
 */
export function isoTime(epoch: number): string {
  const microseconds = Math.round(epoch * 1e6);
  const offset = -new Date(microseconds / 1e3).getTimezoneOffset();
  const local = new Date(Math.floor(microseconds / 1e6) * 1e3 + offset * 60_000).toISOString().slice(0, 19);
  const fraction = String(((microseconds % 1e6) + 1e6) % 1e6).padStart(6, "0");
  const minutes = Math.abs(offset);
  const zone = `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${local}.${fraction}${offset < 0 ? "-" : "+"}${zone}`;
}
