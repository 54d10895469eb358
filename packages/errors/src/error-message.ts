/** The sentence of anything that was thrown, for messages and reports. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
