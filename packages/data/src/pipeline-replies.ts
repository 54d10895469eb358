import { abortable } from "@beamtime/concurrency";
import type { ChainableCommander } from "ioredis";

/**
 * Sends the commands and waits for their replies, in order. A key of the wrong type has no reply (undefined): names of
 * keys are ambiguous, so a node may have the name of a stream of another.
 *
 * @throws the signal's reason, or the first other error
 */
export async function pipelineReplies(
  pipeline: ChainableCommander,
  signal: AbortSignal | undefined,
): Promise<readonly unknown[]> {
  const replies = (await abortable(pipeline.exec(), signal)) ?? [];
  return replies.map(([error, reply]) => {
    if (error && !error.message.startsWith("WRONGTYPE")) throw error;
    return error ? undefined : reply;
  });
}
