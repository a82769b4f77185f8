"""Which files import each other in a loop, where the loop is more than a folder's face and its parts."""


def components(nodes, edges):
    """Strongly connected components of more than one file (Tarjan)."""
    index, low, on, stack, found = {}, {}, set(), [], []
    for start in sorted(nodes):
        if start in index:
            continue
        work = [(start, iter(sorted(edges.get(start, ()))))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on.add(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in nodes:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on.add(target)
                    work.append((target, iter(sorted(edges.get(target, ())))))
                    break
                if target in on:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = set()
                    while True:
                        last = stack.pop()
                        on.discard(last)
                        component.add(last)
                        if last == node:
                            break
                    if len(component) > 1:
                        found.append(component)
    return found


def is_face_of(face, part):
    if face == part:
        return False
    if face.name in {"mod.rs", "lib.rs", "main.rs"}:
        return face.parent in part.parents
    return face.with_suffix("") in part.parents


def loops(nodes, edges):
    """Loops that are not merely a folder's face and its parts: what is left of each once its face is taken out."""
    found = []
    for component in components(nodes, edges):
        face = next((file for file in sorted(component)
                     if all(file == other or is_face_of(file, other) for other in component)), None)
        if face is None:
            found.append(component)
        else:
            found.extend(loops(component - {face}, edges))
    return found


def shortest_loop(component, edges):
    best = None
    for start in sorted(component):
        came, queue = {start: None}, [start]
        while queue:
            node = queue.pop(0)
            for target in sorted(edges.get(node, ())):
                if target == start:
                    way = [node]
                    while came[way[-1]] is not None:
                        way.append(came[way[-1]])
                    way.reverse()
                    if best is None or len(way) < len(best):
                        best = way
                    queue = []
                    break
                if target in component and target not in came:
                    came[target] = node
                    queue.append(target)
    return best
