"""Everything that py42 (or pycpg, its fork) does to an organization's settings, against `org42 authority serve`.

usage: settings_scenario.py py42|pycpg URL     (the administrator's password is in ORG42_PASSWORD)

Every property that the client has is read, changed, written and read again. The clients remember the first value of a
property in the class, not in the object: in one process, the second organization that is set to the value which the first
one had is never sent. So each change is made with the package imported anew, as by a program that changes one thing.

Ends with the number of checks.
"""

import importlib
import os
import sys
import time

PACKAGE, URL = sys.argv[1], sys.argv[2]
ADMIN, PASSWORD = "admin@example.com", os.environ["ORG42_PASSWORD"]
BACKUP = "device_defaults."

checks = 0


def check(condition, text):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"{PACKAGE}: FAILED: {text}")


def fresh():
    """A client that remembers nothing."""
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    return importlib.import_module(PACKAGE + ".sdk").from_local_account(URL, ADMIN, PASSWORD)


def create(name, parent):
    return fresh().orgs.create_org(f"{name} {stamp}", parent_org_uid=parent["orgUid"]).data


def read(org):
    return fresh().orgs.get_settings(org["orgId"])


def document(org):
    client = fresh()
    return client.orgs.get_by_id(org["orgId"], incSettings=True, incDeviceDefaults=True, incInheritedOrgInfo=True).data


def undated(org):
    return {key: value for key, value in org.items() if key != "modificationDate"}


def sets_of(org):
    return document(org)["deviceDefaults"]["serviceBackupConfig"]["backupConfig"]["backupSets"]


def place(settings, name):
    """The object that has a property, and the property's name there."""
    inner = name.startswith(BACKUP)
    return (settings.device_defaults if inner else settings), name.removeprefix(BACKUP)


def value(settings, name):
    return getattr(*place(settings, name))


def update(org, edit):
    """Changes something as a program would, and gives back what another program reads afterwards."""
    client = fresh()
    settings = client.orgs.get_settings(org["orgId"])
    edit(settings)
    check(settings.changes, f"{edit.__name__}: the client noticed the change")
    result = client.orgs.update_settings(settings)
    check(result.error is False, f"{edit.__name__}: {result.org_response} {result.org_settings_response}")
    return read(org)


def update_property(org, name, new):
    def edit(settings):
        setattr(*place(settings, name), new)

    edit.__name__ = name
    return update(org, edit)


def refused(org, name, new, needle):
    """A write that the server refuses, with what it says."""
    before = document(org)
    client = fresh()
    settings = client.orgs.get_settings(org["orgId"])
    setattr(*place(settings, name), new)
    result = client.orgs.update_settings(settings)
    check(result.error is True, f"{name} = {new} is refused")
    answers = [r for r in (result.org_response, result.org_settings_response) if isinstance(r, Exception)]
    said = " ".join(answer.response.text for answer in answers)
    check(needle in said, f"the refusal of {name} names {needle}: {said}")
    check(document(org) == before, f"and nothing is changed by {name} = {new}")


stamp = f"{PACKAGE} {int(time.time() * 1000)}"
top = fresh().orgs.get_current().data
parent = create("Parent", top)
child = create("Child", parent)

