import secrets
from collections import Counter

from odoo import api, fields, models

from ...tools import frozen
from ...tools.disclosure import Figure, TooMany, withhold
from ...tools.statistics import MINIMUM_ANSWERS, NOT_COMPARABLE
from ..wave.wave import ENDED
from .wave_results import SEGMENTS

#: version of the frozen format
FORMAT = 3

#: what everybody reads in lists: ``(field, its flag, as none is not zero, part of the published results)``
FIGURES = (
    ("response_rate", "has_response_rate", "response_rate"),
    ("satisfaction", "has_results", "satisfied"),
    ("nps", "has_nps", "nps"),
)

#: rows that may be withheld, by table; the heavier they are, the more is withheld instead of them
WEIGHTS = {"question": 2, "city": 2, "industry": 2, "dimension": 3, "total": 100}


class SurveyWave(models.Model):
    """Publication: nothing from which what one to four clients said could be derived, from no table nor from any two of
    them. It is removed from the data, not only from the screen; which rows, `tools.disclosure` says.
    """

    _inherit = "sig.survey.wave"

    results = fields.Json("Frozen results", readonly=True, copy=False, groups="sig_pqrs.group_sig_director")
    results_digest = fields.Char("Digest of the results", readonly=True, copy=False, exportable=False)

    withheld = fields.Json(
        "Rows that are not published", readonly=True, copy=False, groups="sig_pqrs.group_sig_director"
    )

    def _publish(self, results):
        """Remove what fewer than five clients said, and what would reveal it: None, marked ``suppressed``."""
        results = {**frozen.as_json(results), "published": True, "salt": None}
        withheld = self._get_withheld()
        for part, row in _get_rows(results):
            # rows of a table that was mapped otherwise when it was frozen are decided by themselves
            if row in withheld or 0 < (part.get("answered") or part.get("n") or 0) < MINIMUM_ANSWERS:
                _hide(part)
        for name, whole in (("satisfied", "change"), ("nps", "nps_change")):
            if ("total", name) in withheld:
                results.update({name: None, f"{name}_suppressed": True, whole: _hide_change()})
        # waves that were closed before 19.0.2.0.0 have figures of earlier ones
        results["earlier"] = [{name: one[name] for name in ("id", "name")} for one in results["earlier"]]
        hidden = self._get_hidden_before(results)
        for part in results["questions"] + results["dimensions"]:
            # the mark is of waves that were closed before 19.0.2.0.0
            if part["change"].get("restricted") or part["code"] in hidden:
                part["change"] = _hide_change()
        changes = [part["change"] for part in (*results["questions"], *results["dimensions"], results)]
        for change in (*changes, results["nps_change"]):
            change.update(low=None, high=None)  # of those who answered both
        for name in ("states", "channels"):  # of waves that were closed before 19.0.2.0.0, as the segment of processes
            results.pop(name, None)
        results["segments"].pop("process", None)
        results.pop("sums")
        for dimension in results["dimensions"]:
            dimension.pop("sums")
        return results

    def _publish_now(self, results):
        """Publish no figures of a running wave: those before and after one answer would reveal it by subtraction."""
        if self.state != "running":
            return self._publish(results)
        return {
            **self._publish({**results, "questions": [], "dimensions": [], "satisfied": None, "nps": None}),
            "awaited": True,
            "paired": 0,
            "change": _hide_change(),
            "nps_change": _hide_change(),
            "segments": {name: [] for name in SEGMENTS},
        }

    def _get_withheld(self):
        """``{(table, key)}`` of the rows that are not published, as of when the wave was closed."""
        if self.state not in ENDED:
            return set()  # no figures are published
        return {tuple(row) for row in (self.sudo().withheld or self._find_withheld())["rows"]}

    def _get_hidden_before(self, results):
        """Codes of what the wave before does not publish."""
        wave = self.sudo().browse(results["earlier"][-1]["id"] if results["earlier"] else ()).exists()
        past, withheld = (wave._get_results(), wave._get_withheld()) if wave else ({}, ())
        return {
            part["code"]
            for table, name in (("question", "questions"), ("dimension", "dimensions"))
            for part in past.get(name, ())
            if (table, part["id"] or 0) in withheld
        }

    def _find_withheld(self):
        clients = list(self.sudo()._get_counted_answers().values())
        rows = {figure.row for answers in clients for answer in answers for figure in answer}
        if len(clients) >= MINIMUM_ANSWERS:
            rows = self._withhold(clients, rows)
        return {"rows": sorted(rows, key=str)}

    def _withhold(self, clients, rows):
        """The rows that `withhold` says or, where that is too much to find out, the table of most rows besides."""
        weights = {row: WEIGHTS[row[0]] for row in rows if row[0] in WEIGHTS}
        try:
            return withhold(clients, weights, MINIMUM_ANSWERS)
        except TooMany:
            tables = [table for table, _key in weights]
            sizes = Counter(table for table in tables if table in SEGMENTS) or Counter(tables)
        [(table, _size)] = sizes.most_common(1)
        hidden = {row for row in weights if row[0] == table}
        left = [
            {frozenset(figure for figure in answer if figure.row not in hidden) for answer in answers}
            for answers in clients
        ]
        return hidden | self._withhold(left, rows - hidden)

    def _get_counted_answers(self):
        """``{answer sheet: of each of its answers, the figures in which it counts}``"""
        found, questions = self._fetch_people(), self._get_asked_questions()
        people = {sheet: row for row in found for sheet in row["sheets"]}
        each = self._get_answers(questions, found).each
        given = [("answered", [("answered", 0)], people)]
        for question in questions:
            own, sheets = ("question", question.id), each.get(("question", question.id), ())
            if question.sig_metric == "recommendation":
                given.append(("nps", [own, ("total", "nps")], sheets))
                continue
            rows = [own, ("dimension", question.sig_dimension_id.id or 0), ("total", "satisfied")]
            given.append(("satisfied", rows, sheets))
        answers = {sheet: set() for sheet in people}
        for measure, rows, sheets in given:
            for sheet in answers.keys() & sheets:
                own = [(name, people[sheet][name]) for name in SEGMENTS]
                answers[sheet].add(frozenset(Figure(row, measure) for row in (*rows, *own)))
        return answers

    def _get_results(self):
        """The complete results: the frozen ones of a closed wave, else the current ones. Not for publication."""
        return (self.state in ENDED and self.sudo().results) or self._compute_results()

    def _reads_everything(self):
        """Whether the user may read what few clients said: the SIG, unless for somebody else (``sig_published``)."""
        return not self.env.context.get("sig_published") and (
            self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director")
        )

    def _get_readable_results(self):
        self.check_access("read")
        results = self._get_results()
        return results if self._reads_everything() else self._publish_now(results)

    @api.readonly
    def get_results(self):
        """The results in JSON; see `_compute_results`. For users other than the SIG, without what fewer than five
        clients said (``suppressed``), and without figures while the wave runs (``awaited``).
        """
        self.ensure_one()
        return self._get_readable_results()

    def _freeze_results(self):
        for record in self:
            wave = record.sudo()._sig_in_language_of(record.company_id)
            # who knows the digest could try what is withheld
            salt = secrets.token_hex(16)
            results = frozen.as_json({"format": FORMAT, "salt": salt, **wave._compute_results()})
            wave.write(
                {"results": results, "results_digest": frozen.digest(results), "withheld": wave._find_withheld()}
            )
            published = wave._publish(results)
            for name, flag, part in FIGURES:
                wave[flag] = bool(published[part])
                wave[name] = published[part]["value"] if published[part] else 0


def _get_rows(results):
    """Parts of the results, each with its table and key."""
    yield from ((question, ("question", question["id"])) for question in results["questions"])
    yield from ((dimension, ("dimension", dimension["id"] or 0)) for dimension in results["dimensions"])
    for table, parts in results["segments"].items():
        yield from ((part, (table, part["key"])) for part in parts)


def _hide(part):
    for name in ("n", "not_applicable", "counts", "mean", "satisfied", "nps", "answered", "population", "sums"):
        if name in part:
            part[name] = None
    if "change" in part:
        part["change"] = _hide_change()
    part["suppressed"] = True


def _hide_change():
    return {"verdict": NOT_COMPARABLE, "difference": None, "low": None, "high": None, "suppressed": True}
