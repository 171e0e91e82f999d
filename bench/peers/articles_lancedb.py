"""Articles in LanceDB: a table with a full-text index over pairs of characters, which finds words in Chinese."""

import sys

import lancedb
import pyarrow as pa
from lancedb.index import FTS

from articles import read
from serve import serve

directory = sys.argv[1]
state = {}


def import_articles(_):
    table = pa.table({name: [article[name] for article in state["articles"]] for name in ("id", "title", "text")})
    state["table"] = lancedb.connect(directory).create_table("articles", table)
    for column in ("title", "text"):
        state["table"].create_index(column, config=FTS(
            base_tokenizer="ngram", ngram_min_length=2, ngram_max_length=2,
            with_position=False, stem=False, remove_stop_words=False, ascii_folding=False,
        ))


def search(words):
    table = lancedb.connect(directory).open_table("articles")
    return len(table.search(words, query_type="fts", fts_columns="text").limit(10).to_list())


serve({
    "version": lambda _: lancedb.__version__,
    "read": lambda path: state.update(articles=read(path)),
    "import": import_articles,
    "search": search,
})