# Each property with two values, one of which it does not have yet.
PROPERTIES = {
    "org_name": (f"Named {stamp}", f"Named again {stamp}"),
    "external_reference": ("REF-1", "REF-2"),
    "notes": ("a note", "another note"),
    "archive_hold_days": (30, 90),
    "maximum_user_subscriptions": (99, -1),
    "org_backup_quota": (500, -1),
    "user_backup_quota": (20, -1),
    "web_restore_admin_limit": (500, 0),
    "web_restore_user_limit": (100, 0),
    "backup_warning_email_days": (3, 5),
    "backup_critical_email_days": (9, 10),
    "backup_alert_recipient_emails": (["a@example.com", "b@example.com"], ["c@example.com"]),
    "web_restore_enabled": (False, True),
    "device_defaults.warning_email_enabled": (False, True),
    "device_defaults.critical_email_enabled": (False, True),
    "device_defaults.warning_alert_days": (2, 4),
    "device_defaults.critical_alert_days": (6, 8),
    "device_defaults.backup_status_email_enabled": (False, True),
    "device_defaults.backup_status_email_frequency_days": (1, 3),
}
MONITORING = {
    "endpoint_monitoring_removable_media_enabled": (True, False),
    "endpoint_monitoring_cloud_sync_enabled": (True, False),
    "endpoint_monitoring_browser_and_applications_enabled": (True, False),
    "endpoint_monitoring_printer_detection_enabled": (True, False),
    "endpoint_monitoring_file_metadata_collection_enabled": (True, False),
    "endpoint_monitoring_file_metadata_scan_enabled": (True, False),
    "endpoint_monitoring_file_metadata_ingest_scan_enabled": (True, False),
    "endpoint_monitoring_background_priority_enabled": (True, False),
    "endpoint_monitoring_enabled": (True, False),
    "endpoint_monitoring_custom_applications_win": (["a.exe", "b.exe"], ["c.exe"]),
    "endpoint_monitoring_custom_applications_mac": (["a.app", "b.app"], ["c.app"]),
    "endpoint_monitoring_file_metadata_collection_exclusions": ('{"extensions":["tmp"]}', ""),
    "endpoint_monitoring_file_exfiltration_detection_exclusions": ('{"paths":["C:/x, y"]}', ""),
}
if PACKAGE == "py42":
    PROPERTIES |= MONITORING
READ_ONLY = {"org_id", "registration_key", "packets", "device_defaults.available_destinations"}
SWITCHES = {"quota_settings_inherited", "reporting_settings_inherited"}

# Nothing that the client has is left out here.
untouched = read(child)
inner_names = {
    BACKUP + name
    for name in vars(type(untouched.device_defaults))
    if not name.startswith("_") and name != "backup_sets"
}
names = {name for name in vars(type(untouched)) if not name.startswith("_")} | inner_names
check(names == set(PROPERTIES) | READ_ONLY | SWITCHES, f"the properties are {sorted(names ^ set(PROPERTIES))}")

# What can only be read.
check(untouched.org_id == child["orgId"], "the number")
check(untouched.registration_key == child["registrationKey"], "the registration key")
check(untouched.packets == [] and untouched.changes == {}, "nothing is changed yet")
offered = untouched.device_defaults.available_destinations
check(len(offered) >= 2 and all(offered.values()), f"at least two destinations: {offered}")
check(untouched.quota_settings_inherited and untouched.reporting_settings_inherited, "a new organization inherits")

# Every property: one value, another one, and back, each read by somebody else.
before = document(child)
for name, (one, other) in PROPERTIES.items():
    old = value(read(child), name)
    for new in (other, one) if old == one else (one, other):
        after = update_property(child, name, new)
        check(value(after, name) == new, f"{name} is {value(after, name)}, not {new}")
    after = update_property(child, name, one) if new != one else after
    check(value(after, name) == one, f"{name} was set three times")
after = read(child)
for name, (one, _) in PROPERTIES.items():
    if name not in MONITORING:
        check(value(after, name) == one, f"{name} is still {one} when all others are set")
changed = document(child)
for key in ("orgId", "orgUid", "orgGuid", "parentOrgId", "registrationKey", "creationDate", "active", "blocked"):
    check(changed[key] == before[key], f"{key} is no setting")
check(after.quota_settings_inherited is False, "a member that is set ends the inheritance of the quota group")
check(after.reporting_settings_inherited is False, "and of the reporting group")
check(value(read(parent), "archive_hold_days") == untouched.archive_hold_days, "the parent is as it was")

# The switches: back to the parent's values, and the parent reaches the organization again.
after = update_property(child, "quota_settings_inherited", True)
check(after.archive_hold_days == untouched.archive_hold_days, "inheriting discards the own days")
check(after.maximum_user_subscriptions == untouched.maximum_user_subscriptions, "and subscriptions")
check(after.backup_warning_email_days == 3, "but nothing of another group")
update_property(parent, "archive_hold_days", 45)
after = read(child)
check((after.archive_hold_days, after.quota_settings_inherited) == (45, True), "the parent's days reach the child")
after = update_property(child, "quota_settings_inherited", False)
check(after.archive_hold_days == 45, "the parent's days are copied when the inheritance ends")
update_property(parent, "archive_hold_days", 46)
check(read(child).archive_hold_days == 45, "and then the parent's changes do not reach it")
after = update_property(child, "reporting_settings_inherited", True)
check(after.backup_alert_recipient_emails == untouched.backup_alert_recipient_emails, "recipients inherited again")

