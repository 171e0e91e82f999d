"""The articles of a corpus in BEIR layout."""

import json


def read(path):
    """A list of {"id", "title", "text"}."""
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [{"id": row["_id"], "title": row["title"], "text": row["text"]} for row in rows]
