import type { ScanSinkFactory } from "@beamtime/core";
import type { RedisConnection } from "@beamtime/redis";
import { completeOptions, type PublisherOptions } from "./publisher-options.js";
import { PublisherSink } from "./publisher-sink.js";

/**
 * Publishes scans as data nodes, in the format of BLISS 1.11, for readers that follow them while they run.
 *
 * Nothing waits for the server: what a scan tells is written at once when the server is free, and else with the next
 * write. A step scan waits when more than `highWater` bytes are on their way; one that cannot wait fails beyond
 * `bufferLimit`. A connection lost for less than `outageLimit` costs nothing; when it lasts longer, or when the server
 * has lost the scan, the scan fails.
 *
 * @param connection to the data database; stays the caller's. Each scan uses a duplicate, closed with it.
 * @throws ArgumentError when an option is out of range
 * @see BLISS `blissdata/data/node.py`, version 0.3
 */
export function redisPublisher(connection: RedisConnection, options: PublisherOptions = {}): ScanSinkFactory {
  const complete = completeOptions(options);
  return { name: "publisher", required: true, open: (context) => new PublisherSink(connection, complete, context) };
}
