"""Everything that can be known of passages before anyone asks."""

import numpy as np
from scipy import sparse

from .terms import SideBySide, Vocabulary, bm25, chained, count_all, counted, evened, pairs, rarity, saturated, unit_rows
from .text import ASKING, Places, capitalised, fragments, numbers, plain_words, stem

# How much a field adds to the body's counts (BM25F: Robertson and Zaragoza 2009), and neighbouring pairs to the score.
FIELD_WEIGHTS = {"path": 0.2, "previous": 0.1, "next": 0.1, "heading": 0.1}
PAIR_WEIGHT, K1, B = 0.4, 0.6, 0.6
ASKING_WEIGHT = 0.3
# Passages of fewer words answer nothing.
WORDS_MIN = 12
# Windows of so many words are looked for.
WINDOW = 25
AROUND = np.array([-3, -2, -1, 1, 2, 3])


class Question:
    """What is asked, in every form that is looked up."""

    def __init__(self, text, passages):
        plain = plain_words(text)
        stems = [stem(word) for word in plain]
        self.sequence = np.array([passages.vocabulary[word] for word in stems if word in passages.vocabulary], np.int32)
        self.words = passages.vocabulary.known(stems)
        forms = [pairs(self.sequence, passages.width).tolist(), plain, capitalised(text), numbers(text)]
        known = [vocabulary.known(form) + begins for vocabulary, begins, form in zip(passages.form_vocabularies, passages.form_begins, forms)]
        self.forms = np.concatenate(known)
        self.fragments = passages.fragment_vocabulary.known(fragments(text))


