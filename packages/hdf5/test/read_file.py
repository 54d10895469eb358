"""Reads a file with h5py, as the tree of the vectors, or with silx, as what it shows by default."""

import json
import sys

import h5py
import numpy
from silx.io import nxdata


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def values(array):
    if isinstance(array, (bytes, str)):
        return text(array)
    return [text(value) for value in numpy.asarray(array).ravel()] if array.dtype == object else array.tolist()


def dtype(kind):
    return "str" if h5py.check_string_dtype(kind) else kind.str


def attributes(item):
    return {
        name: {
            "dtype": dtype(item.attrs.get_id(name).dtype),
            "shape": list(item.attrs.get_id(name).shape),
            "value": values(value),
        }
        for name, value in item.attrs.items()
    }


def node(parent, name):
    link = parent.get(name, getlink=True)
    if isinstance(link, h5py.SoftLink):
        return {"type": "soft_link", "path": link.path}
    item = parent[name]
    if isinstance(item, h5py.Group):
        return {"type": "group", "attrs": attributes(item), "children": {key: node(item, key) for key in item}}
    plist = item.id.get_create_plist()
    described = {
        "type": "dataset",
        "dtype": dtype(item.dtype),
        "shape": list(item.shape),
        "maxshape": list(item.maxshape),
        "chunks": list(item.chunks) if item.chunks else None,
        "attrs": attributes(item),
        "filters": [plist.get_filter(index)[0] for index in range(plist.get_nfilters())],
    }
    if item.size <= 12:
        described["value"] = values(item[()])
    return described


def default(file):
    data = nxdata.get_default(file)
    return {
        "signal": data.signal_name,
        "values": data.signal[()].tolist(),
        "axes": [list(axis[()]) if axis is not None else None for axis in data.axes],
        "names": [str(name) for name in data.axes_names],
        "auxiliary": list(data.auxiliary_signals_names),
        "isCurve": bool(data.is_curve),
        "isScatter": bool(data.is_scatter),
        "title": data.title,
    }


with h5py.File(sys.argv[2], "r") as file:
    if sys.argv[1] == "tree":
        result = {name: node(file, name) for name in file}
    else:
        result = default(file)
    print(json.dumps(result))
