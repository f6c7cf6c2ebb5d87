from collections import Counter, defaultdict
from struct import unpack
from types import MappingProxyType
from typing import NamedTuple

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import statistics
from ...tools.clean_text import fold
from ..survey.question import SATISFIED
from ..wave.wave import ENDED

#: states of clients that no response rate counts
NOT_ASKED = ("excluded", "failed", "bounced", "wrong_contact")

METRICS = ("satisfaction", "recommendation")

#: parts of the clients with results of their own
SEGMENTS = ("city", "industry")


class SurveyWave(models.Model):
    """Results are dicts fit for JSON. An estimate is ``{"value", "low", "high", "n"}``, in per cent (NPS: −100 to
    100), or None without answers; ``sums`` are clients, their answers of 4 and 5, and all their answers.
    """

    _inherit = "sig.survey.wave"

    def _compute_results(self):
        """Complete results of the current answers; `_publish` removes what may not be published.

        Only complete answers count. “Not applicable” is counted apart, and reduces the population of its question.

        :return: ``population asked answered response_rate satisfied nps questions dimensions segments earlier``.
        """
        self = self.sudo()
        asked_questions = self._get_asked_questions()
        people = self._fetch_people()
        answers = self._get_answers(asked_questions, people)
        states = Counter()
        for row in people:
            states[row["state"]] += row["count"]
        population, answered = states.total() - states["excluded"], states["answered"]
        asked = sum(count for state, count in states.items() if state not in NOT_ASKED)
        questions = [
            self._get_question_result(question, answers.values.get(question.id, {}), population)
            for question in asked_questions
        ]
        scores = self._get_nps_counts(questions)
        results = {
            "population": population,
            "asked": asked,
            "answered": answered,
            "response_rate": _percent(statistics.proportion(min(answered, asked), asked)),
            **self._get_satisfied(answers, "total", 0, population),
            "nps": _percent(statistics.nps(scores, population)),
            "questions": questions,
            "dimensions": self._get_dimension_results(answers, questions, asked_questions.sig_dimension_id, population),
            "segments": {name: self._get_segment_results(answers, people, name) for name in SEGMENTS},
        }
        self._compare_results(results, answers)
        return results

    def _get_question_result(self, question, counts, population):
        scale = range(1, 6) if question.sig_metric == "satisfaction" else range(11)
        counted = {value: counts.get(value, 0) for value in scale}
        n, not_applicable = sum(counted.values()), counts.get(None, 0)
        if n:  # the share of the population to which the question applies, estimated from its answers
            population = max(n, -(-population * n // (n + not_applicable)))
        result = {
            "id": question.id,
            "code": question.sig_code,
            "title": question.title,
            "dimension": question.sig_dimension_id.id,
            "metric": question.sig_metric,
            "n": n,
            "not_applicable": not_applicable,
            "counts": list(counted.values()),
            "mean": {"value": sum(value * count for value, count in counted.items()) / n} if n else None,
            "satisfied": None,
            "nps": None,
        }
        if question.sig_metric == "satisfaction":
            satisfied = sum(counted[value] for value in SATISFIED)
            result["satisfied"] = _percent(statistics.proportion(satisfied, n, population))
        else:
            result["nps"] = _percent(statistics.nps(counted, population))
        return result

    def _get_nps_counts(self, questions):
        counts = Counter()
        for question in questions:
            if question["metric"] == "recommendation":
                counts.update(dict(enumerate(question["counts"])))
        return dict(counts)

    def _get_satisfied(self, answers, kind, key, population):
        clients = answers.count((kind, key))
        sums = [sum(pair[place] * number for pair, number in clients.items()) for place in (0, 1)]
        satisfied = _percent(statistics.clustered(clients, population))
        return {"satisfied": satisfied, "sums": [clients.total(), *sums] if clients else None}

    def _get_dimension_results(self, answers, questions, dimensions, population):
        results = [
            {
                "id": dimension.id,
                "code": dimension.code,
                "name": dimension.name,
                "processes": dimension._get_processes(self.company_id).mapped("name"),
            }
            for dimension in dimensions.sorted()
        ]
        if not all(question["dimension"] for question in questions):
            results.append({"id": False, "code": "", "name": self.env._("Other questions"), "processes": []})
        for result in results:
            result.update(self._get_satisfied(answers, "dimension", result["code"] or 0, population))
            result["measures"] = any(
                question["metric"] == "satisfaction" and question["dimension"] == result["id"] for question in questions
            )
        return results

    def _get_segment_results(self, answers, people, name):
        populations, answered, labels, parts = Counter(), Counter(), defaultdict(Counter), defaultdict(set)
        for row in people:
            key = row[name]
            parts[key].update(row["sheets"])
            labels[key][row["city_name"]] += row["count"]
            populations[key] += row["count"] * (row["state"] != "excluded")
            answered[key] += row["count"] * (row["state"] == "answered")
        names = self._get_segment_names(name, labels)
        results = [
            {
                "key": key,
                "name": names[key],
                "population": populations[key],
                "answered": answered[key],
                "satisfied": _percent(statistics.clustered(answers.count(("total", 0), sheets), populations[key])),
                "nps": _percent(statistics.nps(answers.count_scores(sheets), populations[key])),
            }
            for key, sheets in parts.items()
            if populations[key]
        ]
        return sorted(results, key=lambda result: (result["key"] in ("", "0"), -result["answered"], result["name"]))

    def _get_segment_names(self, name, labels):
        if name == "city":
            return {key: names.most_common(1)[0][0] or self.env._("Without a city") for key, names in labels.items()}
        industries = self.env["res.partner.industry"].browse(int(key) for key in labels if key != "0")
        names = {str(industry.id): industry.name for industry in industries}
        return {key: names.get(key) or self.env._("Without a type") for key in labels}

    def _get_earlier_wave(self):
        """None for a second one of a semester, which asks those who did not answer in the first."""
        same_year = Domain("year", "=", self.year) & Domain("semester", "<=", self.semester)
        answered = [("state", "in", ENDED), ("recipient_ids.state", "=", "answered")]
        others = Domain([("company_id", "=", self.company_id.id), ("id", "!=", self.id), *answered])
        earlier = others & (Domain("year", "<", self.year) | same_year)
        last = self.search(earlier, order="year desc, semester desc, date_start, id", limit=1)
        return last.filtered(lambda wave: (wave.year, wave.semester) != (self.year, self.semester))

    def _compare_results(self, results, answers):
        """Add, in place, the wave before and the change since: of codes, dimensions and totals of equal questions."""
        wave = self._get_earlier_wave().filtered("results")
        past = wave._get_results() if wave else {"questions": [], "dimensions": []}
        results["earlier"] = [{"id": one.id, "name": one.name} for one in wave]
        both = wave._get_answers(wave._get_asked_questions(), wave._fetch_people()) if wave else Answers(), answers
        results["paired"] = len(set.intersection(*(set(one.partners.values()) for one in both)))
        earlier_questions = {question["code"]: question for question in past["questions"]}
        earlier_dimensions = {dimension["code"]: dimension for dimension in past["dimensions"]}
        for question in results["questions"]:
            before = earlier_questions.get(question["code"])
            same = before and before["metric"] == question["metric"]
            pair = (before, question) if same else (None, None)
            estimates = [part and self._get_question_estimate(part) for part in pair]
            question["change"] = _change(*estimates, *_find_pairs(both, "question", pair))
        for dimension in results["dimensions"]:
            before = earlier_dimensions.get(dimension["code"])
            same = before and _get_codes(past, before) == _get_codes(results, dimension)
            dimension["change"] = _compare_clients(
                _find_pairs(both, "dimension", (before if same else None, dimension))
            )
        same = _get_codes(past) == _get_codes(results)
        whole = {"id": False}
        results["change"] = _compare_clients(_find_pairs(both, "total", (whole if same else None, whole)))
        scores = (statistics.nps(self._get_nps_counts(part["questions"])) for part in (past, results))
        results["nps_change"] = _change(*scores, *_find_pairs(both, "nps", (whole, whole)))

    def _get_question_estimate(self, question):
        counts = question["counts"]
        if question["metric"] == "recommendation":
            return statistics.nps(dict(enumerate(counts)))
        return statistics.proportion(sum(counts[value - 1] for value in SATISFIED), sum(counts))

    def _get_asked_questions(self):
        domain = [("survey_id", "=", self.survey_id.id), ("sig_metric", "in", METRICS)]
        fnames = ["title", "sig_code", "sig_metric", "sig_dimension_id"]
        return self.env["survey.question"].search_fetch(domain, fnames, order="sequence, id")

    def _get_answers(self, questions, people):
        """Complete answers of the clients of the wave, without tests."""
        partners = {
            sheet: partner for row in people for sheet, partner in zip(row["sheets"], row["partners"], strict=True)
        }
        marks, values, scores, each = self._fetch_marks(), defaultdict(Counter), [], defaultdict(dict)
        for question in questions.filtered(lambda question: question.sig_metric == "satisfaction"):
            groups = [("total", 0), ("question", question.id), ("dimension", question.sig_dimension_id.code or 0)]
            for choice in question.suggested_answer_ids:
                value, sheets = choice.sig_value, [one for one in marks.get(choice.id, ()) if one in partners]
                values[question.id][value or None] += len(sheets)
                for group in groups if value else ():
                    for sheet in sheets:
                        successes, given = each[group].get(sheet, (0, 0))
                        each[group][sheet] = (successes + (value in SATISFIED), given + 1)
        for question, value, sheets in self._fetch_scores(questions):
            complete = [sheet for sheet in sheets if sheet in partners]
            values[question][value] += len(complete)
            scores.append((value, complete))
            leaning = (value in statistics.PROMOTERS) - (value in statistics.DETRACTORS)
            for sheet in complete:
                each["question", question][sheet] = each["nps", 0][sheet] = (leaning, 1)
        return Answers(values, dict(each), scores, partners)

    def _fetch_people(self):
        """Clients by state, city (in any accents and case) and type, with their complete answer sheets."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT recipient.state, COALESCE(recipient.city, ''), COALESCE(recipient.industry_id, 0), COUNT(*),
                       ARRAY_REMOVE(ARRAY_AGG(sheet.id), NULL),
                       ARRAY_AGG(recipient.partner_id) FILTER (WHERE sheet.id IS NOT NULL)
                  FROM sig_survey_recipient recipient
             LEFT JOIN survey_user_input sheet ON sheet.id = recipient.user_input_id
                                              AND sheet.state = 'done' AND sheet.test_entry IS NOT TRUE
                 WHERE recipient.wave_id = %s
              GROUP BY 1, 2, 3
              ORDER BY 1, 2, 3
                """,
                self.id,
            )
        )
        names = ("state", "city_name", "industry", "count", "sheets", "partners")
        people = [dict(zip(names, row, strict=True)) for row in rows]
        for row in people:
            city = row["city_name"].strip()
            row.update(city_name=city, city=fold(city), industry=str(row["industry"]), partners=row["partners"] or [])
        return people

    def _fetch_marks(self):
        """``{choice: answer sheets}``, complete or not. Without joins and as bytes: arrays take twice the time."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT suggested_answer_id, STRING_AGG(INT4SEND(user_input_id), '')
                  FROM survey_user_input_line
                 WHERE survey_id = %s AND suggested_answer_id IS NOT NULL AND skipped IS NOT TRUE
              GROUP BY suggested_answer_id
                """,
                self.survey_id.id,
            )
        )
        return {choice: unpack(f">{len(sheets) // 4}i", sheets) for choice, sheets in rows}

    def _fetch_scores(self, questions):
        """``[(question, score, answer sheets)]`` of recommendation, complete or not."""
        scales = questions.filtered(lambda question: question.sig_metric == "recommendation")
        return self.env.execute_query(
            SQL(
                """
                SELECT question_id, value_scale, ARRAY_AGG(user_input_id)
                  FROM survey_user_input_line
                 WHERE question_id = ANY(%s) AND answer_type = 'scale' AND value_scale BETWEEN 0 AND 10
                       AND skipped IS NOT TRUE
              GROUP BY question_id, value_scale
                """,
                scales.ids,
            )
        )


