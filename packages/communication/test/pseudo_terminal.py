"""The far end of a serial cable: what is written to the port comes out of stdout, stdin goes to the port.

The first line of stderr is the path of the port. Ends, and with it the port, when stdin does.
"""
import os
import select
import sys
import tty

far, near = os.openpty()
tty.setraw(near)
print(os.ttyname(near), file=sys.stderr, flush=True)
while True:
    ready, _, _ = select.select([0, far], [], [])
    if 0 in ready:
        data = os.read(0, 4096)
        if not data:
            break
        os.write(far, data)
    if far in ready:
        os.write(1, os.read(far, 4096))
