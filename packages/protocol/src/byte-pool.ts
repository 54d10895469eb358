const slabSize = 16 * 1024;
const largestPooled = 1024;

let slab = new Uint8Array(0);
let used = 0;

/**
 * A copy of `bytes`. Small copies are cut from a shared slab, each part of which is handed out once: an own buffer for
 * every hundred bytes costs several times more, outside the heap and in garbage collection.
 */
export function copyPooled(bytes: Uint8Array): Uint8Array {
  if (bytes.length > largestPooled) return bytes.slice();
  if (used + bytes.length > slab.length) {
    slab = new Uint8Array(slabSize);
    used = 0;
  }
  const copy = slab.subarray(used, used + bytes.length);
  used += bytes.length;
  copy.set(bytes);
  return copy;
}
