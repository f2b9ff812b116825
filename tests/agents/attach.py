"""What an agent in Python sees of the echo server: every mapping, every way to wake, errors, many slots."""

import math
import os
import signal
import socket
import struct
import sys
import time

import hone


def talk(path, map, wake):
    with hone.Session(path, slots=4, map=map, wake=wake) as gym:
        seen = gym.reset("dl/softmax", seed=3, group="g")
        assert seen.prompt == "write dl/softmax (g)" and seen.seed == 3 and seen.task == "dl/softmax"
        seen = gym.step("hello", language="c", options="O2", stages=12, turn=1, predicted_speedup=1.5)
        assert seen.passed and seen.verdict_name == "passed" and seen.reward == 5 and seen.speedup == 2
        assert seen.message == "c|O2|12|0|1|1.50" and seen.feedback == "hello" and seen.json == {"answer": 42}
        assert seen.components == {"speedup": 0.5} and seen.stage_ns[2] == 1234 and math.isnan(seen.kernel_ns)
        assert seen.as_dict()["seed"] == 2**64 - 1
        gym.action_buffer()[:3] = b"xyz"
        assert gym.step(size=3).feedback == "xyz"

        gym.send("hold")
        assert gym.recv(timeout=0.03) == []
        assert gym.progress() == 5
        gym.cancel()
        assert gym.recv()[0].verdict_name == "" and not gym.recv()

        for slot in range(4):
            gym.send("x" * (slot + 1), slot)
        answered = {}
        while len(answered) < 4:
            answered.update({seen.slot: seen.reward for seen in gym.recv(timeout=5)})
        assert answered == {0: 1, 1: 2, 2: 3, 3: 4}

        fails(lambda: gym.reset("none"), hone.EnvironmentFailed, "there is no task 'none'")
        fails(lambda: gym.step("x", slot=9), hone.HoneError, "slot 9 of 4")
        fails(lambda: gym.step("x" * 300000), hone.HoneError, "at most")
        assert gym.fork(9, to_slot=1).parent == 9 and gym.goto(7).node == 7 and gym.stop().terminated
        assert gym.stats()["lanes"] == 1 and gym.tasks == [{"id": "dl/softmax"}]
        kept = gym.step("kept")
    assert kept.feedback == "kept"  # memory outlives the session as long as somebody reads it


def fails(call, kind, text):
    try:
        call()
    except kind as failure:
        assert text in str(failure), failure
    else:
        raise AssertionError("nothing was raised")


def leaves_alone(path):
    """The lane before is gone once the server has seen its end."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with hone.Session(path) as gym:
            if gym.stats()["lanes"] == 1:
                return
    raise AssertionError("lanes are not freed")


def notices_a_killed_server(path):
    gym = hone.Session(path)
    gym.send("hold")
    assert gym.recv(timeout=0.02) == []
    peer = gym._lane.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    began = time.monotonic()
    os.kill(struct.unpack("3i", peer)[0], signal.SIGKILL)
    fails(gym.recv, hone.ServerGone, "the server is gone")
    assert time.monotonic() - began < 1
    gym.close()


def main(path, part):
    if part == "gone":
        notices_a_killed_server(path)
        return
    for map in ("memfd", "named"):
        for wake in ("futex", "semaphore", "socket"):
            talk(path, map, wake)
            leaves_alone(path)
    fails(lambda: hone.Session("nobody-here"), hone.Refused, "no server named 'nobody-here'")
    fails(lambda: hone.Session(path, slots=200), hone.Refused, "asked for 200 slots")


main(*sys.argv[1:])