def _get_codes(results, dimension=None):
    return {
        question["code"]
        for question in results["questions"]
        if question["metric"] == "satisfaction" and (dimension is None or question["dimension"] == dimension["id"])
    }


def _percent(estimate):
    if estimate is None:
        return None
    return {**{name: round(getattr(estimate, name) * 100, 6) for name in ("value", "low", "high")}, "n": estimate.n}


def _find_pairs(both, kind, parts):
    """What each client answered in a part of the wave before, and in that of this one; empty without a part."""
    key = "code" if kind == "dimension" else "id"
    return [
        {answers.partners[sheet]: pair for sheet, pair in answers.each.get((kind, part[key] or 0), {}).items()}
        if part
        else {}
        for answers, part in zip(both, parts, strict=True)
    ]


def _compare_clients(pairs):
    return _change(*(statistics.clustered(Counter(clients.values())) for clients in pairs), *pairs)


def _change(before, after, earlier_clients, clients):
    """:param clients: ``{client: (successes, answers)}``: who answered both waves is compared with themselves."""
    change = statistics.compare(before, after, statistics.correlate(earlier_clients, clients))
    points = {name: getattr(change, name) for name in ("difference", "low", "high")}
    return {
        "verdict": change.verdict,
        **{name: value if value is None else round(value * 100, 6) for name, value in points.items()},
    }


class Answers(NamedTuple):
    """Counted answers of some clients.

    :param values: ``{question: {value: answers}}``; the value of “not applicable” is None.
    :param each: by group, ``{answer sheet: (successes, answers)}`` of satisfaction: ``("total", 0)``,
        ``("dimension", code)`` or ``("question", id)``; of recommendation, ``("nps", 0)`` and its questions, with
        promoters as 1 and detractors as −1.
    :param scores: pairs of 0 to 10, and the answer sheets that recommend us so.
    :param partners: ``{answer sheet: client}``
    """

    values: dict[int, Counter] = MappingProxyType({})
    each: dict[tuple[str, int], dict[int, tuple[int, int]]] = MappingProxyType({})
    scores: list[tuple[int, list[int]]] = ()
    partners: dict[int, int] = MappingProxyType({})

    def count(self, group, sheets=None):
        """:return: ``{(successes, answers): clients}``, of some answer sheets or of all."""
        found = self.each.get(group, {})
        return Counter(found.values() if sheets is None else (found[sheet] for sheet in sheets if sheet in found))

    def count_scores(self, sheets):
        """:return: ``{0 to 10: answers}``"""
        counts = Counter()
        for value, given in self.scores:
            counts[value] += len(sheets.intersection(given))
        return counts
