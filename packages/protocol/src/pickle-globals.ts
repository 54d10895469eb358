import type { NdArray } from "./nd-array.js";
import { decodeArray, emptyArray, isNdArray, type MutableNdArray } from "./numpy-array.js";
import { NumpyDtype } from "./numpy-dtype.js";
import { NumpyScalar } from "./numpy-scalar.js";
import { PickleError } from "./pickle-error.js";
import { type PickleValue, PyClass, PyComplex, PyFloat, PyFrozenSet, PyObject, PyTuple } from "./pickle-value.js";
import { PyDate, PyDateTime, PyTimeDelta } from "./python-datetime.js";

/** What a converter may ask of the reader. */
export interface ConversionContext {
  /**
   * Called before `size` bytes or items are copied. Each byte of the input pays for one: a value that is referred to
   * many times cannot be copied many times.
   */
  spend(size: number): void;
  /** Told that the elements of an array or scalar are these bytes of the input, in the order and layout of memory. */
  elementsOf(value: NumpyScalar | NdArray, bytes: Uint8Array): void;
}

type Converter = (args: readonly PickleValue[], context: ConversionContext) => PickleValue;

/** The globals that are accepted, as inert names. Those in `converters` also make values of their arguments. */
const classes = new Map<string, PyClass>();
const converters = new Map<PyClass, Converter>();

/** Names of Python 2, which protocols up to 2 have. */
const python2Names = new Map([
  ["long", "int"],
  ["unicode", "str"],
]);

function allow(module: string, names: readonly string[], converter?: Converter): void {
  for (const name of names) {
    const known = new PyClass(module, name);
    classes.set(`${module} ${name}`, known);
    if (converter) converters.set(known, converter);
  }
}

/** The class of that name. @throws PickleError when it is not among the accepted ones */
export function knownClass(module: string, name: string): PyClass {
  const known = classes.get(
    module === "__builtin__" ? `builtins ${python2Names.get(name) ?? name}` : `${module} ${name}`,
  );
  if (!known) {
    const shown = `${module}.${name}`.slice(0, 100);
    throw new PickleError("forbidden-global", `the pickle refers to ${JSON.stringify(shown)}, which is not accepted`);
  }
  return known;
}

/** The value that Python would get by calling `callable`. @throws PickleError when there is no converter for it */
export function convertCall(callable: PickleValue, args: PickleValue, context: ConversionContext): PickleValue {
  const converter = callable instanceof PyClass ? converters.get(callable) : undefined;
  if (!converter || !(args instanceof PyTuple)) {
    const name = callable instanceof PyClass ? `${callable.module}.${callable.name}` : typeof callable;
    throw new PickleError("forbidden-global", `the pickle calls ${name}, which is not accepted`);
  }
  return converter(args.items, context);
}

/** Applies the state of a BUILD to an array, dtype or record. @throws PickleError for any other object or state */
export function applyState(target: PickleValue, state: PickleValue, context: ConversionContext): void {
  const items = state instanceof PyTuple ? state.items : [];
  if (target instanceof NumpyDtype) {
    const [, order, subtype, names, fields] = items;
    if (subtype !== null || names !== null || fields !== null) {
      throw new PickleError("unsupported-value", "structured dtypes are not supported");
    }
    if (order !== "<" && order !== ">" && order !== "|") throw malformed("numpy.dtype state");
    // Written only by the pickle that makes it: references to the dtype must see its byte order.
    (target as { order: NumpyDtype["order"] }).order = order;
  } else if (target instanceof PyObject) {
    // As above: written only by the pickle that makes it.
    (target as { state: PickleValue }).state = state;
  } else if (typeof target === "object" && target !== null && isNdArray(target)) {
    const [, shape, dtype, fortranOrder, bytes] = items;
    fillArray(target, { bytes, dtype, shape, fortranOrder: fortranOrder === true }, context);
  } else {
    throw malformed("BUILD");
  }
}

interface ArrayState {
  readonly bytes: PickleValue | undefined;
  readonly dtype: PickleValue | undefined;
  readonly shape: PickleValue | undefined;
  readonly fortranOrder: boolean;
}

function fillArray(target: MutableNdArray, state: ArrayState, context: ConversionContext): void {
  const { bytes, dtype, shape, fortranOrder } = state;
  if (!(dtype instanceof NumpyDtype) || !(shape instanceof PyTuple)) throw malformed("numpy.ndarray state");
  if (Array.isArray(bytes)) throw new PickleError("unsupported-value", "arrays of objects are not supported");
  if (!(bytes instanceof Uint8Array)) throw malformed("numpy.ndarray state");
  const lengths = shape.items.map((length) => {
    if (typeof length !== "number" || length < 0) throw malformed("shape of numpy.ndarray");
    return length;
  });
  context.spend(bytes.length);
  const decoded = decodeArray(bytes, dtype, lengths, fortranOrder);
  target.dtype = decoded.dtype;
  target.shape = lengths;
  target.data = decoded.data;
  if (decoded.isVerbatim) context.elementsOf(target, bytes);
}

function malformed(what: string): PickleError {
  return new PickleError("malformed", `the pickle has wrong arguments for ${what}`);
}

