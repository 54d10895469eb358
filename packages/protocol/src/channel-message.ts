import { type PickleLimits, readPickle } from "./pickle-reader.js";
import { type PickleValue, PyFloat, PyObject, pyClass } from "./pickle-value.js";
import { type PickleInput, writePickle } from "./pickle-writer.js";
import { ProtocolError } from "./protocol-error.js";

/** What a channel holds, and since when: seconds since 1970. Of two, that with the greater timestamp is the newer. */
export interface ChannelValue<Value = PickleValue> {
  readonly timestamp: number;
  readonly value: Value;
}

/** Who has a value for the channel? Every subscriber answers, whoever asked included. */
export interface ChannelQuery {
  /** Name of the channel. */
  readonly name: string;
  /** Made up by who asks; 32 hexadecimal digits by custom. */
  readonly id: string;
}

/** The answer of one subscriber to a query. */
export interface ChannelReply<Value = PickleValue> extends ChannelQuery {
  /** Null when the subscriber has no value. */
  readonly value: ChannelValue<Value> | null;
}

/** One message on the Redis channel that has the name of the BLISS channel. */
export type ChannelMessage =
  | ({ readonly kind: "value" } & ChannelValue)
  | ({ readonly kind: "query" } & ChannelQuery)
  | ({ readonly kind: "reply" } & ChannelReply);

const module = "bliss.config.channels";
const valueClass = pyClass(module, "_Value");
const queryClass = pyClass(module, "_Query");
const replyClass = pyClass(module, "_Reply");

/** Beyond it Redis cuts off whoever subscribes (its output buffer for pub/sub): 32 MiB. */
const maxBytes = 32 * 1024 * 1024;

/**
 * Reads what was published on a channel. Nothing is executed: see {@link readPickle}.
 *
 * @throws PickleError when the bytes are no acceptable pickle
 * @throws ProtocolError when they are one of anything but these messages
 * @see BLISS `bliss/config/channels.py`
 */
export function decodeChannelMessage(bytes: Uint8Array, limits: PickleLimits = {}): ChannelMessage {
  const message = readPickle(bytes, { maxBytes, ...limits });
  if (message instanceof PyObject && message.type.module === module) {
    switch (message.type.name) {
      case valueClass.name:
        return { kind: "value", ...fieldsOf(message) };
      case queryClass.name:
        return { kind: "query", ...addressOf(message) };
      case replyClass.name:
        return { kind: "reply", ...addressOf(message), value: valueOrNone(stateOf(message, "value")) };
      default: // no other class of that module is accepted
    }
  }
  throw new ProtocolError(`expected a _Value, _Query or _Reply of ${module}`);
}

/** Bytes that make every subscriber take over the value, byte for byte as CPython writes them. @throws ArgumentError */
export function encodeChannelValue(value: ChannelValue<PickleInput>): Uint8Array {
  return writePickle(valueRecord(value));
}

/** Bytes that make every subscriber answer. */
export function encodeChannelQuery({ name, id }: ChannelQuery): Uint8Array {
  return writePickle(
    new PyObject<PickleInput>(
      queryClass,
      [],
      new Map([
        ["name", name],
        ["id", id],
      ]),
    ),
  );
}

/** Bytes that answer a query, byte for byte as CPython writes them. @throws ArgumentError for a value that has no pickle */
export function encodeChannelReply({ name, id, value }: ChannelReply<PickleInput>): Uint8Array {
  const state = new Map<PickleInput, PickleInput>([
    ["name", name],
    ["id", id],
    ["value", value && valueRecord(value)],
  ]);
  return writePickle(new PyObject<PickleInput>(replyClass, [], state));
}

function valueRecord({ timestamp, value }: ChannelValue<PickleInput>): PyObject<PickleInput> {
  return new PyObject<PickleInput>(valueClass, [new PyFloat(timestamp), value]);
}

function valueOrNone(value: PickleValue): ChannelValue | null {
  if (value === null) return null;
  if (value instanceof PyObject && value.type.module === module && value.type.name === valueClass.name) {
    return fieldsOf(value);
  }
  throw new ProtocolError("a _Reply whose value is neither a _Value nor None");
}

function fieldsOf({ args }: PyObject): ChannelValue {
  const [stamp, value] = args;
  const timestamp = stamp instanceof PyFloat ? stamp.value : stamp;
  if (args.length !== 2 || value === undefined || typeof timestamp !== "number" || !Number.isFinite(timestamp)) {
    throw new ProtocolError("a _Value needs a timestamp and a value");
  }
  return { timestamp, value };
}

function addressOf(record: PyObject): ChannelQuery {
  const name = stateOf(record, "name");
  const id = stateOf(record, "id");
  if (typeof name !== "string" || typeof id !== "string") {
    throw new ProtocolError(`a ${record.type.name} needs the texts name and id`);
  }
  return { name, id };
}

function stateOf({ type, state }: PyObject, field: string): PickleValue {
  const value = state instanceof Map ? state.get(field) : undefined;
  if (value === undefined) throw new ProtocolError(`a ${type.name} without ${field}`);
  return value;
}
