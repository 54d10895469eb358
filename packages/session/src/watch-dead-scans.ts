import { errorMessage } from "@beamtime/errors";
import { finishEntry } from "@beamtime/hdf5";
import { endDeadScans } from "@beamtime/publisher";
import type { RedisConnection } from "@beamtime/redis";

/** Ends the scans of processes that have died, for readers and in their files, until it is disposed of. */
export function watchDeadScans(
  connection: RedisConnection,
  onWarning: (source: string, message: string) => void,
): AsyncDisposable {
  return endDeadScans({
    connection,
    onEnded: async ({ dbName, number, filename, endTime }) => {
      onWarning(dbName, "its process has died: the scan was ended (KILLED)");
      if (!filename) return;
      try {
        await finishEntry({ filename, entry: `${number}.1`, endTime });
      } catch (error) {
        onWarning(dbName, `its entry in ${filename} was not completed from here: ${errorMessage(error)}`);
      }
    },
    onWarning: (message) => onWarning("dead scans", message),
  });
}
