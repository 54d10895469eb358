import { type ChannelBus, EventChannel } from "@beamtime/channels";
import { type PickleInput, PyObject, pyClass } from "@beamtime/protocol";
import type { PolicyEvent } from "@beamtime/scan-saving";

/** Tells the other processes of a session what happens to its data policy, in the form that those of BLISS expect. */
export class PolicyEvents implements AsyncDisposable {
  readonly #channel: EventChannel<PickleInput>;
  readonly #onFailure: (error: unknown) => void;

  constructor(session: string, bus: ChannelBus, onFailure: (error: unknown) => void) {
    this.#channel = new EventChannel(`${session}:esrf_data_policy`, { bus });
    this.#onFailure = onFailure;
  }

  post({ event_type, value }: PolicyEvent): void {
    const type = new PyObject<PickleInput>(pyClass("bliss.scanning.scan_saving", "ESRFDataPolicyEvent"), [event_type]);
    this.#channel.post({ event_type: type, value: { ...value } }).catch(this.#onFailure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channel.close();
  }
}
