"""Retrieval as one puts it together in Python: a learned ranker on top of BM25, in brief and in full, and two databases' searches by words and vectors at once."""

import gc
import hashlib
import os
import pickle
import re
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Threads that learn do not keep a processor while they wait.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import bm25s
import lancedb
import lightgbm
import numpy as np
import pyarrow as pa
import qdrant_client
import Stemmer
from lancedb.index import FTS
from lancedb.rerankers import RRFReranker
from qdrant_client import models

from minilm import embed
from recipe.ranker import Ranker
from serve import serve

directory = sys.argv[1]
CANDIDATES, HITS = 100, 10
stemmer = Stemmer.Stemmer("english")
state = {}


def tokens(texts):
    return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False, return_ids=False)


def kept(name, make, load, save):
    """What an earlier run kept under a name, where something is kept at all; else what is made now, and how long that took."""
    path = state["keep"] and f"{state['keep']}/{name}"
    if path and os.path.exists(path):
        return load(path), None
    start = time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    if path:
        save(path, made)
    return made, seconds


def read(request):
    """Passages, and their vectors."""
    state.update(texts=request["texts"], titles=request["titles"], keep=request["keep"])
    state["vectors"], _ = kept("obliqa-minilm.npy", lambda: embed(state["texts"]), np.load, np.save)
    assert state["vectors"].shape[0] == len(state["texts"]), "the kept vectors are of other passages"


def timed(questions, rank):
    """Each question's ranking, one after the other, and what each took."""
    rankings, seconds = [], []
    # Nothing that was built is looked through for garbage while questions are asked.
    gc.collect()
    gc.freeze()
    for question in questions:
        start = time.perf_counter()
        ranking = rank(question)
        seconds.append(time.perf_counter() - start)
        rankings.append([int(at) for at in ranking])
    return {"rankings": rankings, "seconds": seconds}


class FewNumbers:
    """BM25 of texts and of titles with what is above them, described by some numbers for a LambdaMART ranker (LightGBM)."""

    def __init__(self, request):
        self.words = [set(words) for words in tokens(state["texts"])]
        self.lengths = np.array([len(words) for words in tokens(state["texts"])], np.float32)
        self.index = bm25s.BM25(k1=1.2, b=0.75)
        self.index.index(tokens(state["texts"]), show_progress=False)
        self.pairs = bm25s.BM25(k1=1.2, b=0.75)
        self.pairs.index([self.of_pairs(words) for words in tokens(state["texts"])], show_progress=False)
        self.depths = np.array([len(re.findall(r"[.(]", title)) for title in state["titles"]], np.float32)
        rows, labels, groups = [], [], []
        for question, gold in zip(request["questions"], request["gold"]):
            candidates, described = self.describe(question)
            rows.append(described)
            labels.append(np.isin(candidates, gold).astype(int))
            groups.append(len(candidates))
        parameters = dict(
            objective="lambdarank", num_leaves=15, learning_rate=0.05, min_data_in_leaf=60, feature_fraction=0.5,
            bagging_fraction=0.7, bagging_freq=1, lambda_l2=5.0, lambdarank_truncation_level=15, num_threads=1, verbose=-1,
        )
        data = lightgbm.Dataset(np.vstack(rows), np.concatenate(labels), group=groups)
        self.model = lightgbm.train(parameters, data, num_boost_round=300)

    @staticmethod
    def of_pairs(words):
        return [f"{one} {two}" for one, two in zip(words, words[1:])]

    def describe(self, question):
        """The best candidates by words, and what the ranker is told of each."""
        words = tokens([question])[0]
        scores = self.index.get_scores(words)
        pairs = self.of_pairs(words)
        known = [pair for pair in pairs if pair in self.pairs.vocab_dict]
        of_pairs = self.pairs.get_scores(known) if known else np.zeros_like(scores)
        combined = scores + 0.25 * of_pairs
        candidates = np.argpartition(-combined, CANDIDATES)[:CANDIDATES]
        candidates = candidates[np.argsort(-combined[candidates])]
        asked = set(words)
        covered = np.array([len(asked & self.words[at]) / max(1, len(asked)) for at in candidates], np.float32)
        around = np.maximum(scores[np.maximum(candidates - 1, 0)], scores[np.minimum(candidates + 1, len(scores) - 1)])
        best = max(combined[candidates[0]], 1e-6)
        columns = [
            scores[candidates], of_pairs[candidates], combined[candidates], combined[candidates] - best, combined[candidates] / best,
            np.log1p(np.arange(len(candidates))), covered, around, np.log1p(self.lengths[candidates]), self.depths[candidates],
            np.full(len(candidates), len(asked)),
        ]
        return candidates, np.stack(columns, 1)

    def rank(self, question):
        candidates, described = self.describe(question)
        return candidates[np.argsort(-self.model.predict(described, num_threads=1))][:HITS]


