import { z } from "zod";
import type { DType } from "./nd-array.js";
import { dtypeClass, dtypeOf } from "./numpy-dtype.js";
import { readPickle } from "./pickle-reader.js";
import { pyTuple } from "./pickle-value.js";
import { writePickle } from "./pickle-writer.js";
import { toPlain } from "./plain-value.js";
import { ProtocolError } from "./protocol-error.js";

/** What each entry of a channel says of its values. */
export interface ChannelDescription {
  readonly dtype: DType;
  /** Shape of one point: `[]` for a scalar. May hold -1 where a camera was not prepared yet. */
  readonly shape: readonly number[];
  readonly unit: string | null;
  /** The values are references (texts) to data kept elsewhere. */
  readonly reference: boolean;
}

/** Bytes of `__DESC__`. `dtypeForm` chooses the class that names the type, see {@link dtypeClass}. */
export function encodeDescription(
  description: ChannelDescription & { readonly dtypeForm?: "python" | "numpy" },
): Uint8Array {
  const { reference, dtype, dtypeForm, shape, unit } = description;
  return writePickle({ reference, dtype: dtypeClass(dtype, dtypeForm), shape: pyTuple(shape), unit });
}

const restSchema = z.object({
  shape: z.array(z.int().min(-1)).catch([]),
  unit: z.string().nullable().catch(null),
  reference: z.boolean().catch(false),
});

/**
 * Reads `__DESC__`. The type may be a class, a dtype object or a text; all else may be missing.
 *
 * @throws ProtocolError when the type is missing or has no counterpart here
 * @throws PickleError when the bytes are no accepted pickle
 */
export function decodeDescription(bytes: Uint8Array): ChannelDescription {
  const value = readPickle(bytes);
  if (!(value instanceof Map)) throw new ProtocolError("the description of a channel is not a dict");
  const dtype = dtypeOf(value.get("dtype"));
  if (dtype === undefined) throw new ProtocolError("the description of a channel has no dtype that is supported");
  return { dtype, ...restSchema.parse(toPlain(value)) };
}
