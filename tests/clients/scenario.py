"""Everything that the organization service of py42 (or pycpg, its fork) does, against `org42 authority serve`.

usage: scenario.py py42|pycpg URL     (the administrator's password is in ORG42_PASSWORD)

Each check looks at what the server has stored, not at what a call returned. Ends with the number of checks.
"""

import importlib
import os
import sys
import time
from datetime import datetime, timedelta, timezone

import requests

PACKAGE, URL = sys.argv[1], sys.argv[2]
ADMIN, PASSWORD = "admin@example.com", os.environ["ORG42_PASSWORD"]
USER_PASSWORD = "correct horse"
sdk_module = importlib.import_module(PACKAGE + ".sdk")
settings = importlib.import_module(PACKAGE + ".settings")
exceptions = importlib.import_module(PACKAGE + ".exceptions")
UNAUTHORIZED = getattr(exceptions, {"py42": "Py42UnauthorizedError", "pycpg": "PycpgUnauthorizedError"}[PACKAGE])
HTTP_ERROR = getattr(exceptions, {"py42": "Py42HTTPError", "pycpg": "PycpgHTTPError"}[PACKAGE])

checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"{PACKAGE}: FAILED: {text}")


def refused(error, call, text):
    try:
        call()
    except error:
        return check(True, text)
    check(False, text)


def login(username=ADMIN, password=PASSWORD):
    return sdk_module.from_local_account(URL, username, password)


def agent(route, **body):
    return requests.post(f"{URL}/_authority/agent/{route}", json=body)


class Device:
    def __init__(self, org, username, name, os_name="mac"):
        answer = agent(
            "register",
            registrationKey=org["registrationKey"],
            username=username,
            password=USER_PASSWORD,
            deviceName=name,
            osName=os_name,
        )
        self.status, self.text = answer.status_code, answer.text
        if answer.ok:
            self.id, self.pass_ = answer.json()["computerId"], {k: answer.json()[k] for k in ("guid", "secret")}

    def backup(self):
        return agent("backup", bytes=1000, **self.pass_).status_code

    def login(self):
        return agent("login", **self.pass_).status_code


admin = login()
stamp = f"{PACKAGE} {int(time.time() * 1000)}"


def org(org_id):
    return admin.orgs.get_by_id(org_id)


def user(user_id):
    return admin.users.get_by_id(user_id)


def device(device_):
    return admin.devices.get_by_id(device_.id)


def counts(org_id):
    page = admin.orgs.get_by_id(org_id, incCounts=True)
    return page["userCount"], page["computerCount"], page["planCount"]


# Listing, creating, reading, changing.
first = next(iter(admin.orgs.get_all()))
top = first["orgs"][0]
check(top["parentOrgId"] is None, "the top organization comes first")
made = admin.orgs.create_org(f"Parent {stamp}", "REF-1", "some notes", top["orgUid"])
check(made.status_code == 200, "create answers 200")
parent = made["orgId"]
child = admin.orgs.create_org(f"Child {stamp}", parent_org_uid=made["orgUid"])["orgId"]
check(org(child)["parentOrgId"] == parent, "the child is below its parent")
check((org(parent)["orgExtRef"], org(parent)["notes"]) == ("REF-1", "some notes"), "reference and notes are stored")
check(admin.orgs.get_by_uid(made["orgUid"])["orgId"] == parent, "found by uid")
admin.orgs.update_org(parent, name=f"Renamed {stamp}")
check(org(parent)["orgName"] == f"Renamed {stamp}", "renamed")
check(org(parent)["notes"] == "some notes", "the notes survive a renaming")
settings.items_per_page = 3
listed = [o["orgId"] for page in admin.orgs.get_all() for o in page["orgs"]]
settings.items_per_page = 500
check(len(listed) == len(set(listed)) and {parent, child} <= set(listed), "pages of three list every organization once")
check(admin.orgs.get_current()["orgId"] == top["orgId"], "the administrator's organization is the top one")
refused(HTTP_ERROR, lambda: admin.orgs.create_org(f"Child {stamp}", parent_org_uid=made["orgUid"]), "no twin siblings")
refused(HTTP_ERROR, lambda: admin.orgs.create_org("ab", parent_org_uid=made["orgUid"]), "two letters are no name")

# People and devices.
ANN, BOB = f"ann.{int(time.time() * 1000)}@example.com", f"bob.{int(time.time() * 1000)}@example.com"
ann = admin.users.create_user(org(parent)["orgUid"], ANN, ANN, password=USER_PASSWORD)["userId"]
bob = admin.users.create_user(org(child)["orgUid"], BOB, BOB, password=USER_PASSWORD)["userId"]
mac, other = Device(org(parent), ANN, "ann-mac"), Device(org(child), BOB, "bob-mac")
check((mac.status, other.status) == (200, 200), "devices register")
check((mac.backup(), other.backup(), mac.login()) == (200, 200, 200), "devices back up and log in")
check(counts(parent) == (2, 2, 2), "two users, devices and plans are counted")
for reporting, value in ((mac, "true"), (other, "false")):
    agent("state", name="fullDiskAccess", value=value, **reporting.pass_)
states = list(admin.orgs.get_agent_full_disk_access_states(child))
check([(s["deviceGuid"], s["value"]) for s in states] == [(other.pass_["guid"], "false")], "full disk access")
check(len(list(admin.orgs.get_agent_state(parent, "fullDiskAccess"))) == 1, "an agent state by name")

