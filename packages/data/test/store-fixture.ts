import { startTestRedis, type TestRedis } from "@beamtime/testing";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { connect, type DataStore } from "../src/index.js";
import { ScanWriter, type WrittenScan } from "./scan-writer.js";

/** One server for all tests of a file, on a TCP port as well. */
export let redis: TestRedis;
/** A reader, opened for each test. */
export let store: DataStore;
/** Writes into the database, which is empty when a test begins. */
export let writer: ScanWriter;

/** Called once by a test file that uses the above. */
export function useStore(): void {
  beforeAll(async () => {
    redis = await startTestRedis({ port: 0 });
    writer = new ScanWriter(redis.connection);
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.flush();
    store = await connect({ redis: redis.server.target });
  });
  afterEach(() => store.close());
}

/** A scan that is prepared. */
export async function newScan(channels = 1): Promise<WrittenScan> {
  const scan = await writer.scan(await writer.directory("s:data"), "1_ascan", channels);
  await scan.prepare();
  return scan;
}
