/** A number for messages, without the noise of its last digits. */
export function withUnit(value: number, unit?: string): string {
  return `${Number(value.toPrecision(12))}${unit ? ` ${unit}` : ""}`;
}
