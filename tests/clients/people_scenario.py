"""What py42 (or pycpg, its fork) does with users, devices, archives and logins, as far as organizations touch them.

usage: people_scenario.py py42|pycpg URL     (the administrator's password is in ORG42_PASSWORD; an API client in
INCYDR_API_CLIENT_ID and INCYDR_API_CLIENT_SECRET)

Each check looks at what the server has stored, not at what a call returned. Ends with the number of checks.
"""

import base64
import hashlib
import hmac
import importlib
import os
import struct
import sys
import time

import requests

PACKAGE, URL = sys.argv[1], sys.argv[2]
ADMIN, PASSWORD = "admin@example.com", os.environ["ORG42_PASSWORD"]
USER_PASSWORD = "correct horse"
sdk_module = importlib.import_module(PACKAGE + ".sdk")
exceptions = importlib.import_module(PACKAGE + ".exceptions")
PREFIX = {"py42": "Py42", "pycpg": "Pycpg"}[PACKAGE]
UNAUTHORIZED = getattr(exceptions, PREFIX + "UnauthorizedError")
HTTP_ERROR = getattr(exceptions, PREFIX + "HTTPError")
checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"{PACKAGE} people: FAILED: {text}")


def refused(error, call, text):
    try:
        call()
    except error as refusal:
        check(True, text)
        return str(refusal)
    check(False, text)


def login(username=ADMIN, password=PASSWORD, **more):
    return sdk_module.from_local_account(URL, username, password, **more)


def one_time_code(secret, steps=0):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


stamp = f"{PACKAGE} {time.time_ns()}"
admin = login()
top = admin.orgs.get_current()
paris = admin.orgs.create_org(f"Paris {stamp}", parent_org_uid=top["orgUid"])
lyon = admin.orgs.create_org(f"Lyon {stamp}", parent_org_uid=top["orgUid"])

# Users in organizations.
NAME = f"ann.{time.time_ns()}@example.com"
ann = admin.users.create_user(paris["orgUid"], NAME, NAME, password=USER_PASSWORD, first_name="Ann", last_name="Lee")
stored = admin.users.get_by_id(ann["userId"])
check((stored["orgId"], stored["firstName"]) == (paris["orgId"], "Ann"), "a user is created in an organization")
refused(HTTP_ERROR, lambda: admin.users.create_user(paris["orgUid"], NAME, NAME, password=USER_PASSWORD), "no twins")
refused(HTTP_ERROR, lambda: list(admin.users.get_all(org_uid="123456789012345678")), "users of an unknown organization")
listed = [user["userId"] for page in admin.users.get_all(org_uid=paris["orgUid"]) for user in page["users"]]
check(listed == [ann["userId"]], "users by organization")
check(login(NAME, USER_PASSWORD).users.get_current()["userUid"] == ann["userUid"], "who has a password logs in")
admin.users.change_org_assignment(ann["userId"], lyon["orgId"])
check(admin.users.get_by_id(ann["userId"])["orgId"] == lyon["orgId"], "moved to another organization")
admin.users.block(ann["userId"])
check(admin.users.get_by_id(ann["userId"])["blocked"], "blocked")
refused(UNAUTHORIZED, lambda: login(NAME, USER_PASSWORD), "who is blocked does not log in")
admin.users.unblock(ann["userId"])
check(not admin.users.get_by_id(ann["userId"])["blocked"], "unblocked")

# Devices and archives by organization.
registered = requests.post(
    f"{URL}/_authority/agent/register",
    json={
        "registrationKey": admin.orgs.get_by_id(lyon["orgId"])["registrationKey"],
        "username": NAME,
        "password": USER_PASSWORD,
        "deviceName": "laptop",
        "osName": "linux",
    },
).json()
agent = {"guid": registered["guid"], "secret": registered["secret"]}
requests.post(f"{URL}/_authority/agent/backup", json={**agent, "bytes": 1000})
devices = [d["guid"] for page in admin.devices.get_all(org_uid=lyon["orgUid"]) for d in page["computers"]]
check(devices == [registered["guid"]], "devices by organization")
check(not [d for page in admin.devices.get_all(org_uid=paris["orgUid"]) for d in page["computers"]], "and of no other")
refused(HTTP_ERROR, lambda: list(admin.devices.get_all(org_uid="123456789012345678")), "devices of an unknown organization")
admin.devices.block(registered["computerId"])
check(admin.devices.get_by_guid(registered["guid"])["blocked"], "a device is blocked")
admin.devices.unblock(registered["computerId"])
check(not admin.devices.get_by_guid(registered["guid"])["blocked"], "and unblocked")
admin.devices.deactivate(registered["computerId"])
check(not admin.devices.get_by_guid(registered["guid"])["active"], "and deactivated")
cold = [
    row["sourceComputerGuid"]
    for page in admin.archive.get_all_org_cold_storage_archives(lyon["orgId"])
    for row in page["coldStorageRows"]
]
check(cold == [registered["guid"]], "its archive is in the cold storage of the organization")
admin.devices.reactivate(registered["computerId"])
check(admin.devices.get_by_guid(registered["guid"])["active"], "and active again")