# A recipient alone becomes a list.
after = update_property(child, "backup_alert_recipient_emails", "only@example.com")
check(after.backup_alert_recipient_emails == ["only@example.com"], "one recipient")

# A setting that is kept by key alone makes the client send the whole document too, which then changes nothing.
calm = create("Calm", parent)
still = document(calm)
after = update_property(calm, "web_restore_enabled", not value(read(calm), "web_restore_enabled"))
check(undated(document(calm)) == undated(still), "an echo of the document changes nothing")
check(after.quota_settings_inherited and after.reporting_settings_inherited, "and ends no inheritance")
check(after._t_settings["device_webRestore_enabled"]["id"] == calm["orgId"], "the setting is the organization's own")
check(read(create("Below", calm)).web_restore_enabled == after.web_restore_enabled, "and reaches those below")

# Couplings, as the client makes them.
if PACKAGE == "py42":
    coupled = create("Coupled", parent)
    after = update_property(coupled, "endpoint_monitoring_cloud_sync_enabled", True)
    check(after.endpoint_monitoring_enabled is True, "a kind of monitoring switches the monitoring on")
    check(after._aed_enabled is True, "and the detection with it")
    after = update_property(coupled, "endpoint_monitoring_enabled", False)
    check(after.endpoint_monitoring_cloud_sync_enabled is False, "the master switch switches it off")

# What cannot be.
refused(child, "archive_hold_days", -5, "archiveHoldDays")
refused(child, "archive_hold_days", "many", "archiveHoldDays")
refused(child, "maximum_user_subscriptions", -2, "maxSeats")
refused(child, "backup_alert_recipient_emails", [7], "recipients")
refused(child, "web_restore_user_limit", -1, "webRestoreUserLimitMb")
refused(child, "device_defaults.warning_alert_days", -1, "minutesUntilWarning")

# The backup set that new devices start with.
kept = create("Backup sets", parent)


def backup_set(settings):
    return settings.device_defaults.backup_sets[0]


def update_set(edit):
    return backup_set(update(kept, lambda settings: edit(backup_set(settings))))


first = backup_set(read(kept))
check(len(read(kept).device_defaults.backup_sets) == 1 and not first.locked, "one unlocked backup set")
check(document(kept)["orgInheritDto"]["orgIdProvidingDeviceDefaults"] == top["orgId"], "from the top organization")
included, excluded = list(first.included_files), list(first.excluded_files)


def shape(part):
    return sets_of(kept)[0]["backupPaths"][part]


found = update_set(lambda s: s.included_files.append("C:/Users/"))
check(list(found.included_files) == included + ["C:/Users/"], f"a file is added: {found.included_files}")
check(document(kept)["orgInheritDto"]["orgIdProvidingDeviceDefaults"] == kept["orgId"], "the defaults are its own now")
check(document(kept)["customConfig"] is True, "which customConfig tells")
paths = shape("pathset")
check(isinstance(paths, list) and list(paths[0]["path"][0]) == ["@include"], f"in the shape that is read: {paths}")
check("@cleared" not in paths[0] and paths[0]["@os"] == "Linux", f"without what the client added: {paths}")


def replace_files(s):
    s.included_files = ["D:/z", "D:/a", "D:/m"]


found = update_set(replace_files)
check(list(found.included_files) == ["D:/z", "D:/a", "D:/m"], "files are replaced and keep their order")


def replace_excluded(s):
    s.excluded_files = ["D:/a/tmp"]


