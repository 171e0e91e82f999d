"""Nearest vectors in hnswlib and usearch: indexes built on two threads, searched on one, as thoroughly as the same recall takes."""

import os
import sys

import hnswlib
import numpy
from usearch.index import Index

from serve import serve

directory = sys.argv[1]
DIMENSION_COUNT = 128
NEIGHBOUR_COUNT = 10
EFFORTS = [10, 12, 15, 18, 21, 25, 30, 36, 43, 52, 62, 75, 90, 110, 130, 160, 200, 250, 320, 400, 500, 650, 800, 1000, 1300, 1600, 2000]


def numbers(name, kind):
    return numpy.fromfile(f"{directory}/{name}", dtype=kind)


def vectors(name):
    return numbers(name, numpy.float32).reshape(-1, DIMENSION_COUNT)


class Hnswlib:
    def __init__(self, _):
        path = f"{directory}/hnswlib.index"
        self.index = hnswlib.Index(space="l2", dim=DIMENSION_COUNT)
        if os.path.exists(path):
            self.index.load_index(path)
            return
        rows = vectors("base.bin")
        self.index.init_index(max_elements=len(rows), M=16, ef_construction=200)
        self.index.add_items(rows, num_threads=2)
        self.index.save_index(path)

    def search(self, questions, effort):
        self.index.set_ef(effort)
        return self.index.knn_query(questions, k=NEIGHBOUR_COUNT, num_threads=1)[0]


class Usearch:
    def __init__(self, kind):
        path = f"{directory}/usearch-{kind}.index"
        self.index = Index(ndim=DIMENSION_COUNT, metric="cos" if kind == "i8" else "l2sq", dtype=kind, connectivity=16, expansion_add=128)
        if os.path.exists(path):
            self.index.load(path)
            return
        rows = vectors("base.bin")
        self.index.add(numpy.arange(len(rows)), rows, threads=2)
        self.index.save(path)

    def search(self, questions, effort):
        self.index.expansion_search = effort
        return self.index.search(questions, NEIGHBOUR_COUNT, threads=1).keys


peers = {}


def build(name):
    kind, _, number_type = name.partition(" ")
    peers[name] = Hnswlib(number_type) if kind == "hnswlib" else Usearch(number_type)


def recall(found):
    truth = numbers("truth.bin", numpy.uint32).reshape(-1, NEIGHBOUR_COUNT)
    hits = sum(len(set(own) & set(wanted)) for own, wanted in zip(found.tolist(), truth.tolist()))
    return hits / truth.size


def tune(argument):
    """The least effort that finds the wanted share of the nearest, and the share; nothing where none does."""
    name, wanted = argument
    questions = vectors("questions.bin")
    for effort in EFFORTS:
        found = recall(peers[name].search(questions, effort))
        if found >= wanted:
            return [effort, found]
    return None


def search(argument):
    name, effort = argument
    peers[name].search(search.questions, effort)


def prepare(_):
    search.questions = vectors("questions.bin")


serve({"build": build, "prepare": prepare, "tune": tune, "search": search})
