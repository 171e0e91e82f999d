"""Text classifiers as one picks them: logistic regression over TF-IDF (scikit-learn), and fastText."""

import re
import sys
import tempfile
import warnings

import fasttext
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV

from serve import serve

warnings.filterwarnings("ignore")
directory = sys.argv[1]


def tfidf(request):
    """Words, or single characters and pairs of Chinese; balanced classes, and the best of three prices of errors by cross-validation."""
    words = dict(analyzer="char", ngram_range=(1, 2)) if request["is_chinese"] else dict(sublinear_tf=True)
    vectorizer = TfidfVectorizer(**words)
    train = vectorizer.fit_transform(request["texts"])
    regression = LogisticRegression(class_weight="balanced", max_iter=1000)
    model = GridSearchCV(regression, {"C": [1, 10, 100]}, scoring="f1_macro", cv=3)
    model.fit(train, request["classes"])
    return model.predict(vectorizer.transform(request["asked"])).tolist()


def fast_text(request):
    """Words and pairs of them, fifty rounds: with the five rounds that it takes by default, few labels teach it nothing."""

    def line(text):
        return " ".join(text if request["is_chinese"] else re.findall(r"\w+", text.lower()))

    names = sorted(set(request["classes"]))
    numbers = {name: number for number, name in enumerate(names)}
    with tempfile.NamedTemporaryFile("w", dir=directory, suffix=".txt") as file:
        for text, name in zip(request["texts"], request["classes"]):
            file.write(f"__label__{numbers[name]} {line(text)}\n")
        file.flush()
        model = fasttext.train_supervised(file.name, epoch=50, lr=0.5, wordNgrams=2, verbose=0, thread=1, seed=1)
    found = []
    for text in request["asked"]:
        labels = model.f.predict(line(text) + "\n", 1, 0.0, "strict")
        found.append(names[int(labels[0][1].removeprefix("__label__"))] if labels else names[0])
    return found


serve({"tfidf": tfidf, "fasttext": fast_text})
