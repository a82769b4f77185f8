"""Everything that Incydr's SDK and its command line do with organizations, against `org42 authority serve`.

usage: incydr_scenario.py URL     (an API client is in INCYDR_API_CLIENT_ID and INCYDR_API_CLIENT_SECRET)

Each check looks at what the server has stored: it is read by the SDK after the command line has acted, and the other
way round. Ends with the number of checks.
"""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import incydr

URL = sys.argv[1]
os.environ["INCYDR_URL"] = URL
CLI = Path(sys.executable).with_name("incydr")
checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"incydr: FAILED: {text}")


def cli(*words):
    # Wide enough for a table that keeps every word on its line.
    environment = {**os.environ, "COLUMNS": "400", "NO_COLOR": "1"}
    done = subprocess.run([CLI, "orgs", *words], capture_output=True, text=True, env=environment)
    check(done.returncode == 0, f"orgs {words}: {done.stdout} {done.stderr}")
    return done.stdout


client = incydr.Client(url=URL)
orgs = client.orgs.v1
check(len(client.tenant_id) == 36, "the token tells the tenant")

before = orgs.list()
top = before.orgs[0]
check(before.total_count == len(before.orgs), "the listing is whole")
check(top.parent_org_guid not in [org.org_guid for org in before.orgs], "the first is the top organization")

# The SDK.
paris = orgs.create("Incydr Paris", org_ext_ref="I-1", notes="first", parent_org_guid=top.org_guid)
check(paris.org_name == "Incydr Paris" and paris.active, "created under a parent")
orphan = orgs.create("Incydr Orphan")
check(orgs.get_org(orphan.org_guid).parent_org_guid == top.org_guid, "without a parent it is below the top one")
child = orgs.create("Incydr Child", parent_org_guid=paris.org_guid)
stored = orgs.get_org(paris.org_guid)
check((stored.org_ext_ref, stored.notes, stored.org_count) == ("I-1", "first", 1), "reads back as stored")
orgs.update(paris.org_guid, org_name="Incydr Lyon", org_ext_ref="I-2", notes="second")
stored = orgs.get_org(paris.org_guid)
check((stored.org_name, stored.org_ext_ref, stored.notes) == ("Incydr Lyon", "I-2", "second"), "updated")
orgs.update(paris.org_guid, org_name="Incydr Lille")
stored = orgs.get_org(paris.org_guid)
check((stored.org_name, stored.org_ext_ref) == ("Incydr Lille", "I-2"), "nulls of an update leave what is there")
orgs.deactivate(paris.org_guid)
check(not orgs.get_org(paris.org_guid).active and not orgs.get_org(child.org_guid).active, "deactivated with what is below")
check(orgs.get_org(paris.org_guid).deactivation_date is not None, "the date of deactivation is told")
inactive = [org.org_guid for org in orgs.list(active=False).orgs]
check(paris.org_guid in inactive and orphan.org_guid not in inactive, "listed by state")
orgs.activate(paris.org_guid)
check(orgs.get_org(paris.org_guid).org_name == "Incydr Lille", "active again under its name")
check(orgs.get_org(child.org_guid).active, "and so is what is below")

# The command line.
count = orgs.list().total_count
rows = list(csv.DictReader(io.StringIO(cli("list", "-f", "csv"))))
check(len(rows) == count and rows[0]["org_guid"] == top.org_guid, "list as CSV")
lines = [json.loads(line) for line in cli("list", "-f", "json-lines").splitlines() if line.strip()]
check([line["orgGuid"] for line in lines] == [row["org_guid"] for row in rows], "list as JSON lines")
check("Incydr Lille" in cli("list", "-f", "json-pretty"), "list as JSON")
check("Incydr Lille" in cli("list"), "list as a table")
check("Incydr Lille" in cli("show", paris.org_guid), "show")
cli("create", "Incydr Nantes", "--notes", "by hand", "--parent-org-guid", paris.org_guid)
nantes = next(org for org in orgs.list().orgs if org.org_name == "Incydr Nantes")
check((nantes.notes, nantes.parent_org_guid) == ("by hand", paris.org_guid), "created under a parent by hand")
cli("create", "Incydr Alone")
alone = next(org for org in orgs.list().orgs if org.org_name == "Incydr Alone")
check(alone.parent_org_guid == top.org_guid, "created without a parent by hand")
cli("update", nantes.org_guid, "--name", "Incydr Brest")
check(orgs.get_org(nantes.org_guid).org_name == "Incydr Brest", "updated by hand")
cli("deactivate", nantes.org_guid)
check(not orgs.get_org(nantes.org_guid).active, "deactivated by hand")
cli("activate", nantes.org_guid)
check(orgs.get_org(nantes.org_guid).active, "activated by hand")

print(f"incydr: {checks} checks passed")
