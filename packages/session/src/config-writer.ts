import type { BeaconClient } from "@beamtime/beacon-client";
import { type ConfigFiles, type ConfigMapping, loadConfig } from "@beamtime/config";

/** Writes changes into the configuration that the Beacon server keeps: one after the other, in the files as they are then. */
export function configWriter(beacon: BeaconClient): (name: string, changes: ConfigMapping) => Promise<void> {
  const files: ConfigFiles = {
    read: (path) => beacon.readFile(path),
    write: (path, content) => beacon.writeFile(path, content),
  };
  const write = async (name: string, changes: ConfigMapping): Promise<void> => {
    const config = await loadConfig((await beacon.readConfigFiles()).files);
    await config.save(files, name, changes);
  };
  let last = Promise.resolve();
  return (name, changes) => {
    const written = last.then(() => write(name, changes));
    last = written.catch(() => {}); // whoever asked for it is told
    return written;
  };
}
