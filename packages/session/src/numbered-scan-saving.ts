import type { ScanSaving } from "@beamtime/core";
import { lastScanNumber } from "@beamtime/hdf5";
import type { ScanNumbers } from "@beamtime/publisher";
import type { ScanSavingParameters } from "./scan-saving-parameters.js";

/**
 * The saving of one scan: the paths of the moment it was made, the number from the shared counter of its parent.
 * Where Redis has forgotten the counter, numbers go on after the last one of the file.
 */
export function numberedScanSaving(parameters: ScanSavingParameters, numbers: ScanNumbers): ScanSaving {
  const values = parameters.snapshot();
  return {
    async begin({ name, save, parentPath }, { signal }) {
      const paths = parameters.get(values);
      const parent = parentPath ? [parameters.session, ...parentPath] : paths.parentPath;
      const number = await numbers.next({
        parentPath: parent,
        saved: save,
        lastInFile: () => lastScanNumber(paths.filename),
        signal,
      });
      const filename = save ? parameters.fillScan(paths.filename, { name, number }) : "";
      return {
        identity: {
          name,
          number,
          saved: save,
          nodeName: save ? `${number}_${name}` : `_${number}_${name}`,
          parentPath: parent,
          session: parameters.session,
          filename,
        },
        info: {
          ...parameters.describe(),
          filename,
          images_path: parameters.fillScan(paths.imagesPath, { name, number }),
        },
      };
    },
  };
}
