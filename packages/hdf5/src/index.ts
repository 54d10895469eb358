export { lastScanNumber, readFileTree } from "./data-file.js";
export { assertNotWrittenByOthers } from "./file-lock.js";
export { type FinishEntryOptions, finishEntry } from "./finish-entry.js";
export { type Hdf5Writer, type Hdf5WriterOptions, hdf5Writer } from "./hdf5-writer.js";
export { WriterError } from "./writer-error.js";
export { WriterOverflowError } from "./writer-overflow-error.js";
