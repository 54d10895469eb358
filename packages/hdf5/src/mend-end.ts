import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";

/** The superblock of version 0 as far as the address where the file ends; before it the version and the size of addresses. */
const superblockSize = 48;
const versionOffset = 8;
const addressSizeOffset = 13;
const endOffset = 40;

/**
 * After a write that failed for want of space: HDF5 may have noted an end of the file that was never reached, and would
 * refuse to open it. What lies beyond the real end was not written, so the real end is noted instead.
 */
export function mendEnd(filename: string): void {
  const descriptor = openSync(filename, "r+");
  try {
    const superblock = Buffer.alloc(superblockSize);
    readSync(descriptor, superblock, 0, superblockSize, 0);
    if (superblock[versionOffset] !== 0 || superblock[addressSizeOffset] !== 8) return;
    const size = BigInt(fstatSync(descriptor).size);
    if (superblock.readBigUInt64LE(endOffset) <= size) return;
    superblock.writeBigUInt64LE(size, endOffset);
    writeSync(descriptor, superblock, endOffset, 8, endOffset);
  } finally {
    closeSync(descriptor);
  }
}
