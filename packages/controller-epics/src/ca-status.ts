/** Message numbers of Channel Access (`caerr.h`) that a server may answer with. */
const texts: Readonly<Record<number, string>> = {
  6: "the IOC is out of memory",
  14: "the value cannot be converted to its type",
  16: "the value is too large",
  19: "the IOC could not read it",
  20: "the IOC could not write it",
  22: "more elements than it has",
  24: "the IOC has lost it",
  46: "no access for reading",
  47: "no access for writing",
};

/** ECA_NORMAL. */
export const caNormal = 1;

/** What a status of a server says, for people. */
export function statusText(status: number): string {
  return texts[status >> 3] ?? `status ${status}`;
}

/** Names of the alarms, by number (`alarm.h`). */
const alarms: readonly string[] =
  "NO_ALARM READ WRITE HIHI HIGH LOLO LOW STATE COS COMM TIMEOUT HWLIMIT CALC SCAN LINK SOFT BAD_SUB UDF DISABLE SIMM READ_ACCESS WRITE_ACCESS".split(
    " ",
  );

/** `COMM`, `UDF`, … as `STAT` shows them. */
export function alarmName(status: number): string {
  return alarms[status] ?? `alarm ${status}`;
}
