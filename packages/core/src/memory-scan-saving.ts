import type { ScanSaving, ScanSavingRequest } from "./scan-saving.js";

/**
 * Numbers scans in memory, for programs without a session: no file, one series of numbers per parent for scans that
 * are saved by some sink, another for those that are not.
 */
export function memoryScanSaving({ parentPath = [] }: { readonly parentPath?: readonly string[] } = {}): ScanSaving {
  const lastNumbers = new Map<string, number>();
  return {
    begin: async (request: ScanSavingRequest) => {
      const path = request.parentPath ?? parentPath;
      const series = `${request.save ? "" : "_"}${path.join(":")}`;
      const number = (lastNumbers.get(series) ?? 0) + 1;
      lastNumbers.set(series, number);
      return {
        identity: {
          name: request.name,
          number,
          saved: request.save,
          nodeName: `${request.save ? "" : "_"}${number}_${request.name}`,
          parentPath: path,
          session: "",
          filename: "",
        },
        info: {},
      };
    },
  };
}
