"""What code42cli and crashplancli do with organizations, against `org42 authority serve`.

usage: cli_scenario.py code42|crashplan URL     (the administrator's password is in ORG42_PASSWORD)

Each check looks at what the server has stored, read with plain HTTP. Ends with the number of checks.
"""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

TOOL, URL = sys.argv[1], sys.argv[2]
ADMIN, PASSWORD = "admin@example.com", os.environ["ORG42_PASSWORD"]
PROGRAM = Path(sys.executable).with_name(TOOL)
HOME = tempfile.mkdtemp()
checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"{TOOL}: FAILED: {text}")


def run(*words):
    environment = {
        **os.environ,
        "HOME": HOME,
        "PYTHONWARNINGS": "ignore",
        # The password has to be kept somewhere without a desktop.
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
        "PAGER": "cat",
    }
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)


def ok(*words):
    done = run(*words)
    check(done.returncode == 0, f"{words}: {done.stdout} {done.stderr}")
    return done.stdout


def api(method, path, **body):
    answer = requests.request(method, URL + path, json=body or None, auth=(ADMIN, PASSWORD))
    check(answer.ok, f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json()["data"] if answer.text else None


def org(name, parent=None):
    body = {"orgName": name} if parent is None else {"orgName": name, "parentOrgUid": parent["orgUid"]}
    return api("POST", "/api/v1/Org", **body)


def user(name, where):
    return api("POST", "/api/v1/User", orgUid=where["orgUid"], username=name, email=name, password="correct horse")


name = f"{TOOL} Paris"
paris = org(name)
child = org(f"{TOOL} Child", paris)
lyon = org(f"{TOOL} Lyon")
ann, bob = user(f"ann.{TOOL}@example.com", paris), user(f"bob.{TOOL}@example.com", child)

# Profiles.
ok("profile", "create", "-n", "lab", "-s", URL, "-u", ADMIN, "--password", PASSWORD, "-y")
check("lab" in ok("profile", "list"), "the profile is listed")
wrong = run("profile", "create", "-n", "bad", "-s", URL, "-u", ADMIN, "--password", "wrong guess", "-y")
check("Invalid credentials" in wrong.stdout + wrong.stderr, f"a wrong password is told: {wrong.stdout} {wrong.stderr}")
ok("profile", "use", "lab")

# Organizations, in every format.
stored = api("GET", "/api/v1/Org?pgSize=1000")["orgs"]
names = {one["orgName"] for one in stored}
rows = list(csv.DictReader(io.StringIO(ok("users", "orgs", "list", "-f", "csv"))))
check({row["orgName"] for row in rows} == names, "list as CSV has every organization")
check(name in ok("users", "orgs", "list"), "list as a table")
check(name in ok("users", "orgs", "list", "-f", "json"), "list as JSON")
raw = ok("users", "orgs", "list", "-f", "raw-json")
check(all(f'"{one["orgUid"]}"' in raw for one in stored), "list as raw JSON has every uid")

shown = ok("users", "orgs", "show", paris["orgUid"])
check(name in shown, "show by uid")
shown = json.loads(ok("users", "orgs", "show", paris["orgUid"], "-f", "raw-json"))
shown = shown[0] if isinstance(shown, list) else shown
check(shown.get("data", shown)["orgGuid"] == paris["orgGuid"], "show as raw JSON")
unknown = run("users", "orgs", "show", "123456789012345678")
check(unknown.returncode != 0, "an organization that is not there cannot be shown")

# Users of an organization, and a move.
listed = ok("users", "list", "--org-uid", paris["orgUid"], "-f", "csv")
check(ann["username"] in listed and bob["username"] in listed, "users of an organization and of those below it")
listed = ok("users", "list", "--org-uid", lyon["orgUid"], "-f", "csv")
check(ann["username"] not in listed, "and of no other")
ok("users", "move", "--username", ann["username"], "--org-id", lyon["orgUid"])
now = api("GET", f"/api/v1/User/{ann['userId']}")
check(now["orgUid"] == lyon["orgUid"], "the user is in the other organization")
api("PUT", f"/api/v1/OrgBlock/{paris['orgId']}")
ok("users", "move", "--username", bob["username"], "--org-id", lyon["orgUid"])
now = api("GET", f"/api/v1/User/{bob['userId']}")
check(now["orgUid"] == lyon["orgUid"] and now["blocked"], "who is blocked can be moved and stays blocked")

# Who may not is told so; who has a role sees what it is for.
eve = user(f"eve.{TOOL}@example.com", lyon)
ok("profile", "create", "-n", "eve", "-s", URL, "-u", eve["username"], "--password", "correct horse", "-y")
denied = run("users", "orgs", "list", "--profile", "eve")
check(denied.returncode == 1, f"no rights: {denied.stdout} {denied.stderr}")
check("permission" in (denied.stdout + denied.stderr).lower(), f"which is said: {denied.stdout} {denied.stderr}")
ok("users", "add-role", "--username", eve["username"], "--role-name", "Org Manager", "--profile", "lab")
listed = ok("users", "list", "--role-name", "Org Manager", "--include-roles", "-f", "csv", "--profile", "lab")
check(eve["username"] in listed and ann["username"] not in listed, "users by role")
listed = ok("users", "orgs", "list", "-f", "csv", "--profile", "eve")
check([row["orgName"] for row in csv.DictReader(io.StringIO(listed))] == [lyon["orgName"]], "the own organization alone")

print(f"{TOOL}: {checks} checks passed")
