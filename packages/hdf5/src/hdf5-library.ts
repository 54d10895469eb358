import { ready } from "h5wasm/node";

/** The HDF5 library, with errors that throw. */
export type Hdf5Library = Awaited<typeof ready>;

/** Version of the HDF5 in h5wasm 0.10.3, which does not tell it. */
export const hdf5Version = "2.0.0";

let loading: Promise<Hdf5Library> | undefined;

/** Loads HDF5 (some 0.1 s, once a thread). It is synchronous and blocks its thread: sessions use it in a worker only. */
export function hdf5Library(): Promise<Hdf5Library> {
  loading ??= ready.then((library) => {
    library.activate_throwing_error_handler();
    return library;
  });
  return loading;
}

/** What HDF5 or the operating system complains about, from the stack that HDF5 prints: one line of it says why. */
export function hdf5Complaint(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const system = /error message = '([^']*)'/.exec(text)?.[1];
  if (system) return system;
  const reasons = [...text.matchAll(/^ *#\d+: .* in \w+\(\): (.*)$/gm)].map((match) => match[1]);
  return reasons.at(-1) ?? text;
}
