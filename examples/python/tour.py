#!/usr/bin/env python3
"""Seven kernels for every task, submitted through shared memory to a server that was started elsewhere.

    tour.py --session NAME [--tasks FOLDER] [TASK ...]

For each task: the naive and the tuned baseline, the naive one in CUDA, the first file of wrong/, and three that any
task has: one that does not compile, one that crashes, one that never ends.
Prints one table, and ends 0 when every kernel got the verdict it deserves.
"""

import argparse
import pathlib
import re
import sys
import time

import hone

BROKEN = "void solve(int this is not C;\n"
BODIES = {"crashes": "*(volatile int *)8 = 1;", "never ends": "for (volatile int i = 0; !i;) ;"}
DESERVED = {
    "naive": "passed",
    "tuned": "passed",
    "naive in CUDA": "passed",
    "wrong": "wrong",
    "does not compile": "compile_failed",
    "crashes": "crashed",
    "never ends": "timed_out",
}


def prototype(prompt):
    """The signature, as the task's prompt gives it."""
    return re.search(r"void solve\([^)]*\)", prompt).group(0)


def candidates(folder, prompt):
    """Name, language and source of each of the seven."""
    yield "naive", "c", (folder / "naive.c").read_bytes()
    yield "tuned", "c", (folder / "tuned.c").read_bytes()
    yield "naive in CUDA", "cuda", (folder / "naive.cu").read_bytes()
    yield "wrong", "c", sorted((folder / "wrong").glob("*.c"))[0].read_bytes()
    yield "does not compile", "c", BROKEN.encode()
    for name, body in BODIES.items():
        yield name, "c", f"{prototype(prompt)} {{\n    {body}\n}}\n".encode()


def attach(name, patience=60.0):
    """Attach, waiting for a server that is still coming up."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return hone.Session(name)
        except (hone.HoneError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def row(task, name, seen):
    speedup = "-"
    if seen.speedup == seen.speedup:
        speedup = f"{seen.speedup:.3f} [{seen.speedup_low:.3f}, {seen.speedup_high:.3f}]"
    reward = f"{seen.reward:.3f}" if seen.reward == seen.reward else "-"
    return f"{task:<18} {name:<17} {seen.verdict_name:<15} {speedup:<24} {reward:>7}"


def progress(done, total, task, name):
    if sys.stderr.isatty():
        print(f"\r\033[K{done}/{total} {task} {name} ...", end="", file=sys.stderr, flush=True)
    else:
        print(f"{done}/{total} {task} {name} ...", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--session", default="default")
    parser.add_argument("--tasks", type=pathlib.Path, default=pathlib.Path("tasks"))
    parser.add_argument("task", nargs="*")
    arguments = parser.parse_args()
    rows, surprises = [], []
    with attach(arguments.session) as gym:
        # A task in another element type is ID@DTYPE; its files are the same.
        tasks = arguments.task or [task["id"] for task in gym.tasks if "@" not in task["id"]]
        total, done = len(tasks) * len(DESERVED), 0
        for task in tasks:
            prompt = gym.reset(task).prompt
            for name, language, source in candidates(arguments.tasks / task, prompt):
                progress(done, total, task, name)
                seen = gym.step(source, language=language)
                done += 1
                rows.append(row(task, name, seen))
                if seen.verdict_name != DESERVED[name]:
                    surprises.append(f"{task} {name}: {seen.verdict_name}: {seen.message}")
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(f"{'task':<18} {'candidate':<17} {'verdict':<15} {'speedup':<24} {'reward':>7}")
    print("\n".join(rows))
    for surprise in surprises:
        print(f"unexpected: {surprise}", file=sys.stderr)
    return 1 if surprises else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except hone.HoneError as failure:
        sys.exit(f"tour.py: {failure}")
