import { ArgumentError } from "@beamtime/errors";

/** What an encoder of an axis may be. */
export const encoderSources = ["ENCIN", "ABSENC", "INPOS", "MOTOR", "AXIS", "SYNC"] as const;

export type EncoderSource = (typeof encoderSources)[number];

/**
 * Checks the address of an axis: rack × 10 + slot, slots from 1 to 8, or the name of a linked axis.
 *
 * @throws ArgumentError
 */
export function checkAddress(address: string): void {
  const slot = /^\d{1,3}$/.test(address) ? Number(address) % 10 : undefined;
  if (slot === undefined ? /^[A-Za-z_]\w*$/.test(address) : slot >= 1 && slot <= 8) return;
  throw new ArgumentError(
    "address",
    `"${address}" is no axis of an IcePAP; expected rack × 10 + slot, slots from 1 to 8 (1 to 8, 11 to 18, …), or the name of a linked axis`,
  );
}

/** Whether it names a linked axis, which the master keeps no copy of. */
export function isLinked(address: string): boolean {
  return !/^\d/.test(address);
}

/**
 * Takes the address of an encoder apart: `11`, the encoder input of the axis 11, or `11:ABSENC`.
 *
 * @throws ArgumentError
 */
export function parseEncoderAddress(text: string): { readonly address: string; readonly source: EncoderSource } {
  const [address = "", given = "ENCIN", ...rest] = text.split(":");
  const source = encoderSources.find((name) => name === given.toUpperCase());
  if (source === undefined || rest.length > 0) {
    const message = `"${text}" is no encoder of an IcePAP; expected an axis and one of ${encoderSources.join(", ")}, as 11:ENCIN`;
    throw new ArgumentError("address", message);
  }
  checkAddress(address);
  return { address, source };
}
