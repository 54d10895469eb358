"""Everything that blissdata 0.3.4 finds below a session, a JSON line for each node.

usage: BEACON_HOST=localhost:25000 python -W ignore dump_session.py SESSION
"""
import json
import os
import sys

from blissdata.client import configure_with_beacon_address
from blissdata.data.node import get_session_node

host, port = os.environ["BEACON_HOST"].split(":")
configure_with_beacon_address(host, int(port))
for node in get_session_node(sys.argv[1]).walk(wait=False):
    line = {"db_name": node.db_name, "type": node.type}
    if node.type == "channel":
        line["data"] = node.get_as_array(0, -1).tolist()
    elif node.type == "node_ref_channel":
        line["data"] = [other.db_name for other in node.get(0, -1)]
    elif node.type in ("scan", "scan_group"):
        info = node.info.get_all()
        line["info"] = {name: info.get(name) for name in ("title", "scan_nb", "npoints", "state", "save", "start", "stop")}
    print(json.dumps(line), flush=True)
