"""The same analysis in Python, with the real BLISS 1.11 and blissdata 0.3.4 (where the event is called NEW_DATA).

usage: BEACON_HOST=host:port python analysis.py [SESSION] [scans to follow]
"""
import sys

from bliss.config import channels
from blissdata.data import node

session_name = sys.argv[1] if len(sys.argv) > 1 else "demo_session"
left = int(sys.argv[2]) if len(sys.argv) > 2 else -1
max_value = 0.0
stop_alignment = channels.Channel("stop_alignment", default_value=False)
print("ready", stop_alignment.value, flush=True)
for event, *values in node.get_session_node(session_name).walk_on_new_events():
    if event == event.NEW_NODE:
        if values[0].type == "scan":
            max_value = 0.0
    elif event == event.NEW_DATA:
        channel = values[0]
        if channel.name.find("gauss") < 0:
            continue
        data_value = channel.get(-1)
        if data_value > max_value:
            max_value = data_value
        elif data_value < max_value / 2.0 and not stop_alignment.value:
            print(f"Stop Alignment scan max_value:{max_value} current_value:{data_value}", flush=True)
            stop_alignment.value = True
    elif event == event.END_SCAN:
        print(f"{values[0].db_name} ends", flush=True)
        left -= 1
        if left == 0:
            break
