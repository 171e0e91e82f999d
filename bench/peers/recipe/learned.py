"""What questions and their answers teach: weights of words, translations, and a memory of past questions."""

import numpy as np
from scipy import sparse

from .terms import SideBySide, bm25, counted, unit_rows


def term_weights(contributions, offsets, is_gold, epochs=40):
    """Logarithms of words' weights: a softmax over each question's list whose gold should stand out (Cao et al. 2007; Adam, Kingma and Ba 2015).

    `contributions` has a row for each passage of each list, lists after each other, all as long as a row of `offsets` and `is_gold`.
    """
    answered = is_gold.any(1)
    wanted = is_gold / np.maximum(is_gold.sum(1, keepdims=True), 1)
    transposed = contributions.T.tocsr()
    parameters = np.zeros(contributions.shape[1] + 1)
    mean, square = np.zeros_like(parameters), np.zeros_like(parameters)
    for step in range(1, epochs + 1):
        weights, scale = np.exp(parameters[:-1]), 0.5 * np.exp(parameters[-1])
        scores = scale * ((contributions @ weights).reshape(offsets.shape) + offsets)
        chance = np.exp(scores - scores.max(1, keepdims=True))
        chance /= chance.sum(1, keepdims=True)
        slope = (chance - wanted) * answered[:, None] / answered.sum()
        gradient = np.append(weights * (transposed @ (scale * slope.ravel())) + 4e-4 * parameters[:-1], (slope * scores).sum())
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        parameters -= 0.05 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return parameters[:-1]


def translations(asked, answers, width, rounds=5):
    """How probably a word of a passage makes people ask with a word: IBM model 1 (Brown et al. 1993), `width` standing for no word; a row for each word of passages."""
    sizes = np.array([len(words) for words in asked]), np.array([len(words) + 1 for words in answers])
    target = np.concatenate([np.repeat(words, size) for words, size in zip(asked, sizes[1])])
    source = np.concatenate([np.tile(np.append(words, width), size) for words, size in zip(answers, sizes[0])])
    # Which word of which question each is a possible source of.
    told = np.repeat(np.arange(sizes[0].sum()), np.repeat(sizes[1], sizes[0]))
    keys, at = np.unique(source.astype(np.int64) * width + target, return_inverse=True)
    of = keys // width
    probability = np.full(len(keys), 1 / width)
    for _ in range(rounds):
        share = probability[at]
        share = share / np.bincount(told, share)[told]
        count = np.bincount(at, share)
        probability = count / (np.bincount(of, count)[of] + 0.05)
    kept = (probability >= 1e-4) & (of < width)
    return sparse.csr_matrix((probability[kept].astype(np.float32), (of[kept], keys[kept] % width)), (width, width))


def asked_for(passages, translation):
    """ln(1 + .7 / .3 * p(word | passage) / p(word)) for every word and passage (Berger and Lafferty 1999)."""
    shares = sparse.diags_array(1 / np.maximum(passages.lengths, 1)) @ passages.counts
    expected = (shares @ (0.5 * translation + 0.5 * sparse.identity(passages.width, format="csr"))).tocsr()
    common = np.asarray(passages.counts.sum(0)).ravel() + 0.5
    expected.data = np.log1p(0.7 / 0.3 * expected.data / (common / common.sum())[expected.indices]).astype(np.float32)
    # What hardly counts would only take time.
    expected.data[expected.data < 0.02] = 0
    expected.eliminate_zeros()
    return expected


class Memory:
    """Past questions and what answered them."""

    def __init__(self, passages, words, gold):
        self.count = len(words)
        asked = counted(words, passages.width)
        answers = counted(gold, len(passages.lengths))
        answers.data[:] = 1
        self.words = bm25((answers.T @ asked).tocsr(), 1.2, 0.5)
        asked.data[:] = 1
        self.rarity = passages.rarity
        self.by_question = SideBySide([unit_rows(asked @ sparse.diags_array(passages.rarity))])
        # Each answered passage once, and the questions that it answered beside each other.
        by_passage = answers.T.tocsr()
        self.answered = np.flatnonzero(np.diff(by_passage.indptr))
        self.starts, self.question = by_passage.indptr[self.answered], by_passage.indices
        self.times = np.log1p(np.diff(by_passage.indptr)).astype(np.float32)
        self.places = unit(asked @ sparse.diags_array(passages.rarity) @ passages.directions.T)
        # Which passages answered the same questions.
        company = (answers.T @ answers).tocsr()
        company.setdiag(0)
        company.eliminate_zeros()
        self.company = company

    def recall(self, words, place, into):
        """For every passage: cubed cosines of the past questions it answered added up, the highest cosine, and the highest nearness of places."""
        own = self.rarity[words]
        cosines = (self.by_question.by_word[words].T @ own) / max(np.linalg.norm(own), 1e-9)
        cubed = np.where(cosines > 0.15, cosines, 0) ** 3
        into[:] = 0
        into[0, self.answered] = np.add.reduceat(cubed[self.question], self.starts)
        into[1, self.answered] = np.maximum.reduceat(cosines[self.question], self.starts)
        into[2, self.answered] = np.maximum.reduceat((self.places @ place)[self.question], self.starts)


def unit(vectors):
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)).astype(np.float32)


def distinct(words, most):
    return list(dict.fromkeys(words))[:most]


class Learned:
    """What some questions with their gold taught."""

    def __init__(self, passages, lists, questions, gold, chosen):
        weights = term_weights(*lists.of(chosen))
        weighed = passages.base.copy()
        weighed.data = weighed.data * np.exp(weights)[weighed.indices].astype(np.float32)
        couples = [(at, answer) for at in chosen for answer in gold[at]]
        translation = translations(
            [questions[at].words for at, _ in couples], [np.array(distinct(passages.sequences[answer].tolist(), 150)) for _, answer in couples], passages.width
        )
        self.memory = Memory(passages, [questions[at].words for at in chosen], [gold[at] for at in chosen])
        self.by_words = SideBySide([weighed, asked_for(passages, translation), self.memory.words])


class Lists:
    """The best passages by words of each question, and what each word of the question brings each."""

    def __init__(self, passages, questions, gold, best, offsets):
        self.count = best.shape[1]
        rows = []
        for question, own in zip(questions, best):
            part = passages.base[own][:, question.words].tocoo()
            rows.append(sparse.csr_matrix((part.data, (part.row, question.words[part.col])), (len(own), passages.width)))
        self.contributions = sparse.vstack(rows, format="csr")
        self.offsets = offsets
        self.is_gold = np.stack([np.isin(own, answers) for own, answers in zip(best, gold)])

    def of(self, chosen):
        rows = (chosen[:, None] * self.count + np.arange(self.count)).ravel()
        return self.contributions[rows], self.offsets[chosen], self.is_gold[chosen]
