import { connectBeacon } from "@beamtime/beacon-client";
import { connectRedis, settingsDatabase } from "@beamtime/redis";
import { type BusConnections, ChannelBus } from "./channel-bus.js";

/** What channels of both kinds may be given. */
export interface BusOptions {
  /** Carries the messages. Default: a bus of the process, found through `BEACON_HOST`, closed with its last channel. */
  readonly bus?: ChannelBus | undefined;
  /** Told of what goes wrong and nobody waits for. Default: a warning of the process. */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** The place of one channel on a bus. */
export interface BusPlace<Shared> {
  readonly bus: ChannelBus;
  readonly shared: Shared;
  /** The last one on the bus of the process closes it. */
  release(): Promise<void>;
}

/** The bus of channels that were given none. */
let current: ProcessBus | undefined;

interface ProcessBus {
  readonly bus: ChannelBus;
  places: number;
}

/**
 * Joins the given bus, or that of the process, which is opened by the first who needs it.
 *
 * @throws what `join` throws; nothing is kept then
 */
export function joinBus<Shared>(given: ChannelBus | undefined, join: (bus: ChannelBus) => Shared): BusPlace<Shared> {
  if (given) return { bus: given, shared: join(given), release: async () => {} };
  current ??= openProcessBus();
  const used = current;
  const release = async (): Promise<void> => {
    used.places -= 1;
    if (used.places > 0) return;
    if (current === used) current = undefined;
    await used.bus.close();
  };
  used.places += 1;
  try {
    return { bus: used.bus, shared: join(used.bus), release };
  } catch (error) {
    release().catch(() => {}); // the error tells
    throw error;
  }
}

/** Tells what goes wrong where nobody else is told. */
export function warnProcess(error: Error): void {
  process.emitWarning(error);
}

function openProcessBus(): ProcessBus {
  const bus = ChannelBus.opening(() =>
    openByBeacon().catch((error: unknown) => {
      if (current === opened) current = undefined; // the next channel tries again
      throw error;
    }),
  );
  const opened = { bus, places: 0 };
  return opened;
}

async function openByBeacon(): Promise<BusConnections> {
  await using beacon = await connectBeacon();
  const outgoing = await connectRedis(await beacon.settingsRedis(), { db: settingsDatabase });
  try {
    const incoming = await outgoing.duplicate({ ioredis: { autoResubscribe: false } });
    const close = async (): Promise<void> => void (await Promise.all([incoming.close(), outgoing.close()]));
    return { incoming, outgoing, close };
  } catch (error) {
    await outgoing.close();
    throw error;
  }
}
