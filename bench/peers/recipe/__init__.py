"""A ranker learned from labelled questions, put together from numpy, scipy and LightGBM as an expert would: no loop of Python goes over passages when a question is asked."""
