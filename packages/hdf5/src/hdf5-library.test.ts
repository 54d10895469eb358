import { File } from "h5wasm/node";
import { expect, it } from "vitest";
import { hdf5Complaint, hdf5Library, hdf5Version } from "./hdf5-library.js";

/** What HDF5 says when it is asked for a file that is not there. */
async function complaint(): Promise<string> {
  await hdf5Library();
  try {
    new File("/nowhere/at/all.h5", "r").close();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("HDF5 opened a file that does not exist");
}

it("names the version that h5wasm has", async () => {
  expect(await complaint()).toContain(`HDF5 (${hdf5Version})`);
});

it("finds the sentence of the operating system in what HDF5 prints", async () => {
  expect(hdf5Complaint(new Error(await complaint()))).toBe("No such file or directory");
});
