"""What older callers do: the v1 verbs, tokens of two halves, Basic on v1, names in any case.

usage: legacy_scenario.py URL     (the administrator's password is in ORG42_PASSWORD)

Needs nothing but Python. Each check looks at what the server has stored. Ends with the number of checks.
"""

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL, PASSWORD = sys.argv[1], os.environ["ORG42_PASSWORD"]
BASIC = "Basic " + base64.b64encode(f"admin@example.com:{PASSWORD}".encode()).decode()
checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"legacy: FAILED: {text}")


def ask(method, path, body=None, auth=BASIC):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, method=method, headers={"Authorization": auth})
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read().decode()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def data(method, path, body=None, auth=BASIC):
    status, answer = ask(method, path, body, auth)
    check(status == 200, f"{method} {path}: {status} {answer}")
    return answer["data"]


stamp = time.time_ns()
top = data("GET", "/api/org/MY")
for prefix in ("/api/Org", "/api/v1/ORG/", "/c42api/Org", "/C42API/v1/org"):
    check(data("GET", f"{prefix}?pgSize=1")["orgs"][0]["orgId"] == top["orgId"], prefix)

# POST Org, by uid and by number, and without a parent.
paris = data("POST", "/api/Org", {"orgName": f"Paris {stamp}", "parentOrgUid": top["orgUid"], "notes": "n"})
check(paris["parentOrgId"] == top["orgId"], "below the parent by uid")
child = data("POST", "/api/v1/Org/", {"orgName": "Child", "parentOrgId": paris["orgId"]})
check(data("GET", f"/api/Org/{child['orgId']}")["parentOrgId"] == paris["orgId"], "below the parent by number")
check(data("POST", "/api/Org", {"orgName": f"Alone {stamp}"})["parentOrgId"] == top["orgId"], "below the top one")
check(data("GET", f"/api/Org/{paris['orgUid']}?idType=orgUid")["orgId"] == paris["orgId"], "by uid")
data("PUT", f"/api/Org/{paris['orgId']}", {"orgName": f"Lyon {stamp}"})
now = data("GET", f"/api/Org/{paris['orgId']}")
check((now["orgName"], now["notes"]) == (f"Lyon {stamp}", "n"), "what an update does not mention stays")

# The verbs.
for route, field, on in (("OrgBlock", "blocked", True), ("ORGDEACTIVATION", "active", False)):
    for times in range(2):
        check(ask("PUT", f"/api/{route}/{paris['orgId']}")[0] == 204, f"{route}, time {times}")
    check(data("GET", f"/api/Org/{child['orgId']}")[field] is on, f"{route} reaches what is below")
    check(ask("DELETE", f"/api/v1/{route.lower()}/{paris['orgId']}", {})[0] == 204, f"{route} taken back")
    check(data("GET", f"/api/Org/{child['orgId']}")[field] is not on, f"{route} taken back below")
check(ask("PUT", "/api/OrgDeactivation/999999999")[0] == 404, "an organization that is not there")

# Tokens of two halves.
first, second = data("POST", "/api/authToken", {"sendCookieHeader": True})
token = f"{first}-{second}"
check(data("GET", "/api/Org/my", auth=f"TOKEN {token}")["orgId"] == top["orgId"], "a token signs in")
check(data("GET", "/api/User/my", auth=f"token {token}")["username"] == "admin@example.com", "in any case")
check(data("GET", f"/api/authToken/{token}") == {"valid": True, "username": "admin@example.com"}, "whose it is")
check(ask("GET", f"/api/v3/orgs/{top['orgGuid']}", auth=f"TOKEN {token}")[0] == 401, "not on the newer routes")
check(ask("DELETE", f"/api/authToken/{token}")[0] == 204, "given back")
check(ask("GET", "/api/Org/my", auth=f"TOKEN {token}")[0] == 401, "and over")
check(data("GET", f"/api/authToken/{token}")["valid"] is False, "as it says")
check(ask("POST", "/api/authToken", {}, auth="Basic " + base64.b64encode(b"admin@example.com:no").decode())[0] == 401, "wrong")
check(ask("GET", "/api/Org/my", auth="TOKEN abc-def")[0] == 401, "no token at all")

print(f"legacy: {checks} checks passed")
