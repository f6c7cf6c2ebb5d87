"""Changes of the code that a test should notice: draws them, and reports what became of them. See dev/mutants."""

import argparse
import json
import sys
from collections import Counter
from inspect import CO_NEWLOCALS
from itertools import zip_longest
from pathlib import Path
from random import Random
from types import CodeType

from cosmic_ray.ast import Visitor, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

#: what of the code is changed, with the share of the changes
SUBJECTS = {
    "tools": (2, ["tools/*.py"]),
    "steps": (1, ["models/case/*.py", "models/answer/*.py", "models/mixin/*.py"]),
    "rules": (1, ["models/people/*.py", "models/term/*.py", "models/privacy/*.py", "models/channel/*.py"]),
    "communications": (1, ["models/communication/*.py"]),
}
#: a comparison becomes its contrary, or takes in its limit, or leaves it out
COMPARISONS = (
    "Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_GtE", "LtE_Gt", "Gt_LtE", "GtE_Lt",
    "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt",
)  # fmt: skip
OPERATORS = (
    "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue", "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Div_Mul", "ReplaceBinaryOperator_BitOr_BitAnd", "ReplaceBinaryOperator_BitAnd_BitOr",
    "AddNot", "NumberReplacer", "ZeroIterationForLoop", "ReplaceContinueWithBreak", "ReplaceBreakWithContinue",
)  # fmt: skip
ENOUGH = 0.9


class _Positions(Visitor):
    def __init__(self, operator):
        self.operator, self.count = operator, 0

    def visit(self, node):
        self.count += sum(1 for _position in self.operator.mutation_positions(node))
        return node


def _find_changed(before, after):
    """:return: the name and the first line of the outermost function whose code differs; None outside of functions."""
    if before.co_flags & CO_NEWLOCALS:  # no module and no body of a class
        return None if before.co_name == "<genexpr>" else (before.co_qualname, before.co_firstlineno)
    pairs = [
        (one, other)
        for one, other in zip_longest(before.co_consts, after.co_consts)
        if isinstance(one, CodeType) and isinstance(other, CodeType) and one != other
    ]
    same_body = before.co_code == after.co_code and len(before.co_consts) == len(after.co_consts)
    return _find_changed(*pairs[0]) if same_body and len(pairs) == 1 else None


def draw(checkout, folder, count, seed, only):
    chance, drawn = Random(seed), []
    operators = [get_operator(f"core/{name}")() for name in _get_names()]
    for subject, (share, patterns) in SUBJECTS.items():
        paths = [path for pattern in patterns for path in sorted(checkout.glob(pattern)) if path.name != "__init__.py"]
        paths = [path for path in paths if any(word in str(path.relative_to(checkout)) for word in only.split(","))]
        places = []
        for path in paths:
            if "sys.executable" in path.read_text():
                continue  # it runs itself in a process of its own, which no change reaches
            tree = get_ast(path.read_text())
            for operator in operators:
                found = _Positions(operator)
                found.walk(tree)
                places += [(path, operator, position) for position in range(found.count)]
        chance.shuffle(places)
        wanted = count * share // sum(each for each, _patterns in SUBJECTS.values())
        drawn += _take(places, wanted, subject, checkout)
    chance.shuffle(drawn)
    for worker in range(2):
        (folder / f"mutants.{worker}").write_text("".join(json.dumps(each) + "\n" for each in drawn[worker::2]))


def _get_names():
    names = [name.removeprefix("core/") for name in operator_names() if name.startswith("core/")]
    comparisons = {f"ReplaceComparisonOperator_{pair}" for pair in COMPARISONS}
    return [name for name in names if name.startswith(OPERATORS) or name in comparisons]


def _take(places, wanted, subject, checkout):
    """The first that change a function, one for each line."""
    taken, lines = [], set()
    for path, operator, position in places:
        if len(taken) == wanted:
            break
        before = path.read_text()
        after = mutate_code(before, operator, position)
        try:
            changed = _find_changed(compile(before, "x", "exec"), compile(after, "x", "exec"))
        except SyntaxError:
            continue
        pairs = zip_longest(before.split("\n"), after.split("\n"))
        line = next(number for number, (one, other) in enumerate(pairs, 1) if one != other)
        if changed and (path, line) not in lines:
            lines.add((path, line))
            name = path.relative_to(checkout).as_posix()
            taken.append({"subject": subject, "path": name, "line": line, "function": changed, "code": after})
    return taken


def _read(folder, pattern):
    return [json.loads(line) for path in sorted(folder.glob(pattern)) for line in path.read_text().splitlines()]


def report(folder):
    told = _read(folder, "told.*")
    known = {(each["path"], each["line"]) for each in told}
    lost = {"outcome": "untried", "tests": 0, "difference": []}  # whoever tried them ended before
    told += [each | lost for each in _read(folder, "mutants.*") if (each["path"], each["line"]) not in known]
    for each in sorted(told, key=lambda each: (each["path"], each["line"])):
        if each["outcome"] != "noticed":
            print(f"{each['path']}:{each['line']} ({each['tests']} tests): {each['outcome']}")
            print("".join(f"    {line}\n" for line in each["difference"]), end="")
    print("| Subject | Changed | Noticed | Unnoticed | Called by no test | Untried |\n|" + " --- |" * 6)
    counts = Counter((subject, each["outcome"]) for each in told for subject in (each["subject"], "all"))
    for subject in (*SUBJECTS, "all"):
        row = [counts[subject, outcome] for outcome in ("noticed", "unnoticed", "uncalled", "untried")]
        print(f"| {subject} | {' | '.join(map(str, (sum(row), *row)))} |")
    print("ENOUGH" if told and counts["all", "noticed"] >= ENOUGH * len(told) else "TOO FEW")


def main():
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(dest="command", required=True)
    drawing = subparsers.add_parser("draw")
    drawing.add_argument("--count", type=int)
    drawing.add_argument("--seed", type=int)
    drawing.add_argument("--only", default="")
    drawing.add_argument("checkout", type=Path)
    drawing.add_argument("folder", type=Path)
    subparsers.add_parser("report").add_argument("folder", type=Path)
    options = vars(parser.parse_args())
    globals()[options.pop("command")](**options)


if __name__ == "__main__":
    sys.exit(main())
