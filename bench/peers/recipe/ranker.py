"""LambdaMART over candidates that words, translations and memory find, then over the best of them beside each other."""

import lightgbm
import numpy as np

from .beside import TOP, describe_beside
from .describe import BASE, Sight, best, describe
from .learned import Learned, Lists
from .passages import PAIR_WEIGHT, Passages, Question

FOLDS, LISTED = 5, 100


def boosted(rows, labels, groups, leaves, rate, rounds):
    parameters = dict(
        objective="lambdarank", num_leaves=leaves, learning_rate=rate, min_data_in_leaf=60, feature_fraction=0.5, bagging_fraction=0.7,
        bagging_freq=1, lambda_l2=5.0, lambdarank_truncation_level=15, num_threads=2, verbose=-1, seed=1, deterministic=True, force_row_wise=True,
    )
    return lightgbm.train(parameters, lightgbm.Dataset(rows, labels, group=groups), num_boost_round=rounds)


class Ranker:
    def __init__(self, texts, titles, questions, gold):
        self.passages = passages = Passages(texts, titles, questions)
        asked = [Question(text, passages) for text in questions]
        fold = np.random.default_rng(1).permutation(len(asked)) % FOLDS
        lists = self._lists(asked, gold)
        # What is learned from words is told a ranker of questions that did not teach it.
        taught = [Learned(passages, lists, asked, gold, np.flatnonzero(fold != own)) for own in range(FOLDS)]
        sights = [Sight(question, passages, taught[own]) for question, own in zip(asked, fold)]
        rows = [describe(passages, taught[own], sight) for sight, own in zip(sights, fold)]
        labels = [np.isin(sight.candidates, answers).astype(int) for sight, answers in zip(sights, gold)]
        self.first = self._first(rows, labels, np.arange(len(asked)))
        held_out = [self._first(rows, labels, np.flatnonzero(fold != own)) for own in range(FOLDS)]
        self.second = self._second(sights, rows, labels, fold, taught, held_out)
        self.learned = Learned(passages, lists, asked, gold, np.arange(len(asked)))

    def _lists(self, asked, gold):
        found, offsets = [], []
        for question in asked:
            base, pairs = self.passages.by_words.sums(question.words)[BASE], PAIR_WEIGHT * self.passages.by_forms.sums(question.forms)[0]
            found.append(best(np.where(self.passages.may_answer, base + pairs, -np.inf), LISTED))
            offsets.append(pairs[found[-1]])
        return Lists(self.passages, asked, gold, np.stack(found), np.stack(offsets))

    @staticmethod
    def _first(rows, labels, chosen):
        return boosted(np.vstack([rows[at] for at in chosen]), np.concatenate([labels[at] for at in chosen]), [len(labels[at]) for at in chosen], 15, 0.05, 300)

    def _second(self, sights, rows, labels, fold, taught, held_out):
        described, judged = [], []
        for sight, own, answers, part in zip(sights, rows, labels, fold):
            scores = held_out[part].predict(own, num_threads=2)
            top = np.argsort(-scores)[:TOP]
            described.append(describe_beside(self.passages, taught[part], sight, own, scores, top))
            judged.append(answers[top])
        return boosted(np.vstack(described), np.concatenate(judged), [len(one) for one in judged], 7, 0.04, 200)

    def rank(self, text, count):
        sight = Sight(Question(text, self.passages), self.passages, self.learned)
        rows = describe(self.passages, self.learned, sight)
        scores = self.first.predict(rows, num_threads=1)
        top = np.argsort(-scores)[:TOP]
        beside = describe_beside(self.passages, self.learned, sight, rows, scores, top)
        return sight.candidates[top[np.argsort(-self.second.predict(beside, num_threads=1))]][:count]
