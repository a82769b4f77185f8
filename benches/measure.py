"""Runs a command and measures the whole process: wall time, CPU, peak memory."""

import os
import statistics
import tempfile
import time


class Run:
    """What one run of a command took."""

    def __init__(self, wall, cpu, peak):
        self.wall, self.cpu, self.peak = wall, cpu, peak


def run(command, environment=None, fails=False):
    """Runs a command with its output thrown away; seconds and MiB."""
    null = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    with tempfile.NamedTemporaryFile("r") as peak:
        # The peak of a process counts what it was before it became the command, and this one is larger than some commands.
        words = ["/usr/bin/time", "-q", "-o", peak.name, "-f", "%M", *command]
        begun = time.perf_counter()
        pid = os.posix_spawn(words[0], words, environment or os.environ, file_actions=null)
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - begun
        if os.waitstatus_to_exitcode(status) != 0 and not fails:
            raise SystemExit(f"failed: {' '.join(command)}")
        return Run(wall, usage.ru_utime + usage.ru_stime, int(peak.read()) / 1024)


def side_by_side(commands, rounds):
    """Runs several commands in turns, so that what disturbs the machine disturbs all of them; the median of each.

    `commands` has a command and its environment under each name.
    """
    runs = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (command, environment) in commands.items():
            runs[name].append(run(command, environment))
    median = lambda of, which: statistics.median(getattr(one, which) for one in of)
    return {
        name: Run(median(of, "wall"), median(of, "cpu"), max(one.peak for one in of))
        for name, of in runs.items()
    }
