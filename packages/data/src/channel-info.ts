import { type DType, dtypes } from "@beamtime/protocol";
import { z } from "zod";

/** What the info of a channel announces of its points. */
export interface ChannelInfo {
  /** Undefined when the publisher did not tell, or for a type that has no counterpart. */
  readonly dtype: DType | undefined;
  /** Shape of one point: `[]` for a scalar. */
  readonly shape: readonly number[];
  readonly unit: string | null;
}

const schema = z.object({
  dtype: z.enum(dtypes).optional().catch(undefined),
  shape: z.array(z.int()).catch([]),
  unit: z.string().nullable().catch(null),
});

/** Picks the announcement from the info of a channel. */
export function channelInfoOf(info: unknown): ChannelInfo {
  const { dtype, shape, unit } = schema.parse(info);
  return { dtype, shape, unit };
}
