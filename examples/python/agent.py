#!/usr/bin/env python3
"""A small agent: submit one file to a running server and print what happened.

    agent.py --session default --task dl/softmax softmax.c
"""

import argparse
import sys

import hone

LANGUAGES = {".c": "c", ".cu": "cuda"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--session", default="default", help="name of the server")
    parser.add_argument("--task", help="such as dl/softmax; the server chooses if there is none")
    parser.add_argument("--language", help="c or cuda; else by the file's name")
    parser.add_argument("--options", default="", help='such as "O2 fast_math"')
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--prompt", action="store_true", help="print what the task asks for")
    parser.add_argument("file")
    arguments = parser.parse_args()

    with open(arguments.file, "rb") as file:
        source = file.read()
    suffix = arguments.file[arguments.file.rfind(".") :]
    language = arguments.language or LANGUAGES.get(suffix, "c")
    try:
        with hone.Session(arguments.session) as gym:
            seen = gym.reset(arguments.task, seed=arguments.seed)
            if arguments.prompt:
                print(seen.prompt)
            seen = gym.step(source, language=language, options=arguments.options)
            show(seen)
            return 0 if seen.passed else 1
    except hone.HoneError as failure:
        print(f"agent.py: {failure}", file=sys.stderr)
        return 2


def show(seen):
    print(f"task     {seen.task}")
    print(f"verdict  {seen.verdict_name}" + (f" ({seen.reason_name})" if seen.reason else ""))
    if seen.speedup == seen.speedup:  # not NaN
        print(f"speedup  {seen.speedup:.2f} ({seen.speedup_low:.2f} to {seen.speedup_high:.2f})")
    print(f"reward   {seen.reward:.4f}")
    for name, value in seen.components.items():
        print(f"  {name:<20} {value:.4f}")
    if seen.feedback:
        print(seen.feedback)


if __name__ == "__main__":
    sys.exit(main())
