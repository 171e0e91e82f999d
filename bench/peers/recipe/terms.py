"""Matrices of words and passages: counts, BM25, and sums over the words of a question."""

import itertools

import numpy as np
from scipy import sparse


class Vocabulary(dict):
    """Numbers of words; new ones are given while `learn`."""

    def learn(self, words):
        return np.fromiter((self.setdefault(word, len(self)) for word in words), np.int32)

    def known(self, words):
        """The distinct ones that are known, in the order of the question."""
        return np.fromiter(dict.fromkeys(self[word] for word in words if word in self), np.int32)


def counted(lists, width):
    """How often each number is in each list: a row for each list."""
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    columns = np.concatenate([np.asarray(own, np.int32) for own in lists]) if len(lists) else np.empty(0, np.int32)
    counts = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, np.append(0, np.cumsum(lengths))), (len(lists), width))
    counts.sum_duplicates()
    return counts


def count_all(texts):
    """Words of many texts counted, with the vocabulary."""
    vocabulary = Vocabulary()
    rows = [vocabulary.learn(words) for words in texts]
    return vocabulary, counted(rows, len(vocabulary))


def rarity(counts):
    """ln(1 + (N - df + .5) / (df + .5)) of each column."""
    among = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.log1p((counts.shape[0] - among + 0.5) / (among + 0.5)).astype(np.float32)


def evened(counts, b):
    """Counts divided by 1 - b + b * length / average length."""
    lengths = np.asarray(counts.sum(1)).ravel()
    return (sparse.diags_array(1 / (1 - b + b * lengths / max(lengths.mean(), 1e-9))) @ counts).astype(np.float32).tocsr()


def saturated(counts, k1, idf):
    """BM25 of evened counts: a row for each passage."""
    scores = counts.copy()
    scores.data = scores.data * (k1 + 1) / (k1 + scores.data) * idf[scores.indices]
    return scores


def bm25(counts, k1, b, idf=None):
    return saturated(evened(counts, b), k1, rarity(counts) if idf is None else idf)


def unit_rows(matrix):
    """Rows of length 1; empty ones stay empty."""
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    return (sparse.diags_array(1 / np.maximum(lengths, 1e-9)) @ matrix).astype(np.float32).tocsr()


class SideBySide:
    """Several scores of every passage for every word, so that the sum over a question's words is one product."""

    def __init__(self, scores):
        self.count, self.passages = len(scores), scores[0].shape[0]
        self.by_word = sparse.hstack([one.T for one in scores], format="csr", dtype=np.float32)

    @classmethod
    def apart(cls, scores):
        """Scores of which each has words of its own, numbered one after the other."""
        made = cls(scores[:1])
        made.count = len(scores)
        made.by_word = sparse.block_diag([one.T for one in scores], format="csr", dtype=np.float32)
        return made

    def sums(self, words):
        """A row for each score, a column for each passage."""
        return (self.by_word[words].T @ np.ones(len(words), np.float32)).reshape(self.count, self.passages)


def concatenated(starts, lengths):
    """Positions of parts that begin at `starts`, one after the other, and where each part begins among them."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1]) + np.repeat(starts - ends + lengths, lengths), ends - lengths


def pairs(words, width):
    """Neighbouring words as one number each."""
    words = np.asarray(words, np.int64)
    return words[:-1] * width + words[1:]


def chained(lists, most):
    """The first `most` of lists put one after the other."""
    return list(itertools.islice(itertools.chain.from_iterable(lists), most))
