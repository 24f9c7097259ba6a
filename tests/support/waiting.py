"""Waits for a condition instead of a time."""

import time


class TimedOut(AssertionError):
    pass


def until(condition, what, seconds=30.0, pause=0.02):
    """The first true answer of `condition`, asked again and again; `what` names it when time is up."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise TimedOut(f"not within {seconds} s: {what}")
        time.sleep(pause)  # between two questions; no test relies on its length
