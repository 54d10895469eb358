import { beaconMessage, ProtocolError } from "@beamtime/protocol";
import { type BeaconReply, unexpectedReply } from "./beacon-requests.js";
import { utf8 } from "./utf8.js";

/** One file of the configuration. */
export interface ConfigFile {
  /** Relative to the root of the configuration, with `/`. */
  readonly path: string;
  readonly content: string;
}

/** The YAML files of a configuration in the order in which the server reads them, and what could not be read. */
export interface ServedFiles {
  readonly files: readonly ConfigFile[];
  /** `path` is absent where the server does not tell it. */
  readonly problems: readonly { readonly path?: string; readonly message: string }[];
}

/** Most that a configuration may have together, in bytes. */
const maxBytes = 256 * 1024 * 1024;

/** Takes the files one by one; the answer is undefined when the server does not know the request. */
export function configFilesReceiver(): (reply: BeaconReply) => { answer: ServedFiles | undefined } | undefined {
  const files: ConfigFile[] = [];
  const problems: { path?: string; message: string }[] = [];
  let bytes = 0;
  const add = (payload: Uint8Array): void => {
    bytes += payload.length;
    if (bytes > maxBytes) throw new ProtocolError(`sent more than ${maxBytes} bytes of files`);
    const end = payload.indexOf(0x7c); // `|`, which the content may have too
    const path = utf8(payload.subarray(0, end));
    if (end < 0 || path === undefined) throw new ProtocolError("sent a file without a path");
    const content = utf8(payload.subarray(end + 1));
    if (content === undefined) problems.push({ path, message: "the file is no UTF-8 text" });
    else files.push({ path, content });
  };
  return (reply) => {
    switch (reply.type) {
      case beaconMessage.unknown:
        return { answer: undefined };
      case beaconMessage.readTreeEnd:
        return { answer: { files, problems } };
      case beaconMessage.readTreeFailed:
        problems.push({ message: new TextDecoder().decode(reply.payload) });
        return undefined;
      case beaconMessage.readTreeFile:
        add(reply.payload);
        return undefined;
      default:
        throw unexpectedReply(reply);
    }
  };
}
