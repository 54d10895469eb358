import type { ScanSaving } from "@beamtime/core";
import { assertNotWrittenByOthers, lastScanNumber } from "@beamtime/hdf5";
import type { ScanNumbers } from "@beamtime/publisher";
import type { WardrobeScanSaving } from "./wardrobe-scan-saving.js";

/**
 * The saving of one scan: with the parameters of the moment it was made, those that other processes had written by then
 * included, and the number from the shared counter of its parent. Where Redis has forgotten the counter, numbers go on
 * after the last one of the file. A file that another process writes is refused before a number is taken.
 */
export function numberedScanSaving(saving: WardrobeScanSaving, numbers: ScanNumbers): ScanSaving {
  const reading = saving.snapshot();
  reading.catch(() => {}); // told when the scan begins
  return {
    async begin({ name, save, parentPath }, { signal }) {
      await saving.saved({ signal });
      const values = await reading;
      await saving.prepare(values, { save, signal });
      const paths = saving.get(values);
      const parent = parentPath ? [saving.session, ...parentPath] : paths.parentPath;
      const isCounted = paths.filename !== "" && !paths.filename.includes("{scan_number}");
      if (save && isCounted) assertNotWrittenByOthers(paths.filename);
      const number = await numbers.next({
        parentPath: parent,
        saved: save,
        ...(isCounted && { lastInFile: () => lastScanNumber(paths.filename) }),
        signal,
      });
      const filename = save ? saving.fillScan(paths.filename, { name, number }, values) : "";
      return {
        identity: {
          name,
          number,
          saved: save,
          nodeName: save ? `${number}_${name}` : `_${number}_${name}`,
          parentPath: parent,
          session: saving.session,
          filename,
        },
        info: {
          ...saving.describe(values),
          filename,
          images_path: saving.fillScan(paths.imagesPath, { name, number }, values),
        },
      };
    },
  };
}
