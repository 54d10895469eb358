import type { BasicScanSaving, EsrfScanSaving } from "@beamtime/scan-saving";

/**
 * Commands of the data policy with the names of BLISS. What each has done is told by the `onMessage` of the session; without a
 * policy each throws that there is none.
 */
export function policyCommands(saving: BasicScanSaving | EsrfScanSaving): Readonly<Record<string, unknown>> {
  return {
    newproposal: async (...args: Parameters<EsrfScanSaving["newproposal"]>) => void (await saving.newproposal(...args)),
    endproposal: async () => void (await saving.endproposal()),
    newcollection: async (...args: Parameters<EsrfScanSaving["newcollection"]>) =>
      void (await saving.newcollection(...args)),
    newsample: async (...args: Parameters<EsrfScanSaving["newsample"]>) => void (await saving.newsample(...args)),
    newdataset: async (...args: Parameters<EsrfScanSaving["newdataset"]>) => void (await saving.newdataset(...args)),
    enddataset: async () => void (await saving.enddataset()),
  };
}