def few_numbers(request):
    start = time.perf_counter()
    ranker = FewNumbers(request)
    seconds = time.perf_counter() - start
    return {**timed(request["asked"], ranker.rank), "fit_s": seconds}


def whole_recipe(request):
    """Kept under a name that the passages, the questions and the code give it."""
    code = [path.read_text() for path in sorted((Path(__file__).parent / "recipe").glob("*.py"))]
    name = hashlib.sha256(repr((state["texts"], state["titles"], request["questions"], request["gold"], code)).encode()).hexdigest()[:16]

    def save(path, ranker):
        with open(path, "wb") as file:
            pickle.dump(ranker, file, protocol=5)

    def load(path):
        with open(path, "rb") as file:
            return pickle.load(file)

    ranker, seconds = kept(f"recipe-{name}.pickle", lambda: Ranker(state["texts"], state["titles"], request["questions"], request["gold"]), load, save)
    return {**timed(request["asked"], lambda question: ranker.rank(question, HITS)), "fit_s": seconds}


def lance(request):
    table = lancedb.connect(directory).create_table("passages", pa.table({
        "number": pa.array(range(len(state["texts"])), pa.int64()),
        "text": state["texts"],
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(state["vectors"].ravel(), pa.float32()), state["vectors"].shape[1]),
    }))
    table.create_index("text", config=FTS(stem=True, remove_stop_words=True))
    reranker = RRFReranker()

    def rank(question):
        found = table.search(query_type="hybrid").vector(embed([question])[0]).text(question)
        return found.rerank(reranker).limit(HITS).to_arrow()["number"].to_pylist()

    return timed(request["asked"], rank)


def qdrant(request):
    """Local mode has no words of its own: the words' weights are a sparse vector, as its users are told to make them."""
    passages = tokens(state["texts"])
    vocabulary = {word: number for number, word in enumerate(sorted({word for words in passages for word in words}))}
    average = np.mean([len(words) for words in passages])

    def sparse(words):
        counts = {}
        for word in words:
            counts[vocabulary[word]] = counts.get(vocabulary[word], 0) + 1
        norm = 1.2 * (1 - 0.75 + 0.75 * len(words) / average)
        return models.SparseVector(indices=list(counts), values=[tf * 2.2 / (tf + norm) for tf in counts.values()])

    client = qdrant_client.QdrantClient(":memory:")
    client.create_collection(
        "passages",
        vectors_config={"meaning": models.VectorParams(size=state["vectors"].shape[1], distance=models.Distance.COSINE)},
        sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    points = [
        models.PointStruct(id=at, vector={"meaning": state["vectors"][at].tolist(), "words": sparse(words)})
        for at, words in enumerate(passages)
    ]
    for start in range(0, len(points), 1000):
        client.upsert("passages", points[start:start + 1000])

    def rank(question):
        asked = sorted({vocabulary[word] for word in tokens([question])[0] if word in vocabulary})
        words = models.SparseVector(indices=asked, values=[1.0] * len(asked))
        found = client.query_points(
            "passages",
            prefetch=[
                models.Prefetch(query=embed([question])[0].tolist(), using="meaning", limit=CANDIDATES),
                models.Prefetch(query=words, using="words", limit=CANDIDATES),
            ],
            query=models.FusionQuery(fusion=models.Fusion.RRF), limit=HITS,
        )
        return [point.id for point in found.points]

    return timed(request["asked"], rank)


serve({"read": read, "bm25s + LightGBM, 11 numbers": few_numbers, "scipy + LightGBM, the whole recipe": whole_recipe, "LanceDB": lance, "Qdrant": qdrant})