# Logins.
wrong = refused(UNAUTHORIZED, lambda: login(password="wrong guess"), "a wrong password")
check("LOCAL" in wrong, "which says how this account signs in")
admin.orgs.block(lyon["orgId"])
refused(UNAUTHORIZED, lambda: login(NAME, USER_PASSWORD), "nobody logs in to a blocked organization")
admin.orgs.unblock(lyon["orgId"])
admin.users.unblock(ann["userId"])
token = requests.get(f"{URL}/api/v3/auth/jwt?useBody=true", auth=(ADMIN, PASSWORD)).json()["data"]["v3_user_token"]
header = {"Authorization": f"Bearer {token}"}
secret = requests.post(f"{URL}/_authority/totp/{ann['userUid']}", headers=header).json()["secret"]
without = refused(UNAUTHORIZED, lambda: login(NAME, USER_PASSWORD), "a one-time code is wanted")
check("LOCAL_2FA" in without, "and the client is told so")
with_code = login(NAME, USER_PASSWORD, totp=one_time_code(secret))
check(with_code.users.get_current()["username"] == NAME, "a one-time code opens")
by_provider = sdk_module.from_jwt_provider(URL, lambda: token)
check(by_provider.orgs.get_current()["orgId"] == top["orgId"], "a token provider signs in")
if hasattr(sdk_module, "from_api_client"):
    robot = sdk_module.from_api_client(
        URL, os.environ["INCYDR_API_CLIENT_ID"], os.environ["INCYDR_API_CLIENT_SECRET"]
    )
    check(robot.orgs.get_by_id(paris["orgId"])["orgName"] == paris["orgName"], "an API client reads")
    robot.orgs.block(paris["orgId"])
    check(admin.orgs.get_by_id(paris["orgId"])["blocked"], "and changes")
    refused(Exception, robot.orgs.get_current, "and has no organization of its own")
    refused(
        UNAUTHORIZED,
        lambda: sdk_module.from_api_client(URL, os.environ["INCYDR_API_CLIENT_ID"], "x").orgs.get_by_id(paris["orgId"]),
        "its secret has to be right",
    )

# Roles: who has one sees and changes what it is for.
FORBIDDEN = getattr(exceptions, PREFIX + "ForbiddenError")
MAX = f"max.{time.time_ns()}@example.com"
rome = admin.orgs.create_org(f"Rome {stamp}", parent_org_uid=top["orgUid"])
below = admin.orgs.create_org(f"Below Rome {stamp}", parent_org_uid=rome["orgUid"])
max_ = admin.users.create_user(rome["orgUid"], MAX, MAX, password=USER_PASSWORD)
refused(FORBIDDEN, lambda: list(login(MAX, USER_PASSWORD).orgs.get_all()), "without a role nobody lists organizations")
check("Org Admin" in [role["roleName"] for role in admin.users.get_available_roles()], "roles are listed")
admin.users.add_role(max_["userId"], "Org Admin")
roles = [role["roleId"] for role in admin.users.get_roles(max_["userId"])]
check(roles == ["desktop-user", "org-admin"], f"a role is given: {roles}")
manager = login(MAX, USER_PASSWORD)
seen = [org["orgId"] for page in manager.orgs.get_all() for org in page["orgs"]]
check(seen == [rome["orgId"], below["orgId"]], "an organization's administrator sees the own tree")
manager.orgs.block(below["orgId"])
check(admin.orgs.get_by_id(below["orgId"])["blocked"], "and changes it")
refused(HTTP_ERROR, lambda: list(manager.users.get_all(org_uid=top["orgUid"])), "but sees nobody outside")
holders = [user["userId"] for page in admin.users.get_all(role_id="org-admin") for user in page["users"]]
check(max_["userId"] in holders and ann["userId"] not in holders, "users are found by role")
admin.users.remove_role(max_["userId"], "Org Admin")
refused(FORBIDDEN, lambda: list(login(MAX, USER_PASSWORD).orgs.get_all()), "a role is taken")
admin.orgs.deactivate(rome["orgId"])
refused(UNAUTHORIZED, lambda: login(MAX, USER_PASSWORD), "nobody logs in to a deactivated organization")

print(f"{PACKAGE} people: {checks} checks passed")
