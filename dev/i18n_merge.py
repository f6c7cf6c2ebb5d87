"""Run by dev/i18n: i18n_merge.py EXPORTED_POT FOLDER [--check].

Merges the terms that Odoo exported into the .pot and the .po files of the folder. Translations stay; a term that is
new gets, marked fuzzy, the translation of one that is gone and reads alike. Says what is not translated.
"""

import difflib
import re
import sys
from collections import Counter
from pathlib import Path

import polib  # Odoo needs it too

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}")
DATES = ("POT-Creation-Date", "PO-Revision-Date")  # they would make every export another file
ALIKE = 0.75


def main(exported, folder, check=False):
    exported, folder = Path(exported), Path(folder)
    template = read(exported)
    template.header = "Terms of sig_pqrs. Made by dev/i18n."
    for name in DATES:
        template.metadata.pop(name, None)
    template.metadata.update({"Content-Transfer-Encoding": "8bit"})
    problems = []
    files = {folder / f"{exported.stem}.pot": template}
    for path in sorted(folder.glob("*.po")):
        files[path] = merge(template, read(path))
        problems += [f"{path.name}: {problem}" for problem in find_problems(files[path])]
    for path, file in files.items():
        text = f"{file}\n"
        if path.exists() and path.read_text() == text:
            continue
        if check:
            problems.append(f"{path.name}: not up to date with the sources; run dev/i18n")
        else:
            path.write_text(text)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def read(path):
    return polib.pofile(str(path), wrapwidth=0)


def merge(template, old):
    """The terms of the template with the translations of the old file, both as `polib.POFile`."""
    known = {entry.msgid: entry for entry in old if not entry.obsolete}
    gone = set(known).difference(entry.msgid for entry in template)
    new = polib.POFile(wrapwidth=0)
    new.header, new.metadata = old.header, old.metadata
    for term in template:
        entry = polib.POEntry(
            msgid=term.msgid, occurrences=term.occurrences, comment=term.comment, flags=list(term.flags)
        )
        same = known.get(term.msgid)
        if same:
            entry.msgstr = same.msgstr
            entry.tcomment = same.tcomment
            if same.fuzzy:
                entry.flags.append("fuzzy")
        elif alike := difflib.get_close_matches(term.msgid, gone, 1, ALIKE):
            entry.msgstr = known[alike[0]].msgstr
            entry.flags.append("fuzzy")
        new.append(entry)
    return new


def find_problems(file):
    for entry in file:
        if not entry.msgstr:
            yield f"not translated: {entry.msgid!r}"
        elif entry.fuzzy:
            yield f"fuzzy: {entry.msgid!r} → {entry.msgstr!r}"
        elif Counter(PLACEHOLDER.findall(entry.msgid)) != Counter(PLACEHOLDER.findall(entry.msgstr)):
            yield f"other placeholders: {entry.msgid!r} → {entry.msgstr!r}"


if __name__ == "__main__":
    *arguments, last = sys.argv[1:]
    if last != "--check":
        arguments.append(last)
    sys.exit(main(*arguments, check=last == "--check"))
