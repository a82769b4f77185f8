"""The packages that others use, from PyPI, each in an environment of its own, and what they are asked to do."""

import subprocess
import sys

from servers import CACHE

PACKAGES = {"py42": "py42==1.29.1", "pycpg": "pycpg==1.0.5"}

SIGN_IN = """
import os, sys
import {package}.sdk
sdk = {package}.sdk.from_local_account(os.environ["ORG42_URL"], os.environ["ORG42_USERNAME"], os.environ["ORG42_PASSWORD"])
"""
LIST = "for page in sdk.orgs.get_all():\n    for org in page['orgs']: pass\n"
# `orgs.block` takes a number and finds it among the first 500 organizations alone: what it sends afterwards is sent here.
BLOCK = "for guid in sys.argv[1:]: sdk.orgs._connection.post(f'/api/v3/orgs/{guid}/block')\n"

SETTINGS = """
for org_id in map(int, sys.argv[1:]):
    settings = sdk.orgs.get_settings(org_id)
    settings.user_backup_quota = 78
    sdk.orgs.update_settings(settings)
"""


def command(package, text, *words):
    """Returns the command that runs a script with a package, which is installed first if it is not yet."""
    folder = CACHE / package
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", PACKAGES[package]], check=True)
    return [str(python), "-c", SIGN_IN.format(package=package) + text, *words]
