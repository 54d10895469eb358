"""A session of real BLISS 1.11 that does what it is told: reads one line of Python at a time, prints the outcome as JSON.

usage: BEACON_HOST=localhost:25000 python -W ignore bliss_session.py SESSION
Each line of the input is a JSON text with code: an expression gives {"value": …}, statements {}, a failure {"error": …}.
"""
import ast
import json
import math
import sys

import bliss.common.scans
import gevent
from bliss.config import channels, settings, static
from bliss.scanning.group import Group, Sequence
from bliss.scanning.scan import Scan, WatchdogCallback

names = {"channels": channels, "settings": settings, "Group": Group, "Sequence": Sequence}
names.update({"Scan": Scan, "WatchdogCallback": WatchdogCallback, "sys": sys})
names.update({name: getattr(bliss.common.scans, name) for name in ("ascan", "amesh", "ct", "loopscan", "timescan")})
session = static.get_config().get(sys.argv[1])
session.setup(names)
names.update({"session": session, "SCAN_SAVING": session.scan_saving})


def plain(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no inf and no nan
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def run(code):
    body = ast.parse(code).body
    if len(body) == 1 and isinstance(body[0], ast.Expr):
        return {"value": plain(eval(code, names))}
    exec(code, names)
    return {}


def answer(outcome):
    print("\x1e" + json.dumps(outcome), flush=True)


answer({})
# in a thread: a process that waits must go on answering the others on its channels
read_line = sys.stdin.readline
for line in iter(lambda: gevent.get_hub().threadpool.apply(read_line), ""):
    try:
        outcome = run(json.loads(line))
    except BaseException as error:
        outcome = {"error": f"{type(error).__name__}: {error}"}
    answer(outcome)
