/** Beginning of the error that a guarded script answers when the scan is gone. */
export const scanLost = "SCANLOST";

/** Beginning of the error that a guarded script answers when the scan was declared dead; the seconds of silence follow. */
export const scanDead = "SCANDEAD";

/** Field of the END event of a scan that was declared dead: seconds of silence. Readers ignore it. */
export const silenceField = "__SILENCE__";

/**
 * Beginning of every script that writes into a scan: KEYS[1] is the node of the scan. A server that came back empty, or
 * that evicted the scan, must not get the rest of it as if nothing had happened; nor must a process that was taken for
 * dead write behind the end that readers have seen.
 */
export const scanGuard = `
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.error_reply('${scanLost} the node of the scan is gone') end
if redis.call('XLEN', KEYS[1] .. '_end') > 0 then
  local fields = redis.call('XREVRANGE', KEYS[1] .. '_end', '+', '-', 'COUNT', 1)[1][2]
  if fields[#fields - 1] == '${silenceField}' then return redis.error_reply('${scanDead} ' .. fields[#fields]) end
end`;
