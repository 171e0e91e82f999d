"""Vectors of texts by all-MiniLM-L6-v2."""

from minilm import embed
from serve import serve

serve({"embed": lambda texts: embed(texts).tolist()})
