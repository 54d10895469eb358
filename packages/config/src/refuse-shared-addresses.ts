import type { z } from "zod";

/** What of an axis or encoder says where it is. */
interface Addressed {
  readonly name: string;
  readonly address?: string | undefined;
}

/**
 * For `superRefine` of a list of axes or encoders: no two of them may be at the same address of their controller.
 *
 * @param addressKey what the files call the address
 */
export function refuseSharedAddresses(
  addressKey = "address",
): (list: readonly Addressed[], context: z.RefinementCtx) => void {
  return (list, context) => {
    const owners = new Map<string, string>();
    for (const [index, { name, address }] of list.entries()) {
      const owner = owners.get(address ?? name);
      if (owner !== undefined) {
        const path = [index, address === undefined ? "name" : addressKey];
        context.addIssue({ code: "custom", path, message: `expected another address than that of ${owner}` });
      }
      owners.set(address ?? name, name);
    }
  };
}