class Passages:
    """Counts, scores and places of all passages. Words of `questions` are known as well, for translations speak of them."""

    def __init__(self, texts, titles, questions):
        self.vocabulary = Vocabulary()
        self.sequences = [self.vocabulary.learn(stem(word) for word in plain_words(text)) for text in texts]
        for question in questions:
            self.vocabulary.learn(stem(word) for word in plain_words(question))
        self.width = len(self.vocabulary)
        self.lengths = np.fromiter(map(len, self.sequences), np.int64)
        self.places = Places(titles, np.array([len(text.split()) for text in texts]))
        self.may_answer = np.array([len(text.split()) for text in texts]) >= WORDS_MIN
        self.counts = counted(self.sequences, self.width)
        self.rarity = rarity(self.counts)
        self._score_fields()
        self._score_other_forms(texts, titles)
        self._lay_out()
        self._relate_words()

    def _score_fields(self):
        """BM25 of each field, and of all together."""
        places, cut = self.places, [words[:200] for words in self.sequences]
        beginnings = [words[:15] for words in self.sequences]
        at = lambda index: [cut[other] if other >= 0 else () for other in index]
        fields = {
            "path": [chained((beginnings[above] for above in places.above(own)), 90) for own in range(len(cut))],
            "previous": at(places.previous), "next": at(places.next), "heading": at(places.heading), "parent": at(places.parent),
        }
        fields = {name: counted(lists, self.width) for name, lists in fields.items()}
        together = evened(self.counts, B)
        for name, weight in FIELD_WEIGHTS.items():
            together = together + weight * evened(fields[name], B)
        emphasis = np.ones(self.width, np.float32)
        emphasis[[self.vocabulary[word] for word in ASKING if word in self.vocabulary]] = ASKING_WEIGHT
        self.base = saturated(together.tocsr(), K1, self.rarity * emphasis)
        apart = [bm25(counts, 1.2, 0.75, self.rarity) for counts in (self.counts, *fields.values())]
        self.by_words = SideBySide([self.base, *apart])

    def _score_other_forms(self, texts, titles):
        """Neighbouring pairs, words as they are written, capitalised words and numbers: vocabularies one after the other. And fragments of words."""
        forms = [
            ([pairs(words, self.width).tolist() for words in self.sequences], lambda counts: bm25(counts, K1, B)),
            ([plain_words(text) for text in texts], lambda counts: bm25(counts, 1.2, 0.75)),
            ([sorted(capitalised(text)) for text in texts], lambda counts: saturated(counts, 0, rarity(counts))),
            ([sorted(numbers(f"{title} {text}")) for text, title in zip(texts, titles)], lambda counts: saturated(counts, 0, rarity(counts))),
        ]
        self.form_vocabularies, counts = zip(*(count_all(words) for words, _ in forms))
        self.form_begins = np.cumsum([0, *map(len, self.form_vocabularies)], dtype=np.int32)[:-1]
        self.by_forms = SideBySide.apart([score(own) for own, (_, score) in zip(counts, forms)])
        self.fragment_vocabulary, counts = count_all([fragments(text) for text in texts])
        self.fragment_rarity = rarity(counts)
        self.fragment_weights = unit_rows(sparse.csr_matrix((np.log1p(counts.data) * self.fragment_rarity[counts.indices], counts.indices, counts.indptr), counts.shape))
        weights = sparse.csr_matrix((np.log1p(self.counts.data) * self.rarity[self.counts.indices], self.counts.indices, self.counts.indptr), self.counts.shape)
        self.mass = np.asarray(weights.sum(1)).ravel()
        self.weights = unit_rows(weights)

    def _lay_out(self):
        """All words one after the other, each passage followed by a window of nothing; what a ranker hears of each passage; its neighbours."""
        places = self.places
        gap = np.full(WINDOW, self.width, np.int32)
        self.line = np.concatenate([part for words in self.sequences for part in (words, gap)])
        self.begins = np.append(0, np.cumsum(self.lengths + WINDOW)[:-1])
        beside = np.arange(len(places.document))[:, None] + AROUND
        inside = np.clip(beside, 0, len(places.document) - 1)
        self.around = np.where(places.document[inside] == places.document[:, None], inside, len(places.document))
        self.beside = np.stack([np.where(index >= 0, index, len(index)) for index in (places.previous, places.next, places.parent)], 1)
        children = np.bincount(places.parent[places.parent >= 0], minlength=len(places.parent))
        self.standing = np.stack(
            [np.log1p(self.lengths), places.depth, places.share, np.log1p(children), np.log1p(np.bincount(places.document))[places.document],
             np.diff(self.counts.indptr) / np.maximum(self.lengths, 1)], 1,
        ).astype(np.float32)

    def _relate_words(self, window=5, dimensions=200):
        """How alike words are: the cosines of their places by company (positive pointwise mutual information, Levy and Goldberg 2014)."""
        line = self.line.astype(np.int64)
        together = sparse.csr_matrix((self.width + 1, self.width + 1), dtype=np.float32)
        for distance in range(1, window + 1):
            one = np.ones(len(line) - distance, np.float32)
            together = together + sparse.csr_matrix((one, (line[:-distance], line[distance:])), together.shape)
        together = (together + together.T).tocoo()
        known = (together.row < self.width) & (together.col < self.width)
        row, column, count = together.row[known], together.col[known], together.data[known]
        sums = np.bincount(row, count, self.width)
        information = np.log(count * sums.sum() / (sums[row] * sums[column]))
        positive = information > 0
        matrix = sparse.csr_matrix((information[positive], (row[positive], column[positive])), (self.width, self.width))
        vectors, values, _ = sparse.linalg.svds(matrix, dimensions, random_state=0)
        vectors = (vectors * np.sqrt(values)).astype(np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        self.alike = vectors @ vectors.T
        # Places of passages in fewer directions (latent semantic analysis, Deerwester et al. 1990).
        _, values, self.directions = sparse.linalg.svds(self.weights, 128, random_state=0)
        placed = self.weights @ self.directions.T
        self.placed = (placed / np.maximum(np.linalg.norm(placed, axis=1, keepdims=True), 1e-9)).astype(np.float32)
