# Copyright: (c) 2026, saferestart.k8s contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do with the collection what Galaxy does with one that is published. Started by `make importer`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
#: Galaxy wants to know it, and there is no public address yet. Whoever publishes the collection says it in galaxy.yml.
REPOSITORY = "repository: https://git.example.com/saferestart/k8s\n"
#: No finding: the importer names the folder ansible_collections itself as the place of collections, as Ansible allows,
#: and ansible-lint looks for the playbook that another one imports in a folder of that name inside of it.
KNOWN = re.compile(r"ERROR    Failed to find saferestart\.k8s\.safe_restart playbook\.$")


def main() -> int:
    """Build, import, and return how often it had something to say."""
    venv = Path(sys.argv[1]).resolve()
    env = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHONPATH"))}
    env["PATH"] = f"{venv / 'bin'}:{env['PATH']}"
    env["GALAXY_IMPORTER_CONFIG"] = str(HERE / "galaxy-importer.cfg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for path in filter(None, listed.split("\0")):
            (folder / "source" / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / "source" / path)
        with (folder / "source" / "galaxy.yml").open("a", encoding="utf-8") as galaxy:
            galaxy.write(REPOSITORY)
        env["HOME"] = str(folder)
        subprocess.run(
            ["ansible-galaxy", "collection", "build", "--output-path", folder, folder / "source"], env=env, check=True
        )
        (tarball,) = folder.glob("*.tar.gz")
        command: list[str | Path] = ["python", "-m", "galaxy_importer.main", tarball]
        both = subprocess.STDOUT
        done = subprocess.run(command, cwd=folder, env=env, check=False, stdout=subprocess.PIPE, stderr=both, text=True)
    print(done.stdout)
    # It ends with 0 whatever it has found.
    findings = [
        line for line in done.stdout.splitlines() if line.startswith(("WARNING", "ERROR")) and not KNOWN.search(line)
    ]
    finished = done.returncode == 0 and "Importer processing completed successfully" in done.stdout
    print(
        *findings, f"galaxy-importer: {len(findings)} findings{'' if finished else ', and it did not finish'}", sep="\n"
    )
    return int(bool(findings) or not finished)


if __name__ == "__main__":
    sys.exit(main())
