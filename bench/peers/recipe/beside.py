"""What the second ranker is told: the best candidates seen beside each other."""

import numpy as np

# So many are ranked again.
TOP = 40


def describe_beside(passages, learned, sight, rows, scores, top):
    """A row for each of `top`, which are in order of the first ranker's `scores`."""
    at, own = sight.candidates[top], scores[top]
    chance = np.exp(own - own[0])
    chance /= chance.sum()
    vectors = passages.weights[at]
    alike = (vectors @ vectors.T).toarray()
    np.fill_diagonal(alike, 0)
    placed = passages.placed[at] @ passages.placed[at].T
    np.fill_diagonal(placed, 0)
    document, parent = passages.places.document[at], passages.places.parent[at]
    same_document = (document[:, None] == document).astype(np.float32)
    same_parent = ((parent[:, None] == parent) & (parent >= 0)).astype(np.float32)
    close = np.abs(at[:, None] - at)
    near = ((close <= 3) & (close > 0)) * same_document
    company = learned.memory.company[at][:, at].toarray()
    better = np.tri(len(at), k=-1, dtype=np.float32)
    has = sight.has[:, top].T
    weight = passages.rarity[sight.question.words]
    first, three = has[0], has[:3].max(0)
    total = max(weight.sum(), 1e-6)
    relations = [alike, placed, same_document, same_parent, near, np.log1p(company)]
    columns = [own, own - own[0], np.arange(len(at)), chance, np.append(0, np.diff(own))]
    columns += [relation[:, other] for relation in (alike, same_document, same_parent) for other in range(3)]
    columns += [np.minimum(close[:, other], 50) for other in range(3)]
    columns += [relation @ chance for relation in relations]
    columns += [(relation * chance).max(1) for relation in (alike, placed, np.log1p(company))]
    columns += [alike.max(1), (alike * better).max(1), (placed * better).max(1), (company * better).max(1)]
    columns += [(has * (1 - seen)) @ weight / total for seen in (first, three)]
    entropy = -(chance * np.log(chance + 1e-9)).sum()
    whole = [entropy, own[0] - own[min(1, len(own) - 1)], own[0] - own[min(4, len(own) - 1)], own[0] - own[min(9, len(own) - 1)], ((1 - three) @ weight) / total]
    columns += [np.full(len(at), one) for one in whole]
    return np.hstack([np.stack(columns, 1), rows[top]]).astype(np.float32)
