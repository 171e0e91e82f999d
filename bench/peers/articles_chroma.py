"""Articles in Chroma, persistent, with constant small embeddings: only its text search is wanted."""

import sys

import chromadb
from chromadb.config import Settings

from articles import read
from serve import serve

directory = sys.argv[1]
state = {}


def open_collection():
    client = chromadb.PersistentClient(path=directory, settings=Settings(anonymized_telemetry=False))
    return client, client.get_or_create_collection("articles", embedding_function=None)


def import_articles(_):
    client, collection = open_collection()
    articles = state["articles"]
    size = client.get_max_batch_size()
    for start in range(0, len(articles), size):
        part = articles[start:start + size]
        collection.add(
            ids=[article["id"] for article in part],
            embeddings=[[1.0, 0.0]] * len(part),
            documents=[article["title"] + "\n" + article["text"] for article in part],
        )


def search(words):
    _, collection = open_collection()
    found = collection.get(where_document={"$contains": words}, limit=10, include=["documents"])
    return len(found["ids"])


serve({
    "version": lambda _: chromadb.__version__,
    "read": lambda path: state.update(articles=read(path)),
    "import": import_articles,
    "search": search,
})
