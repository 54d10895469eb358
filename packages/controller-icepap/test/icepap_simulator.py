"""Runs the IcePAP simulator of PyPI (icepap[simulator]) on a free port, which is the first line of stdout; ends when stdin does.

Arguments: addresses of axes.
"""
import sys

import gevent
from gevent.fileobject import FileObject
from icepap.simulator import Axis
from sinstruments.simulator import Server

update_of_pypi = Axis.update


def update(axis, instant=None):
    """It looks at the clock twice, and leaves an axis that arrives between the two a step short: the motor does arrive."""
    motion = axis.motion
    update_of_pypi(axis, instant)
    if motion and not axis.motion:
        axis._pos = int(motion.position())


Axis.update = update

axes = [{"address": int(address), "name": f"m{address}", "velocity": 1000, "acctime": 0.1} for address in sys.argv[1:]]
device = {
    "class": "IcePAP",
    "package": "icepap.simulator",
    "name": "icepap",
    "transports": [{"type": "tcp", "url": "127.0.0.1:0"}],
    "axes": axes,
}
server = Server(devices=[device])
(transport,) = server.devices["icepap"].transports
transport.start()
print(transport.server_port, flush=True)
gevent.spawn(FileObject(sys.stdin.buffer).read).join()
transport.stop()
