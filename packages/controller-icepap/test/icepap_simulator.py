"""Runs the IcePAP simulator of PyPI (icepap[simulator]) on a free port, which is the first line of stdout; ends when stdin does.

Arguments: addresses of axes.
"""
import sys

import gevent
from gevent.fileobject import FileObject
from sinstruments.simulator import Server

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