function itemsOf(value: PickleValue | undefined, context: ConversionContext): readonly PickleValue[] {
  if (value === undefined) return [];
  const items = value instanceof PyTuple ? value.items : value;
  if (!Array.isArray(items)) throw malformed("set");
  context.spend(items.length);
  return items;
}

function latin1(value: PickleValue | undefined, context: ConversionContext): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string") throw malformed("bytes");
  context.spend(value.length);
  return Uint8Array.from(value, (character) => {
    const code = character.charCodeAt(0);
    if (code > 255) throw malformed("bytes");
    return code;
  });
}

function floatOf(value: PickleValue | undefined): number {
  if (value instanceof PyFloat) return value.value;
  if (typeof value !== "number") throw malformed("number");
  return value;
}

function dateTime([bytes, zone]: readonly PickleValue[], context: ConversionContext): PyDateTime {
  const state = latin1(bytes, context);
  if (state.length !== 10) throw malformed("datetime.datetime");
  if (zone !== undefined && !(zone instanceof PyTimeDelta)) throw malformed("datetime.datetime");
  const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
  return new PyDateTime({
    year: view.getUint16(0),
    // The highest bit is the flag "second of the two hours when clocks go back".
    month: view.getUint8(2) & 0x7f,
    day: view.getUint8(3),
    hour: view.getUint8(4),
    minute: view.getUint8(5),
    second: view.getUint8(6),
    microsecond: view.getUint8(7) * 65_536 + view.getUint16(8),
    utcOffset: zone ? zone.totalSeconds : null,
  });
}

function date([bytes]: readonly PickleValue[], context: ConversionContext): PyDate {
  const state = latin1(bytes, context);
  const [high = 0, low = 0, month = 0, day = 0] = state;
  if (state.length !== 4) throw malformed("datetime.date");
  return new PyDate(high * 256 + low, month, day);
}

allow("builtins", ["float", "int", "str", "bool"]);
allow("builtins", ["set"], ([items], context) => new Set(itemsOf(items, context)));
allow("builtins", ["frozenset"], ([items], context) => new PyFrozenSet([...new Set(itemsOf(items, context))]));
allow("builtins", ["bytes", "bytearray"], ([text], context) => latin1(text, context));
allow("builtins", ["complex"], ([real, imag]) => new PyComplex(floatOf(real), floatOf(imag)));
allow("_codecs", ["encode"], ([text, encoding], context) => {
  if (encoding !== "latin1" && encoding !== "latin-1") throw malformed("_codecs.encode");
  return latin1(text, context);
});
allow("collections", ["OrderedDict"], (args) => {
  if (args.length > 0) throw malformed("collections.OrderedDict");
  return new Map();
});
allow("datetime", ["datetime"], dateTime);
allow("datetime", ["date"], date);
allow("datetime", ["timedelta"], ([days, seconds, microseconds]) => {
  return new PyTimeDelta(floatOf(days), floatOf(seconds), floatOf(microseconds));
});
// An offset stands for the zone that has it: nothing else of a zone is kept.
allow("datetime", ["timezone"], ([offset]) => {
  if (!(offset instanceof PyTimeDelta)) throw malformed("datetime.timezone");
  return offset;
});

/** Classes whose objects stay records. */
function allowRecords(module: string, names: readonly string[]): void {
  for (const name of names) {
    allow(module, [name]);
    const known = knownClass(module, name);
    converters.set(known, (args) => new PyObject(known, args));
  }
}

allowRecords("bliss.config.channels", ["_Value", "_Query", "_Reply"]);
allowRecords("bliss.common.axis", ["AxisState"]);
allow("bliss.scanning.scan_saving", ["ESRFDataPolicyEvent"], ([text]) => {
  if (typeof text !== "string") throw malformed("ESRFDataPolicyEvent");
  return text;
});

allow("numpy", ["float16", "float32", "float64", "longdouble", "complex64", "complex128", "str_", "bytes_", "object_"]);
allow("numpy", ["int8", "int16", "int32", "int64", "intc", "longlong", "bool_", "bool", "datetime64", "timedelta64"]);
allow("numpy", ["uint8", "uint16", "uint32", "uint64", "uintc", "ulonglong", "ndarray"]);
allow("numpy", ["dtype"], ([code]) => {
  if (typeof code !== "string" || code.length > 16) throw malformed("numpy.dtype");
  return new NumpyDtype(code.replace(/^[<>|=]/, ""));
});
for (const core of ["numpy.core", "numpy._core"]) {
  allow(`${core}.multiarray`, ["_reconstruct"], () => emptyArray());
  allow(`${core}.multiarray`, ["scalar"], ([dtype, bytes], context) => {
    if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) throw malformed("numpy scalar");
    context.spend(bytes.length);
    const decoded = decodeArray(bytes, dtype, []);
    const [value = 0] = decoded.data;
    const scalar = new NumpyScalar(decoded.dtype, decoded.dtype === "bool" ? value !== 0 : value);
    if (decoded.isVerbatim) context.elementsOf(scalar, bytes);
    return scalar;
  });
  allow(`${core}.numeric`, ["_frombuffer"], ([bytes, dtype, shape, order], context) => {
    const array = emptyArray();
    fillArray(array, { bytes, dtype, shape, fortranOrder: order === "F" }, context);
    return array;
  });
}
