import type { ChannelValue, PickleInput } from "@beamtime/protocol";

/** What a bus needs of each thing that it carries messages for; one for each name. */
export interface BusMember {
  readonly name: string;
  /** The answer to whoever asks. */
  readonly held: ChannelValue<PickleInput> | null;
  /** Messages of the name come in from now on; called again after each loss of the connection. */
  subscribed(): void;
  /** No messages come in until {@link subscribed} is called again. */
  unsubscribed(): void;
  /** Somebody has published a value. */
  receive(value: ChannelValue): void;
  /** What is to be published now; undefined for nothing. */
  take(): Outgoing | undefined;
  /** Something is wrong that nobody is waiting for. */
  warn(error: Error): void;
  /** The bus cannot be opened, or is closed. */
  fail(error: Error): void;
}

/** A message on its way out. */
export interface Outgoing {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Published; `subscribers` is how many it reached. */
  sent(subscribers: number): void;
  /** Refused by Redis. */
  failed(error: Error): void;
  /** Could not be sent, the connection is lost. Whether it is to be sent again when there is another one. */
  lost(): boolean;
}
