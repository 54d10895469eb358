import { join } from "node:path";
import { startBeacon } from "@beamtime/session";
import { type BlissSession, openBlissSession } from "./bliss-session.js";
import { type MotionSession, motionSession, openMotionSession, rounded } from "./motion-beamline.js";
import { followWithOurs } from "./our-client.js";
import { type ClientEvent, followWithPython } from "./python-client.js";
import { startRealBeacon } from "./real-beacon.js";
import { type ScanStory, storiesOf } from "./scan-stories.js";
import { type DumpedNode, dumpWithPython } from "./session-dumps.js";

/** Scans that both readers have followed. */
export interface FollowedScans {
  readonly python: readonly ClientEvent[];
  readonly ours: readonly ClientEvent[];
  /** What the real client finds afterwards. */
  readonly nodes: ReadonlyMap<string, DumpedNode>;
}

/** What has to be known of the scans beforehand. */
interface Expected {
  /** Of both servers: `motionConfig`. The scans are saved below it. */
  readonly config: string;
  /** Environment with the real client. */
  readonly blissdata: string;
  /** How many scans there will be. */
  readonly scans: number;
}

/** Runs scans in a session of BLISS on a server of BLISS. */
export async function scansOfBliss(
  { config, blissdata, scans }: Expected,
  work: (session: BlissSession) => Promise<void>,
): Promise<FollowedScans> {
  await using beacon = await startRealBeacon({ config });
  await using session = await openBlissSession(motionSession, beacon.host);
  await session.run(`SCAN_SAVING.base_path = ${JSON.stringify(join(config, "data"))}`);
  await session.run("SCAN_SAVING.writer = 'null'");
  const redis = join(beacon.directory, "redis_data.sock");
  const followed = { name: motionSession, beaconAddress: beacon.host, redis };
  // Python first: it counts as ready when any reader waits
  await using python = await followWithPython(blissdata, followed, scans);
  await using ourClient = await followWithOurs(followed, scans);
  await work(session);
  const told = { python: await python.events, ours: await ourClient.events };
  return { ...told, nodes: await dumpWithPython(blissdata, motionSession, beacon.host) };
}

/** Runs scans in our session on our server. */
export async function scansOfOurs(
  { config, blissdata, scans }: Expected,
  work: (session: MotionSession) => Promise<void>,
): Promise<FollowedScans> {
  await using beacon = await startBeacon({ directory: config });
  await using session = await openMotionSession(beacon.address, config);
  await using python = await followWithPython(blissdata, session, scans);
  await using ourClient = await followWithOurs(session, scans);
  await work(session);
  const told = { python: await python.events, ours: await ourClient.events };
  return { ...told, nodes: await dumpWithPython(blissdata, motionSession, beacon.address) };
}

/** What the Python client was told of a scan; positions of both systems differ by roundings. */
export function storyOf({ python }: FollowedScans, index: number): ScanStory {
  const story = storiesOf(python)[index];
  if (!story) throw new Error(`there is no scan ${index}`);
  return { ...story, data: roundedIn(story.data), last: roundedIn(story.last) };
}

function roundedIn(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(value)]));
}
