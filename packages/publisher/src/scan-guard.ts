/** Beginning of the error that a guarded script answers. */
export const scanLost = "SCANLOST";

/**
 * Beginning of every script that writes into a scan: KEYS[1] is the node of the scan. A server that came back empty, or
 * that evicted the scan, must not get the rest of it as if nothing had happened.
 */
export const scanGuard = `
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.error_reply('${scanLost} the node of the scan is gone') end`;
