"""CPython's side of the differential test: one request a line on stdin (JSON), one answer a line on stdout.

{"write": [tree, protocol]} -> base64 of the pickle of the value that the tree describes
{"read": base64}            -> [tree of the value, base64 of the value pickled again with protocol 4]
"""

import base64
import datetime
import json
import pickle
import struct
import sys

try:
    import numpy
except ImportError:
    numpy = None


def value_of(tree):
    kind, content = tree
    if kind == "none":
        return None
    if kind == "bool":
        return content
    if kind == "int":
        return int(content)
    if kind == "float":
        return struct.unpack(">d", bytes.fromhex(content))[0]
    if kind == "str":
        return content
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "datetime":
        return datetime.datetime(*content)
    if kind == "list":
        return [value_of(item) for item in content]
    if kind == "tuple":
        return tuple(value_of(item) for item in content)
    if kind == "set":
        return {value_of(item) for item in content}
    if kind == "dict":
        return {value_of(key): value_of(item) for key, item in content}
    if kind == "scalar":
        dtype, data = content
        return numpy.frombuffer(bytes.fromhex(data), dtype=dtype)[0]
    if kind == "array":
        dtype, shape, data = content
        array = numpy.frombuffer(bytes.fromhex(data), dtype=dtype).reshape(shape)
        # As it may come from a device: other byte order, other layout.
        if len(data) % 3 == 0:
            array = array.astype(array.dtype.newbyteorder(">"))
        return numpy.asfortranarray(array) if len(data) % 5 == 0 else array.copy()
    raise ValueError(kind)


def tree_of(value):
    if value is None:
        return ["none", None]
    if numpy is not None and isinstance(value, numpy.generic):
        return ["scalar", [value.dtype.str, value.tobytes().hex()]]
    if numpy is not None and isinstance(value, numpy.ndarray):
        return ["array", [value.dtype.str, list(value.shape), value.tobytes().hex()]]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", struct.pack(">d", value).hex()]
    if isinstance(value, str):
        return ["str", value]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, datetime.datetime):
        return ["datetime", [*value.timetuple()[:6], value.microsecond]]
    if isinstance(value, list):
        return ["list", [tree_of(item) for item in value]]
    if isinstance(value, tuple):
        return ["tuple", [tree_of(item) for item in value]]
    if isinstance(value, set):
        return ["set", [tree_of(item) for item in sorted(value)]]
    if isinstance(value, dict):
        return ["dict", [[tree_of(key), tree_of(item)] for key, item in value.items()]]
    raise ValueError(type(value))


def answer(request):
    if "write" in request:
        tree, protocol = request["write"]
        return base64.b64encode(pickle.dumps(value_of(tree), protocol)).decode()
    value = pickle.loads(base64.b64decode(request["read"]))
    return [tree_of(value), base64.b64encode(pickle.dumps(value, 4)).decode()]


sys.set_int_max_str_digits(0) if hasattr(sys, "set_int_max_str_digits") else None
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
