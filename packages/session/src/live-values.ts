import { Channel, type ChannelBus } from "@beamtime/channels";
import { Disposer } from "@beamtime/concurrency";
import type { LiveValues } from "@beamtime/core";
import { errorMessage } from "@beamtime/errors";
import type { PickleInput, PlainValue } from "@beamtime/protocol";

/**
 * Values shared through the channels of a bus, until they are disposed of; what is published later nobody hears.
 *
 * @param onError told what goes wrong with a value
 */
export function liveValues(
  bus: ChannelBus,
  onError: (name: string, error: Error) => void,
): LiveValues & AsyncDisposable {
  const disposer = new Disposer();
  let isOver = false;
  return {
    join(name, onChange) {
      const channel = new Channel<PickleInput>(name, { bus, onError: (error) => onError(name, error) });
      disposer.defer(() => channel.close());
      let isOwn = false;
      const hear = (value: PickleInput): void => {
        if (!isOwn) onChange(value as PlainValue); // what others tell is plain
      };
      channel.onChange(hear);
      if (channel.timestamp !== undefined) hear(channel.value);
      return {
        publish(value, age = 0) {
          if (isOver) return;
          isOwn = true;
          try {
            const telling = channel.set(value, { timestamp: bus.clock.epoch() - age });
            telling.catch((error: unknown) =>
              onError(name, error instanceof Error ? error : new Error(errorMessage(error))),
            );
          } finally {
            isOwn = false;
          }
        },
      };
    },
    [Symbol.asyncDispose]() {
      isOver = true;
      return disposer[Symbol.asyncDispose]();
    },
  };
}