# Block.
bobs = login(BOB, USER_PASSWORD)
check(bobs.users.get_current()["userId"] == bob, "a user logs in")
admin.orgs.block(parent)
check(org(parent)["blocked"] and org(child)["blocked"], "organization and descendant are blocked")
check(org(child)["active"], "blocked is not inactive")
check(user(ann)["blocked"] and user(bob)["blocked"], "their users are blocked")
check(device(mac)["blocked"] and device(other)["blocked"], "their devices are blocked")
refused(UNAUTHORIZED, lambda: bobs.users.get_current(), "an open session fails at its next request")
refused(UNAUTHORIZED, lambda: login(BOB, USER_PASSWORD), "nobody logs in")
check(other.login() == 403, "no device logs in")
check(Device(org(child), f"new.{BOB}", "new-mac").status == 403, "new registrations are refused")
refused(HTTP_ERROR, lambda: admin.orgs.create_org(f"Below {stamp}", parent_org_uid=org(child)["orgUid"]), "nothing below")
check(other.backup() == 200, "backups go on")
check(200 <= admin.orgs.block(parent).status_code < 300, "blocking again succeeds")
refused(HTTP_ERROR, lambda: admin.orgs.unblock(child), "no unblocking below a blocked parent")

# Unblock.
admin.orgs.unblock(parent)
check(not org(parent)["blocked"] and not org(child)["blocked"], "both are unblocked")
check(user(ann)["blocked"] and user(bob)["blocked"], "their users stay blocked")
check(device(other)["blocked"], "a device follows its user")
admin.users.unblock(bob)
check(not user(bob)["blocked"] and user(ann)["blocked"], "one user is unblocked alone")
check(not device(other)["blocked"] and device(mac)["blocked"], "and that user's device")
check(login(BOB, USER_PASSWORD).users.get_current()["userId"] == bob, "who is unblocked logs in")
check(Device(org(child), f"new.{BOB}", "new-mac").status == 200, "registration works again")
admin.users.unblock(ann)

# Deactivate.
before = counts(parent)
admin.orgs.deactivate(parent)
gone = org(parent)
check(not gone["active"] and not org(child)["active"], "organization and descendant are inactive")
check(gone["deactivationDate"] is not None and org(child)["deactivationDate"] is not None, "with a date")
check(gone["orgName"] != f"Renamed {stamp}", "the name is free")
check(not user(ann)["active"] and not user(bob)["active"], "users are inactive")
check(not device(mac)["active"] and not device(other)["active"], "devices are inactive")
check(counts(parent) == (0, 0, 0), "no plan runs")
check((mac.backup(), other.backup()) == (403, 403), "backups stop")
refused(UNAUTHORIZED, lambda: login(BOB, USER_PASSWORD), "logins fail")


def cold():
    pages = admin.archive.get_all_org_cold_storage_archives(parent)
    return [row for page in pages for row in page["coldStorageRows"]]


rows = cold()
check({row["sourceComputerId"] for row in rows} == {mac.id, other.id}, "archives are in cold storage")
purge = datetime.fromisoformat(rows[0]["archiveHoldExpireDate"].replace("Z", "+00:00"))
left = purge - datetime.now(timezone.utc)
check(timedelta(days=13) < left <= timedelta(days=14), "to be purged in 14 days")
check(200 <= admin.orgs.deactivate(parent).status_code < 300, "deactivating again succeeds")
refused(HTTP_ERROR, lambda: admin.orgs.reactivate(child), "no reactivating below an inactive parent")
taken = admin.orgs.create_org(f"Renamed {stamp}", parent_org_uid=top["orgUid"])["orgId"]
admin.orgs.update_org(taken, name=f"Moved away {stamp}")

# Reactivate, in a new session as on the next day.
login().orgs.reactivate(parent)
check(org(parent)["active"] and org(child)["active"], "both are active")
check(org(parent)["orgName"] == f"Renamed {stamp}", "the old name is back")
check(org(parent)["deactivationDate"] is None, "without a date")
check(user(ann)["active"] and device(mac)["active"], "users and devices are active")
check(counts(parent) == (before[0], before[1], 0), "but no plan runs")
check(len(cold()) == 2, "archives stay in cold storage")
check(mac.backup() == 403, "backups are not restarted")
check(agent("start-backup", **mac.pass_).status_code == 200 and mac.backup() == 200, "until somebody starts them")
check([row["sourceComputerId"] for row in cold()] == [other.id], "which recovers the archive")
check(200 <= admin.orgs.reactivate(parent).status_code < 300, "reactivating again succeeds")

# Moving people, also inactive and blocked ones.
admin.users.block(ann)
admin.users.change_org_assignment(ann, child)
check((user(ann)["orgId"], user(ann)["blocked"]) == (child, True), "a blocked user moves and stays blocked")
admin.users.deactivate(bob)
admin.users.change_org_assignment(bob, parent)
check((user(bob)["orgId"], user(bob)["active"]) == (parent, False), "an inactive user moves and stays inactive")
check(len(cold()) >= 1, "a deactivated user's archive is in cold storage")
refused(HTTP_ERROR, lambda: admin.orgs.deactivate(top["orgId"]), "nobody deactivates the whole tenant")
admin.orgs.deactivate(parent)

EXPECTED = 62
if checks < EXPECTED:
    sys.exit(f"{PACKAGE}: only {checks} of {EXPECTED} checks ran")
print(f"{PACKAGE}: {checks} checks passed")
