"""Logic programs in clingo: gringo grounds them, which is all there is to do where nothing is a matter of choice.

Seconds are those on the processor.
"""

import resource
import time

import clingo
from serve import serve

control = None


def load(path):
    global control
    control = clingo.Control(["--warn=none"])
    control.load(path)


def ground(_):
    start = time.process_time()
    control.ground([("base", [])])
    return time.process_time() - start


def count(signature):
    name, arity = signature
    return sum(1 for _ in control.symbolic_atoms.by_signature(name, arity))


def solve(signature):
    """Counts the atoms of the one answer: a sum within a recursion is settled by the solver."""
    name, arity = signature
    start = time.process_time()
    with control.solve(yield_=True) as answers:
        models = [answer.symbols(atoms=True) for answer in answers]
    seconds = time.process_time() - start
    return seconds, [sum(1 for atom in atoms if (atom.name, len(atom.arguments)) == (name, arity)) for atoms in models]


def answers(text):
    """All answers of a program, each its atoms as text."""
    program = clingo.Control(["0", "--warn=none"])
    program.add("base", [], text)
    program.ground([("base", [])])
    with program.solve(yield_=True) as found:
        return [[str(atom) for atom in answer.symbols(atoms=True)] for answer in found]


def peak_mb(_):
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def version(_):
    return clingo.__version__


serve({action.__name__: action for action in (version, load, ground, count, solve, answers, peak_mb)})
