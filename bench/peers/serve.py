"""Answers one line of JSON for every line of JSON: {"action", "argument"} in, {"seconds", "result"} out."""

import json
import sys
import time


def serve(actions):
    """Runs `actions[action](argument)` for every request; the clock runs only while it does."""
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        result = actions[request["action"]](request["argument"])
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "result": result}, default=str), flush=True)
