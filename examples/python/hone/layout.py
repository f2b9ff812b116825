"""What a server and its agents share. Made from ipc/layout.txt: change that, then `make layout`.

A struct is a dictionary: field -> (offset, struct code, count); count 0 is not an array.
"""

MAJOR = 1
MINOR = 0
HASH = "fc590bf8d209fef3"
LAYOUT_MAGIC = 0x53534553454e4f48
LAYOUT_ENDIAN = 0x01020304
TEXT_TASK = 96
TEXT_GROUP = 64
TEXT_LANGUAGE = 16
TEXT_OPTIONS = 128
SLOTS_MAX = 256
COMPONENTS_MAX = 16
OBSERVATION_STAGES = 10
BLOCK_BYTES_MAX = 1048576
SPIN_PAUSES = 200
SPIN_YIELDS = 32
PARK_MS = 100

SEGMENT_CTL = 1
SEGMENT_UP = 2
SEGMENT_DOWN = 3

OP_RESET = 1
OP_STEP = 2
OP_GOTO = 3
OP_FORK = 4
OP_CANCEL = 5
OP_STOP = 6
OP_PING = 7
OP_STATS = 8

ACTION_FORCE = 1
ACTION_PROFILE = 2
ACTION_CONFIRM = 4
ACTION_STOP = 8

OBSERVATION_TERMINATED = 1
OBSERVATION_TRUNCATED = 2
OBSERVATION_CACHED = 4
OBSERVATION_EMULATED = 8
OBSERVATION_NOISY = 16
OBSERVATION_PARTIAL = 32
OBSERVATION_CONFIRMED = 64
OBSERVATION_REPLAYED = 128
OBSERVATION_FIRST = 256

OUTCOME_UNDECIDED = 0
OUTCOME_PASSED = 1
OUTCOME_PARTIAL = 2
OUTCOME_REJECTED = 3
OUTCOME_COMPILE_FAILED = 4
OUTCOME_POLICY_VIOLATION = 5
OUTCOME_CRASHED = 6
OUTCOME_TIMED_OUT = 7
OUTCOME_WRONG = 8
OUTCOME_HACKED = 9
OUTCOME_INFRA_FAILED = 10

HEADER_SIZE = 256
HEADER = {
    "magic": (0, "Q", 0),
    "major": (8, "H", 0),
    "minor": (10, "H", 0),
    "endian": (12, "I", 0),
    "layout_hash": (16, "Q", 0),
    "session_id": (24, "Q", 0),
    "header_bytes": (32, "I", 0),
    "kind": (36, "I", 0),
    "total_bytes": (40, "Q", 0),
    "lane": (48, "I", 0),
    "slots": (52, "I", 0),
    "line_bytes": (56, "I", 0),
    "line_count": (60, "I", 0),
    "ring_offset": (64, "I", 0),
    "block_offset": (68, "I", 0),
    "block_bytes": (72, "I", 0),
    "block_count": (76, "I", 0),
    "text_offset": (80, "I", 0),
    "text_bytes": (84, "I", 0),
    "server_pid": (88, "i", 0),
    "ready": (252, "I", 0),
}

LINE_SIZE = 64
LINE = {
    "op": (0, "H", 0),
    "flags": (2, "H", 0),
    "slot": (4, "I", 0),
    "status": (8, "i", 0),
    "bytes": (12, "I", 0),
    "tag": (16, "Q", 0),
    "node": (24, "Q", 0),
    "to_slot": (32, "I", 0),
    "sequence": (56, "Q", 0),
}

ACTION_BLOCK_SIZE = 512
ACTION_BLOCK = {
    "seed": (0, "Q", 0),
    "turn": (8, "Q", 0),
    "goal_speedup": (16, "d", 0),
    "predicted_speedup": (24, "d", 0),
    "turns": (32, "I", 0),
    "stages": (36, "I", 0),
    "flags": (40, "I", 0),
    "task": (48, "96s", 0),
    "group": (144, "64s", 0),
    "language": (208, "16s", 0),
    "options": (224, "128s", 0),
}

COMPONENT_SIZE = 32
COMPONENT = {
    "name": (0, "24s", 0),
    "value": (24, "d", 0),
}

OBSERVATION_SIZE = 1024
OBSERVATION = {
    "size": (0, "I", 0),
    "verdict": (4, "I", 0),
    "reason": (8, "I", 0),
    "flags": (12, "I", 0),
    "status": (16, "i", 0),
    "slot": (20, "I", 0),
    "turn": (24, "I", 0),
    "turns": (28, "I", 0),
    "reward": (32, "d", 0),
    "speedup": (40, "d", 0),
    "speedup_low": (48, "d", 0),
    "speedup_high": (56, "d", 0),
    "kernel_ns": (64, "d", 0),
    "baseline_ns": (72, "d", 0),
    "noise": (80, "d", 0),
    "coverage": (88, "d", 0),
    "roofline_fraction": (96, "d", 0),
    "samples": (104, "I", 0),
    "component_count": (108, "I", 0),
    "components": (112, "COMPONENT", 16),
    "stage_ns": (624, "Q", 10),
    "stages": (704, "I", 0),
    "finding_count": (708, "I", 0),
    "evaluations_left": (712, "q", 0),
    "best_reward": (720, "d", 0),
    "best_speedup": (728, "d", 0),
    "best_node": (736, "Q", 0),
    "node": (744, "Q", 0),
    "parent": (752, "Q", 0),
    "episode": (760, "Q", 0),
    "step": (768, "Q", 0),
    "seed": (776, "Q", 0),
    "confinement": (784, "4s", 0),
    "op": (788, "I", 0),
    "tag": (792, "Q", 0),
    "verdict_name": (800, "24s", 0),
    "reason_name": (824, "24s", 0),
    "task": (848, "96s", 0),
    "device": (944, "32s", 0),
    "message_offset": (976, "I", 0),
    "message_bytes": (980, "I", 0),
    "feedback_offset": (984, "I", 0),
    "feedback_bytes": (988, "I", 0),
    "prompt_offset": (992, "I", 0),
    "prompt_bytes": (996, "I", 0),
    "json_offset": (1000, "I", 0),
    "json_bytes": (1004, "I", 0),
}

COUNTERS_SIZE = 256
COUNTERS = {
    "lanes": (0, "Q", 0),
    "lanes_attached": (8, "Q", 0),
    "lanes_dropped": (16, "Q", 0),
    "protocol_errors": (24, "Q", 0),
    "requests": (32, "Q", 0),
    "replies": (40, "Q", 0),
    "tasks": (48, "Q", 0),
    "episodes": (56, "Q", 0),
    "steps": (64, "Q", 0),
    "evaluations": (72, "Q", 0),
    "cached": (80, "Q", 0),
    "running": (88, "Q", 0),
    "started_ns": (96, "Q", 0),
    "verdicts": (104, "Q", 16),
}

CTL_SIZE = 512
CTL = {
    "header": (0, "HEADER", 0),
    "counters": (256, "COUNTERS", 0),
}

UP_SIZE = 1024
UP = {
    "header": (0, "HEADER", 0),
    "parked": (256, "I", 0),
    "consumed": (384, "Q", 0),
    "semaphore": (512, "Q", 8),
}

DOWN_SIZE = 2048
DOWN = {
    "header": (0, "HEADER", 0),
    "bell": (256, "I", 0),
    "parked": (384, "I", 0),
    "held": (388, "I", 0),
    "consumed": (512, "Q", 0),
    "dropped": (640, "I", 0),
    "reason": (648, "120s", 0),
    "progress": (768, "I", 256),
}
