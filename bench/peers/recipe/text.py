"""Passages as words, and where each stands among the others."""

import functools
import re

import numpy as np
import Stemmer

STOP_WORDS = frozenset(
    "a an the of in on at to for from by with and or not no nor but if then than that this these those there here it its is are was were be been being am do does did "
    "has have had having can could may might shall should will would must what which who whom whose when where why how as such any all each i you he she we they them "
    "his her their our your my me us into about under over between through during s".split()
)
# Words with which people ask rather than what they ask for.
ASKING = frozenset(
    "provide explain describe specific detail example elaborate clarify clarification outline context regard within accord particular ensur type".split()
)
stemmer = Stemmer.Stemmer("english")


@functools.lru_cache(1 << 20)
def stem(word):
    return stemmer.stemWord(word)


def clean(text):
    return text.replace("\u200e", "").replace("\u200f", "").replace("\u2019", "'").replace("'s", "")


def plain_words(text):
    """Words as they are written, in lower case, without those that say nothing."""
    return [word for word in re.findall(r"[a-z0-9]+", clean(text).lower()) if word not in STOP_WORDS]


def capitalised(text):
    """Words that begin with a capital letter within a sentence: terms that are defined, mostly."""
    return {stem(word.lower()) for word in re.findall(r"(?<=[a-z,;(] )[A-Z][A-Za-z]+", clean(text))}


def numbers(text):
    """Numbers of rules, such as 3.2.1."""
    return set(re.findall(r"\d+(?:\.\d+)+", clean(text)))


def fragments(text):
    """Four characters at a time, within words."""
    return [word[at:at + 4] for word in plain_words(text) for at in range(max(1, len(word) - 3))]


class Places:
    """Where passages stand: a title such as "1 1.1.1.(2)" is a document and a path in it."""

    def __init__(self, titles, lengths):
        count = len(titles)
        paths = [(title.partition(" ")[0], [part for part in title.partition(" ")[2].split(".") if part]) for title in titles]
        names = {}
        self.document = np.array([names.setdefault(document, len(names)) for document, _ in paths])
        self.depth = np.array([len(path) for _, path in paths])
        self.parent = np.full(count, -1)
        self.heading = np.full(count, -1)
        latest, heading = {}, {}
        for at, (document, path) in enumerate(paths):
            for length in range(len(path) - 1, 0, -1):
                if (above := latest.get((document, *path[:length]))) is not None:
                    self.parent[at] = above
                    break
            latest[(document, *path)] = at
            self.heading[at] = heading.get(document, -1)
            if 0 < lengths[at] <= 12:
                heading[document] = at
        following = self.document[1:] == self.document[:-1]
        self.previous = np.where(np.append(False, following), np.arange(count) - 1, -1)
        self.next = np.where(np.append(following, False), np.arange(count) + 1, -1)
        sizes = np.bincount(self.document)
        firsts = np.full(len(sizes), count)
        np.minimum.at(firsts, self.document, np.arange(count))
        self.share = (np.arange(count) - firsts[self.document]) / sizes[self.document]

    def above(self, at, most=6):
        """Passages above one, the nearest first."""
        found = []
        while (at := self.parent[at]) >= 0 and len(found) < most:
            found.append(at)
        return found
