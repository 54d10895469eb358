"""Every request that BLISS 1.11 and blissdata 0.3.4 make of a Beacon server; prints JSON lines [step, result].

usage: BEACON_HOST=localhost:25000 python -W ignore beacon_requests.py requests|data
"""
import json
import os
import sys

HOST, PORT = os.environ["BEACON_HOST"].split(":")


def tell(step, result):
    print(json.dumps([step, result]), flush=True)


def attempt(step, call, *args, **kwargs):
    """Tells what a call gives, or the class of what it raises."""
    try:
        result = call(*args, **kwargs)
        tell(step, result.decode() if isinstance(result, bytes) else result)
    except Exception as error:
        tell(step, "raised " + type(error).__name__)


def data():
    from blissdata.beacon.files import BeaconFiles, read_config
    from blissdata.client import configure_with_beacon_address, get_redis_proxy

    configure_with_beacon_address(HOST, int(PORT))
    get_redis_proxy(db=0).set("from_python", "settings")
    get_redis_proxy(db=1).set("from_python", "data")
    files = BeaconFiles(HOST, int(PORT))
    attempt("get_file", files.get_file, "motors/sim.yml")
    attempt("get_file missing", files.get_file, "nope")
    attempt("get_tree", files.get_tree, "motors")
    files.close()
    tell("read_config", [dict(item) for item in read_config(f"beacon://{HOST}:{PORT}/motors/sim.yml")])


def connection():
    from bliss.config.conductor.connection import Connection

    return Connection(HOST, int(PORT))


def requests():
    one, two = connection(), connection()
    tell("uds", [one.uds, one.get_client_name() == one.CLIENT_NAME])
    tell("uds after connecting", one.uds)
    attempt("redis", lambda: str(one.get_redis_connection_address()))
    attempt("data redis", lambda: str(one.get_redis_data_server_connection_address()))
    one.get_redis_proxy().set("from_python", "hello")
    attempt("log server", one.get_log_server_address)
    attempt("set name", one.set_client_name, "first")
    attempt("name", one.get_client_name)
    attempt("db", lambda: one.get_config_db())
    attempt("db of motors", lambda: one.get_config_db("motors"))
    attempt("db of nothing", lambda: one.get_config_db("nope"))
    attempt("tree", one.get_config_db_tree)
    attempt("tree of nothing", one.get_config_db_tree, "nope")
    attempt("file", one.get_config_file, "motors/sim.yml")
    attempt("no file", one.get_config_file, "nope")
    attempt("file outside", one.get_config_file, "../outside/secret.yml")
    attempt("set", one.set_config_db_file, "new/deep/a.yml", "x: 1 | \u00e9\n")
    attempt("file set", one.get_config_file, "new/deep/a.yml")
    attempt("set outside", one.set_config_db_file, "../outside/a.yml", "x")
    attempt("move", one.move_config_path, "new/deep/a.yml", "new/b.yml")
    attempt("tree moved", one.get_config_db_tree, "new")
    attempt("remove", one.remove_config_file, "new")
    attempt("remove nothing", one.remove_config_file, "new")
    attempt("modules", one.get_python_modules, "sessions/scripts")
    modules = one.get_python_modules("sessions/scripts")
    attempt("a module", one.get_config_file, modules[0][1].strip("/"))
    attempt("modules of nothing", one.get_python_modules, "nope")

    import gevent

    one.lock("m1", "m2")
    one.lock("m1")
    two.set_client_name("second")
    tell("who", two.who_locked())
    tell("who of", two.who_locked("m2", "free"))
    attempt("contended", two.lock, "m2", timeout=0.3)
    waiting = gevent.spawn(two.lock, "m2", timeout=5)
    gevent.sleep(0.1)
    one.unlock("m1", "m2")
    waiting.get(timeout=5)
    tell("who after retry", two.who_locked())
    one.unlock("m1")
    one.get_client_name()  # answered after the unlock, which has no answer
    tell("who after count", two.who_locked())
    one.lock("m2", priority=100)
    tell("who after stealing", two.who_locked())
    one.close()
    with gevent.Timeout(5):
        while two.who_locked():
            gevent.sleep(0.01)
    tell("who after closing", two.who_locked())
    two.close()


{"data": data, "requests": requests}[sys.argv[1]]()
