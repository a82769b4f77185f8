"""Measures org42 beside others, whole commands in the same run, and prints ratios; README.md says what is compared.

usage: run.py [--org42 FILE] [--rounds N] [--sizes N,N] [listing|latency|start|find|authority|changes|settings ...]
"""

import argparse
import http.client
import json
import platform
import statistics
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import peers
from measure import run, side_by_side
from servers import PAGE, Authority, Delayed, Static, caller

HERE = Path(__file__).parent
ROOT = HERE.parent


def curl(port, count, folder):
    """A curl that fetches the pages of a listing over one connection, and throws them away."""
    config = Path(folder, "urls")
    url = 'url = "http://127.0.0.1:{}/api/v1/Org?pgNum={}&pgSize={}"\noutput = /dev/null\n'
    last = -(-count // PAGE)
    config.write_text("".join(url.format(port, page, PAGE) for page in range(1, last + 1)))
    return ["curl", "-s", "-K", str(config)]


def listing(options):
    """All organizations in each form, beside curl, py42 and pycpg."""
    for count in options.sizes or [1_000, 10_000, 50_000]:
        with Static(count) as server, tempfile.TemporaryDirectory() as home:
            here = caller(server.port, home)
            commands = {"curl": (curl(server.port, count, home), here)}
            for form in ("jsonl", "ids", "csv", "table", "json"):
                commands[form] = ([options.org42, "list", "-o", form], here)
            if count <= 50_000:
                for package in peers.PACKAGES:
                    commands[package] = (peers.command(package, peers.LIST), here)
            done = side_by_side(commands, options.rounds)
        for name, one in done.items():
            row = {"size": count, "what": name, "wall": one.wall, "cpu": one.cpu, "peak": one.peak}
            row["wall / curl"] = one.wall / done["curl"].wall
            if "py42" in done:
                row["cpu / py42"] = one.cpu / done["py42"].cpu
            yield row


def latency(options):
    """All organizations where each request takes 80 ms longer, beside py42."""
    for count in options.sizes or [1_000, 10_000, 50_000]:
        with Static(count) as server, Delayed(server.port, 80) as way, tempfile.TemporaryDirectory() as home:
            here = caller(way.port, home)
            commands = {"jsonl": ([options.org42, "list", "-o", "jsonl"], here)}
            commands["py42"] = (peers.command("py42", peers.LIST), here)
            done = side_by_side(commands, 1)
        for name, one in done.items():
            yield {"size": count, "what": name, "wall": one.wall, "wall / py42": one.wall / done["py42"].wall}


def start(options):
    """The shortest commands; nothing is asked of any server."""
    for word in ("--version", "--help"):
        one = side_by_side({word: ([options.org42, word], None)}, max(options.rounds, 9))[word]
        yield {"what": word, "wall": one.wall, "peak": one.peak}


def find(options):
    """One organization by each kind of name; the requests are counted on the way to the authority."""
    for count in options.sizes or [1_000, 10_000]:
        with Authority(options.org42, count) as server, Delayed(server.port, 0) as way:
            with tempfile.TemporaryDirectory() as home:
                here = caller(way.port, home, Authority.PASSWORD)
                show = lambda *words: [options.org42, "show", "-o", "json", *words]
                names = subprocess.run(show("id:100"), env=here, capture_output=True, check=True)
                org = json.loads(names.stdout)
                above = subprocess.run(show(f"id:{org['parentOrgId']}"), env=here, capture_output=True, check=True)
                name, parent = org["orgName"], json.loads(above.stdout)
                path = f"/{name}" if parent["parentOrgId"] is None else f"/{parent['orgName']}/{name}"
                kinds = {"guid": f"guid:{org['orgGuid']}", "id": "id:100", "uid": f"uid:{org['orgUid']}"}
                kinds |= {"name": f"name:{name}", "path": path}
                for kind, word in kinds.items():
                    before = way.requests()
                    one = run(show(word), here)
                    yield {"size": count, "what": kind, "requests": way.requests() - before, "wall": one.wall}


def authority(options):
    """Pages and single organizations of the authority, over one connection; founding, start and memory."""
    for count in options.sizes or [1_000, 10_000, 100_000]:
        with Authority(options.org42, count) as server:
            if server.founded:
                yield {"size": count, "what": "founded", "wall": server.seconds}
        with Authority(options.org42, count) as server:
            yield {"size": count, "what": "started", "wall": server.seconds, "peak": server.peak()}
            with tempfile.TemporaryDirectory() as home:
                here = caller(server.port, home, Authority.PASSWORD)
                words = [options.org42, "show", "my", "-o", "json"]
                top = json.loads(subprocess.run(words, env=here, stdout=subprocess.PIPE, check=True).stdout)
            connection = http.client.HTTPConnection("127.0.0.1", server.port)
            basic = http_basic("admin@example.com", Authority.PASSWORD)
            connection.request("GET", "/api/v3/auth/jwt?useBody=true", headers={"Authorization": basic})
            token = json.load(connection.getresponse())["data"]["v3_user_token"]
            last = max(1, count // PAGE)
            plain = None
            for what, query in {
                "a page of 500": "pgNum=1", "the last page": f"pgNum={last}", "by state": "pgNum=1&active=true",
                "by parent": f"pgNum=1&parentOrgId={top['orgId']}", "searched": "pgNum=1&q=Organization",
                "with counts": "pgNum=1&incCounts=true",
            }.items():
                times = []
                for _ in range(max(options.rounds, 9)):
                    begun = time.perf_counter()
                    path = f"/api/v1/Org?{query}&pgSize={PAGE}"
                    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
                    connection.getresponse().read()
                    times.append(time.perf_counter() - begun)
                wall = statistics.median(times)
                plain = plain or wall
                yield {"size": count, "what": what, "wall": wall, "/ a plain page": wall / plain}


def far(options, count, tenant, sides):
    """Lets each side change `count` organizations of a new tenant, each request 50 ms later. `sides` makes the commands of
    both from the listing."""
    with tempfile.TemporaryDirectory() as home:
        with Authority(options.org42, tenant, Path(home, "data")) as server, Delayed(server.port, 50) as way:
            env, near = caller(way.port, home, Authority.PASSWORD), caller(server.port, home, Authority.PASSWORD)
            words = [options.org42, "list", "-o", "jsonl"]
            listed = subprocess.run(words, env=near, stdout=subprocess.PIPE, text=True, check=True).stdout
            walls = {}
            for who, words in sides([json.loads(line) for line in listed.splitlines()]).items():
                before = way.requests()
                walls[who] = run(words, env).wall
                yield {"size": count, "what": who, "requests": way.requests() - before, "wall": walls[who]}
            yield {"size": count, "what": "org42 / py42", "wall": walls["org42"] / walls["py42"]}


def changes(options):
    """Blocks many organizations of a tenant of ten times as many; each side blocks others."""
    count = (options.sizes or [1_000])[0]

    def sides(listed):
        orgs = [org for org in listed if org["active"] and not org["blocked"]][-2 * count:]
        example = Path(options.org42).parent / "examples" / "block_many"
        ours, theirs = orgs[:count], orgs[count:]
        return {
            "org42": [str(example), *(f"id:{org['orgId']}" for org in ours)],
            "py42": peers.command("py42", peers.BLOCK, *(org["orgGuid"] for org in theirs)),
        }

    return far(options, count, 10 * count, sides)


def settings(options):
    """Sets one value in every organization of a tenant; each side sets another value."""

    def sides(listed):
        ids = [str(org["orgId"]) for org in listed]
        words = ["settings", "set", f"id:{ids[0]}", "user_backup_quota=77", "--own", "--recursive", "--yes"]
        return {"org42": [options.org42, *words], "py42": peers.command("py42", peers.SETTINGS, *ids)}

    count = (options.sizes or [1_000])[0]
    return far(options, count, count, sides)


def http_basic(name, password):
    import base64

    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


KINDS = {kind.__name__: kind for kind in (listing, latency, start, find, authority, changes, settings)}


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    cores = sum(line.startswith("processor") for line in lines)
    return f"{cores} cores of {model}, {platform.system()} {platform.release()}, {date.today()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    built = [ROOT / "target" / profile / "org42" for profile in ("dist", "release")]
    parser.add_argument("--org42", default=next((str(one) for one in built if one.exists()), "org42"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=lambda text: [int(one) for one in text.split(",")])
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    options = parser.parse_args()
    for kind in options.kinds:
        rows = []
        for row in KINDS[kind](options):
            rows.append(row)
            shown = (f"{name} {value:.3f}" if isinstance(value, float) else f"{value}" for name, value in row.items())
            print(f"{kind}:", " · ".join(shown), flush=True)
        results = HERE / "results"
        results.mkdir(exist_ok=True)
        document = {"kind": kind, "machine": machine(), "rows": rows}
        (results / f"{kind}.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
