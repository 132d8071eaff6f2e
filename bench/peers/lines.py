"""A contender's process: answers each line of its input with one (see bench/Contender.java)."""

import os
import sys

MOST = 500  # characters of what went wrong


def serve(answer):
    """answer(words) gives the words that follow ok, or None for a no; what it raises is told."""
    # What anything else prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            words = answer(line.split())
            said = "no" if words is None else " ".join(["ok"] + [one(word) for word in words])
        except Exception as e:
            said = "fail " + in_short(e)
        print(said, file=answers, flush=True)


def one(word):
    """What goes as one word."""
    return "_".join(str(word).split())


def in_short(error):
    """What goes as one line."""
    return " ".join(repr(error).split())[:MOST]
