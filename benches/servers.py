"""The servers that commands are measured against: a neutral static one, a delay before it, and the authority."""

import asyncio
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PAGE = 500
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "org42-benches"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(port):
    for _ in range(3000):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"nothing listens at port {port}")


def org(number):
    """An organization of the shape and length that servers send; the one above it comes before it."""
    parent = None if number == 1 else max(1, number // 12)
    of = lambda number, text: None if number is None else text.format(number)
    return {
        "orgId": number, "orgUid": f"{890000000000000000 + number}",
        "orgGuid": f"a9578c3d-736b-4d96-80e5-{number:012d}", "orgName": f"Organization {number}",
        "orgExtRef": None, "notes": None, "status": "Active", "active": number % 97 != 0, "blocked": False,
        "parentOrgId": parent, "parentOrgUid": parent and f"{890000000000000000 + parent}",
        "parentOrgGuid": of(parent, "a9578c3d-736b-4d96-80e5-{:012d}"), "type": "ENTERPRISE",
        "classification": "BASIC", "externalId": f"{890000000000000000 + number}", "hierarchyCounts": {},
        "configInheritanceCounts": {}, "creationDate": "2021-05-19T10:10:43.459Z",
        "modificationDate": "2021-05-20T14:43:42.276Z", "deactivationDate": None,
        "settings": {"maxSeats": None, "maxBytes": None},
        "settingsInherited": {"maxSeats": "", "maxBytes": ""},
        "settingsSummary": {"maxSeats": "", "maxBytes": ""}, "registrationKey": "72RU-8P9S-M7KK-RHCC",
        "reporting": {"orgManagers": []}, "customConfig": False,
    }


def pages(count):
    """Makes the pages of a listing, once; returns their directory. The last page is the empty one behind the end."""
    folder = CACHE / f"pages-{count}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        last = -(-count // PAGE) + 1
        for page in range(1, last + 1):
            numbers = range((page - 1) * PAGE + 1, min(page * PAGE, count) + 1)
            data = {"totalCount": count, "orgs": [org(number) for number in numbers]}
            document = json.dumps({"data": data, "metadata": {}}, separators=(",", ":"))
            (folder / f"{page}-{PAGE}.json").write_text(document)
        (folder / "done").touch()
    return folder


def token():
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return ".".join([part({"alg": "HS256"}), part({"exp": int(time.time()) + 10**7}), "c2ln"])


CONFIG = """
{user}worker_processes 1; daemon off; pid {work}/pid; error_log {work}/errors;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000; default_type application/json;
  client_body_temp_path {work}/1; proxy_temp_path {work}/2; fastcgi_temp_path {work}/3;
  uwsgi_temp_path {work}/4; scgi_temp_path {work}/5;
  server {{
    listen 127.0.0.1:{port};
    location = /api/v1/Org {{ root {pages}; rewrite ^ /$arg_pgNum-$arg_pgSize.json last; }}
    location = /api/v3/auth/jwt {{ return 200 '{token}'; }}
    location = /api/v1/User/my {{ return 200 '{{"data":{{"userId":1,"userUid":"1","username":"a"}}}}'; }}
    location / {{ root {pages}; internal; }}
  }}
}}
"""


class Static:
    """nginx with the pages of a listing, and with what clients ask when they sign in."""

    def __init__(self, count):
        self.work, self.port = tempfile.mkdtemp(prefix="org42-bench"), free_port()
        answer = json.dumps({"data": {"v3_user_token": token()}, "error": None})
        # Started by root, its workers would be somebody who may not read the pages.
        user = "user root;\n" if os.getuid() == 0 else ""
        text = CONFIG.format(user=user, work=self.work, port=self.port, pages=pages(count), token=answer)
        Path(self.work, "conf").write_text(text)
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([nginx, "-c", f"{self.work}/conf"], stderr=subprocess.DEVNULL)
        wait_for(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


class Delayed:
    """A way to a port on which each request arrives later; answers come back at once. Counts the requests."""

    def __init__(self, port, milliseconds):
        self.port, self.counts = free_port(), tempfile.NamedTemporaryFile()
        words = [sys.executable, __file__, str(self.port), str(port), str(milliseconds), self.counts.name]
        self.process = subprocess.Popen(words)
        wait_for(self.port)

    def requests(self):
        return int(Path(self.counts.name).read_text() or 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Authority:
    """The authority, with a sample of so many organizations that is founded once and kept."""

    PASSWORD = "correct horse battery"

    def __init__(self, org42, count, folder=None):
        self.folder, self.port = folder or CACHE / f"sample-{count}", free_port()
        self.founded = not self.folder.exists()
        begun = time.perf_counter()
        words = [org42, "authority", "serve", "--data", str(self.folder), "--sample", str(count)]
        words += ["--listen", f"127.0.0.1:{self.port}", "--admin-password", self.PASSWORD]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if not self.process.stdout.readline().startswith(b"listening on "):
            raise SystemExit(f"{org42} serves nothing from {self.folder}")
        self.seconds = time.perf_counter() - begun

    def peak(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def caller(port, home, password="x"):
    """The environment of a command that signs in as a person at a port; `home` keeps its token."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {
        "HOME": home, "ORG42_URL": f"http://127.0.0.1:{port}", "ORG42_USERNAME": "admin@example.com",
        "ORG42_PASSWORD": password,
    }


async def delay(listen, to, milliseconds, counts):
    """Forwards connections; what clients send is handed on later, in its order."""
    requests = 0

    async def handle(reader, writer):
        nonlocal requests
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", to)
        line = asyncio.Queue()

        async def read():
            nonlocal requests
            while data := await reader.read(65536):
                requests += data.count(b" HTTP/1.1\r\n")
                Path(counts).write_text(str(requests))
                line.put_nowait((time.monotonic() + milliseconds / 1000, data))
            line.put_nowait(None)

        async def hand_on():
            while item := await line.get():
                await asyncio.sleep(max(0, item[0] - time.monotonic()))
                server_writer.write(item[1])
                await server_writer.drain()
            server_writer.close()

        async def answer():
            while data := await server_reader.read(1 << 18):
                writer.write(data)
                await writer.drain()
            writer.close()

        await asyncio.gather(read(), hand_on(), answer(), return_exceptions=True)

    server = await asyncio.start_server(handle, "127.0.0.1", listen, limit=1 << 18)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(delay(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