found = update_set(replace_excluded)
check(list(found.excluded_files) == ["D:/a/tmp"], "a file is excluded")
check(list(found.included_files) == ["D:/z", "D:/a", "D:/m"], "the included ones stay")
check([next(iter(path)) for path in shape("pathset")[0]["path"]] == ["@include"] * 3 + ["@exclude"], "in their order")
found = update_set(lambda s: s.included_files.remove("D:/a"))
check(list(found.included_files) == ["D:/z", "D:/m"], "a file is removed")
found = update_set(lambda s: s.filename_exclusions.extend([r".*\.tmp", r".*\.bak"]))
check(list(found.filename_exclusions) == [r".*\.tmp", r".*\.bak"], "file names are excluded")
exclusions = shape("excludeUser")
check(isinstance(exclusions, list) and exclusions[0]["windows"] == [], f"in the shape that is read: {exclusions}")
found = update_set(lambda s: s.filename_exclusions.pop())
check(list(found.filename_exclusions) == [r".*\.tmp"], "one of them is taken back")
check(shape("excludeUser")[0]["pattern"] == {"@regex": r".*\.tmp"}, "one pattern is no list")
found = update_set(lambda s: s.filename_exclusions.clear())
check(list(found.filename_exclusions) == [] and "pattern" not in shape("excludeUser")[0], "and the last one")
found = update_set(lambda s: s.included_files.clear())
check(list(found.included_files) == [] and list(found.excluded_files) == [], "nothing is backed up")
check(shape("pathset") == [{"@cleared": "true", "@os": "Linux"}], "in the shape of nothing")
check(list(backup_set(read(parent)).included_files) == included, "the parent's set is as it was")
check(list(backup_set(read(parent)).excluded_files) == excluded, "all of it")

# Its destinations.
used = list(first.destinations)
check(used and set(used) < set(offered), f"one destination is free: {used} of {list(offered)}")
free = next(guid for guid in offered if guid not in used)
found = update_set(lambda s: s.add_destination(free))
check(list(found.destinations) == used + [free], "a destination is added")
found = update_set(lambda s: s.lock_destination(free))
check(found.destinations[free].endswith("<LOCKED>"), "and locked")
found = update_set(lambda s: s.unlock_destination(free))
check(found.destinations[free] == offered[free], "and unlocked")
found = update_set(lambda s: s.remove_destination(free))
check(list(found.destinations) == used, "and removed")
for guid in used:
    found = update_set(lambda s, guid=guid: s.remove_destination(guid))
check(dict(found.destinations) == {}, "until there is none")
check(sets_of(kept)[0]["destinations"] == {"@cleared": "true"}, "in the shape of none")
found = update_set(lambda s: s.add_destination(used[0]))
check(list(found.destinations) == used[:1], "and then one again")

# A destination that there is not: past the client's own check, the server refuses.
client = fresh()
settings = client.orgs.get_settings(kept["orgId"])
backup_set(settings).data["destinations"] = [{"@id": "4711"}]
settings.changes["destinations"] = "forced"
result = client.orgs.update_settings(settings)
check(result.error is True and "4711" in result.org_response.response.text, "an unknown destination is refused")
check(list(backup_set(read(kept)).destinations) == used[:1], "and changes nothing")

# A set that is locked keeps its files; its destinations can be changed.
client = fresh()
settings = client.orgs.get_settings(kept["orgId"])
raw = backup_set(settings).data
raw["@locked"] = "true"
raw["name"] = {"@locked": "true", "#text": raw["name"]}
raw["backupPaths"]["pathset"] = {"@locked": "true", "paths": {"@os": "Linux", "path": {"@include": "C:/locked"}}}
raw["backupPaths"]["excludeUser"] = {
    "@locked": "true",
    "patternList": {"windows": [], "macintosh": [], "linux": [], "pattern": {"@regex": "x"}},
}
settings.changes["backup_sets"] = "locked"
check(client.orgs.update_settings(settings).error is False, "a set is locked")
locked = backup_set(read(kept))
check(locked.locked and list(locked.included_files) == ["C:/locked"], "with its files")
check(list(locked.filename_exclusions) == ["x"], "and patterns")
check(sets_of(kept)[0]["backupPaths"]["pathset"] == raw["backupPaths"]["pathset"], "in the locked shape")
try:
    locked.included_files.append("C:/more")
    check(False, "the files of a locked set cannot be changed")
except AttributeError:
    check(True, "the files of a locked set cannot be changed")
found = update_set(lambda s: s.add_destination(free))
check(found.locked and list(found.destinations) == used[:1] + [free], "its destinations can")

EXPECTED = {"py42": 440, "pycpg": 318}[PACKAGE]
if checks < EXPECTED:
    sys.exit(f"{PACKAGE}: only {checks} of {EXPECTED} checks ran")
print(f"{PACKAGE} settings: {checks} checks passed")
