"""What a ranker is told of the candidates of a question: some numbers for each, all candidates at once."""

import numpy as np

from .learned import unit
from .passages import PAIR_WEIGHT, WINDOW
from .terms import concatenated

# Signals in the order in which `Sight` has them.
BASE, BODY, PATH, PREVIOUS, NEXT, HEADING, PARENT, PAIRS, PLAIN, CAPITALISED, NUMBERS, WEIGHED, TRANSLATED, REMEMBERED, RECALLED, CLOSEST, NEAREST, NEAR = range(18)
# How many passages are looked for by which.
SOUGHT = [(BASE, 150), (WEIGHED, 60), (TRANSLATED, 60), (REMEMBERED, 60), (RECALLED, 30), (NEAR, 30)]
# Those whose distance to the best and whose rank are told as well.
STRONG = [BASE, BODY, PAIRS, PATH, WEIGHED, TRANSLATED, REMEMBERED, RECALLED, CLOSEST, NEAR]
# Those that the company of a passage is described by.
BROAD = [BASE, WEIGHED, TRANSLATED, RECALLED]


def best(scores, count):
    return np.argpartition(scores, -count)[-count:]


class Sight:
    """A question, every signal of every passage, and the candidates."""

    def __init__(self, question, passages, learned):
        self.question = question
        self.signals = signals = np.empty((NEAR + 1, len(passages.may_answer)), np.float32)
        signals[BASE:PAIRS] = passages.by_words.sums(question.words)
        signals[PAIRS:WEIGHED] = passages.by_forms.sums(question.forms)
        signals[WEIGHED:RECALLED] = learned.by_words.sums(question.words)
        signals[[BASE, WEIGHED]] += PAIR_WEIGHT * signals[PAIRS]
        self.place = unit(passages.rarity[question.words] @ passages.directions.T[question.words])
        learned.memory.recall(question.words, self.place, signals[RECALLED:NEAR])
        np.matmul(passages.placed, self.place, out=signals[NEAR])
        lists = [best(signals[signal] * passages.may_answer, count) for signal, count in SOUGHT]
        found = np.unique(np.concatenate(lists))
        self.candidates = found[passages.may_answer[found]]


def ranks(scores):
    """The rank of each row in each column, from 0."""
    order = np.argsort(-scores, axis=0)
    found = np.empty_like(order)
    np.put_along_axis(found, order, np.broadcast_to(np.arange(len(scores))[:, None], scores.shape), 0)
    return found


def describe(passages, learned, sight):
    """A row for each candidate."""
    at, signals = sight.candidates, sight.signals
    own = signals[:, at].T
    strong = own[:, STRONG]
    parts = [
        own, strong - strong.max(0), np.log1p(ranks(strong)), company(passages, sight), beside(passages, sight),
        coverage(passages, sight), runs(passages, sight), fragments(passages, sight),
        passages.standing[at], learned.memory.times[at, None],
    ]
    asked = sight.question
    whole = [len(asked.words), passages.rarity[asked.words].sum(), own[:, BASE].max(), own[:, WEIGHED].max(), own[:, CLOSEST].max()]
    return np.hstack([*parts, np.broadcast_to(np.array(whole, np.float32), (len(at), len(whole)))]).astype(np.float32)


def company(passages, sight):
    """The best and the sum of each broad signal in the same document and under the same parent, among the candidates."""
    at, found = sight.candidates, []
    own = sight.signals[:, at][BROAD].T
    for group in (passages.places.document[at], passages.places.parent[at]):
        _, group = np.unique(group, return_inverse=True)
        highest = np.full((group.max() + 1, len(BROAD)), -np.inf, np.float32)
        np.maximum.at(highest, group, own)
        summed = np.zeros_like(highest)
        np.add.at(summed, group, own)
        found += [highest[group] - own, summed[group] - own]
    return np.hstack(found)


def beside(passages, sight):
    """Broad signals of the three passages before and after, and words' scores of the neighbours and the parent."""
    padded = np.append(sight.signals[BROAD], np.zeros((len(BROAD), 1), np.float32), 1)
    around = padded[:, passages.around[sight.candidates]]
    own = sight.signals[BROAD][:, sight.candidates]
    near = padded[:2, passages.beside[sight.candidates]]
    return np.vstack([around.max(2) - own, around.mean(2), *near.transpose(0, 2, 1)]).T


def coverage(passages, sight):
    """How many of the question's words a candidate has, by how rare they are, exactly and nearly; and how much of it they are."""
    words, rows = sight.question.words, passages.counts[sight.candidates]
    weight = passages.rarity[words][:, None]
    total = max(weight.sum(), 1e-6)
    sight.has = has = (rows[:, words].toarray().T > 0).astype(np.float32)
    alike = passages.alike[words][:, rows.indices]
    nearly = np.maximum.reduceat(alike, rows.indptr[:-1], axis=1)
    matched = (weight * has).sum(0)
    return np.stack([
        has.sum(0), has.mean(0), matched / total, (weight * np.maximum(nearly, has)).sum(0) / total, nearly.mean(0), nearly.min(0),
        (weight * (1 - has)).max(0), matched / np.maximum(passages.mass[sight.candidates], 1e-6),
    ], 1)


def runs(passages, sight):
    """The longest run of words that the question has too, and the best window of some words, by how rare they are."""
    counts = passages.lengths[sight.candidates] + WINDOW
    positions, starts = concatenated(passages.begins[sight.candidates], counts)
    line = passages.line[positions]
    worth = np.zeros(passages.width + 1, np.float32)
    worth[sight.question.words] = passages.rarity[sight.question.words]
    worth = worth[line]
    summed = np.append(0, np.cumsum(worth, dtype=np.float64))
    windows = summed[np.minimum(np.arange(len(line)) + WINDOW, len(line))] - summed[:-1]
    places = np.arange(len(line))
    length = places - np.maximum.accumulate(np.where(worth == 0, places, -1))
    first = np.full(passages.width + 1, -2, np.int32)
    first[sight.question.sequence[::-1]] = np.arange(len(sight.question.sequence))[::-1]
    spoken = first[line]
    follows = np.append(False, (spoken[1:] == spoken[:-1] + 1) & (spoken[1:] > 0))
    chain = places - np.maximum.accumulate(np.where(follows, -1, places))
    return np.stack([np.maximum.reduceat(one, starts) for one in (windows, length, chain)], 1)


def fragments(passages, sight):
    """The cosine of fragments of words."""
    asked = np.zeros(passages.fragment_weights.shape[1], np.float32)
    asked[sight.question.fragments] = passages.fragment_rarity[sight.question.fragments]
    return (passages.fragment_weights[sight.candidates] @ unit(asked))[:, None]
