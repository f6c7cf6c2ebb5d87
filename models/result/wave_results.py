from collections import Counter

from odoo import models
from odoo.fields import Domain

from ...tools import statistics
from ...tools.clean_text import fold
from ...tools.statistics import Sums
from ..survey.question import SATISFIED
from ..wave.wave import ENDED

#: states of clients whom the survey never reached, or who are not asked: they are in no response rate
NOT_ASKED = ("excluded", "failed", "bounced", "wrong_contact")

#: waves that the trend goes back
EARLIER = 7


class SurveyWave(models.Model):
    """What the answers of a wave say: read by a few queries, however many answers there are.

    Results are plain dicts, fit for JSON. An estimate in them is ``{"value", "low", "high", "n"}``, in per cent (NPS:
    −100 to 100; means: 1 to 5), or None without answers; ``sums`` are those of `statistics.Sums`.
    """

    _inherit = "sig.survey.wave"

    def _compute_results(self):
        """The results as the answers are now, with everything: what may be published is for `_publish` to say.

        Only complete answers of the wave's clients count, no tests. “Not applicable” is counted apart, and is in no
        percentage; of who could have answered a question, as many are taken off as said so.

        :return: ``population asked answered response_rate states channels satisfied nps questions dimensions segments
            earlier``.
        """
        self.ensure_one()
        asked_questions = self._get_asked_questions()
        processes = self._get_processes_of_dimensions(asked_questions.sig_dimension_id)
        people = self._fetch_people()
        answers = self._get_answers(asked_questions, processes, people)
        population = sum(row["count"] for row in people if row["state"] != "excluded")
        asked = sum(row["count"] for row in people if row["state"] not in NOT_ASKED)
        answered = sum(row["count"] for row in people if row["state"] == "answered")
        questions = [
            self._get_question_result(question, answers.values.get(question.id, {}), population)
            for question in asked_questions
        ]
        results = {
            "population": population,
            "asked": asked,
            "answered": answered,
            "response_rate": _percent(statistics.proportion(min(answered, asked), asked)),
            "states": dict(self._count(people, "state")),
            "channels": self._get_channel_results(people),
            "satisfied": self._get_satisfied(answers, "total", 0, population),
            "sums": self._get_sums(answers, "total", 0),
            "nps": self._get_total_nps(questions, population),
            "questions": questions,
            "dimensions": self._get_dimension_results(answers, questions, processes, population),
            "segments": {
                "city": self._get_segment_results(answers, people, "city"),
                "industry": self._get_segment_results(answers, people, "industry"),
                "process": self._get_process_results(answers, processes, population),
            },
        }
        self._compare_results(results)
        return results

    # -- Parts of the results ---------------------------------------------------------------------------------------

    def _count(self, people, name, states=None):
        counts = Counter()
        for row in people:
            if states is None or row["state"] in states:
                counts[row[name]] += row["count"]
        return counts

    def _get_channel_results(self, people):
        """How many clients were asked by each channel, and how many of them answered."""
        labels = dict(self.env["sig.survey.recipient"]._fields["channel"]._description_selection(self.env))
        asked = self._count([row for row in people if row["state"] not in NOT_ASKED], "channel")
        answered = self._count(people, "channel", ("answered",))
        return [
            {"key": key, "name": label, "asked": asked[key], "answered": answered[key]}
            for key, label in labels.items()
            if asked[key]
        ]

    def _get_question_result(self, question, counts, population):
        scale = range(1, 6) if question.sig_metric == "satisfaction" else range(11)
        counted = {value: counts.get(value, 0) for value in scale}
        n, not_applicable = sum(counted.values()), counts.get(None, 0)
        population = self._get_concerned(population, n, not_applicable)
        result = {
            "id": question.id,
            "code": question.sig_code,
            "title": question.title,
            "dimension": question.sig_dimension_id.id,
            "metric": question.sig_metric,
            "n": n,
            "not_applicable": not_applicable,
            "counts": list(counted.values()),
            "satisfied": None,
            "nps": None,
        }
        if question.sig_metric == "satisfaction":
            satisfied = sum(counted[value] for value in SATISFIED)
            result["mean"] = _estimate(statistics.mean(counted, 1, 5, population))
            result["satisfied"] = _percent(statistics.proportion(satisfied, n, population))
        else:
            result["mean"] = _estimate(statistics.mean(counted, 0, 10, population))
            result["nps"] = _percent(statistics.nps(counted, population))
        return result

    def _get_concerned(self, population, n, not_applicable):
        """Of a population, those to whom a question applies: as many as among who answered it."""
        if not n:
            return population
        return max(n, -(-population * n // (n + not_applicable)))

    def _get_total_nps(self, questions, population):
        """NPS of all the answers of recommendation; questionnaires have one such question."""
        counts = self._get_nps_counts(questions)
        return _percent(statistics.nps(counts, population)) if counts else None

    def _get_nps_counts(self, questions):
        counts = Counter()
        for question in questions:
            if question["metric"] == "recommendation":
                counts.update(dict(enumerate(question["counts"])))
        return dict(counts)

    def _get_sums(self, answers, kind, key):
        """As JSON has them."""
        sums = answers.sums.get((kind, key))
        return sums and list(sums)

    def _get_satisfied(self, answers, kind, key, population):
        sums = answers.sums.get((kind, key))
        return _percent(statistics.clustered(sums, population)) if sums else None

    def _get_processes_of_dimensions(self, dimensions):
        """``{dimension id: its processes}``, in the order of the dimensions."""
        return {dimension.id: dimension._get_processes(self.company_id) for dimension in dimensions.sorted()}

    def _get_dimension_results(self, answers, questions, processes, population):
        """What each dimension says of satisfaction: all its answers, client by client."""
        results = [
            {
                "id": dimension.id,
                "code": dimension.code,
                "name": dimension.name,
                "processes": processes[dimension.id].mapped("name"),
            }
            for dimension in self.env["sig.survey.dimension"].sudo().browse(processes)
        ]
        if not all(question["dimension"] for question in questions):
            results.append({"id": False, "code": "", "name": self.env._("Other questions"), "processes": []})
        for result in results:
            key = result["id"] or 0
            result["sums"] = self._get_sums(answers, "dimension", key)
            result["satisfied"] = self._get_satisfied(answers, "dimension", key, population)
            result["measures"] = any(
                question["metric"] == "satisfaction" and question["dimension"] == result["id"] for question in questions
            )
        return results

    def _get_segment_results(self, answers, people, name):
        """What the clients of each city, or of each type, say. Cities that differ in accents or case are one."""
        merge = fold if name == "city" else str
        populations, answered = Counter(), Counter()
        labels, sums, scores = {}, {}, {}
        for row in people:
            key = merge(row[name])
            labels.setdefault(key, Counter())[row[name]] += row["count"]
            if row["state"] != "excluded":
                populations[key] += row["count"]
            if row["state"] == "answered":
                answered[key] += row["count"]
        for key, (numbers, counts) in answers.segments[name].items():
            merged = merge(key)
            if numbers:
                sums[merged] = sums[merged] + numbers if merged in sums else numbers
            if counts:
                scores.setdefault(merged, Counter()).update(counts)
        names = self._get_segment_names(name, labels)
        results = [
            {
                "key": key,
                "name": names[key],
                "population": populations[key],
                "answered": answered[key],
                "satisfied": _percent(statistics.clustered(sums[key], populations[key])) if key in sums else None,
                "nps": _percent(statistics.nps(scores[key], populations[key])) if key in scores else None,
            }
            for key in labels
            if populations[key]
        ]
        return sorted(results, key=lambda result: (result["key"] in ("", "0"), -result["answered"], result["name"]))

    def _get_segment_names(self, name, labels):
        if name == "city":
            return {key: names.most_common(1)[0][0] or self.env._("Without a city") for key, names in labels.items()}
        industries = self.env["res.partner.industry"].sudo().browse(int(key) for key in labels if key != "0")
        names = {str(industry.id): industry.name for industry in industries}
        return {key: names.get(key) or self.env._("Without a type") for key in labels}

    def _get_process_results(self, answers, processes, population):
        """What the dimensions of each process say."""
        found = self.env["sig.process"].sudo().union(*processes.values())
        return [
            {
                "key": str(process.id),
                "name": process.name,
                "answered": answers.sums["process", process.id].clients,
                "population": population,
                "satisfied": self._get_satisfied(answers, "process", process.id, population),
                "nps": None,
            }
            for process in found.sorted()
            if ("process", process.id) in answers.sums
        ]

    # -- Against earlier waves --------------------------------------------------------------------------------------

    def _get_earlier_waves(self):
        """Closed waves of earlier semesters, the last first."""
        return self.sudo().search(
            [
                *Domain("company_id", "=", self.company_id.id)
                & Domain("state", "in", ENDED)
                & Domain("id", "!=", self.id)
                & (
                    Domain("year", "<", self.year)
                    | Domain("year", "=", self.year) & Domain("semester", "<", self.semester)
                )
            ],
            order="year desc, semester desc, date_closed desc, id desc",
            limit=EARLIER,
        )

    def _compare_results(self, results):
        """Add to results, in place, the trend of the waves before and what changed since the last one.

        Only like is compared with like: questions of one code, and dimensions and totals of the same questions. A
        difference from what was not published is not published either: it is marked ``restricted``.
        """
        waves = self._get_earlier_waves().filtered("results")
        pasts = [wave._get_results() for wave in waves]
        results["earlier"] = [
            {
                "id": wave.id,
                "name": wave.name,
                "period": wave._get_period_code(),
                **{name: past[name] for name in ("answered", "asked", "response_rate", "satisfied", "nps")},
            }
            for wave, past in zip(reversed(waves), reversed(pasts), strict=True)
        ]
        past = next(iter(pasts), None)
        told = self._publish(past) if past else {}
        hidden = {
            part["code"] for name in ("questions", "dimensions") for part in told.get(name, ()) if "suppressed" in part
        }
        earlier_questions = {question["code"]: question for question in past["questions"]} if past else {}
        earlier_dimensions = {dimension["code"]: dimension for dimension in past["dimensions"]} if past else {}
        for question in results["questions"]:
            question["change"] = self._compare_question(earlier_questions.get(question["code"]), question)
        for dimension in results["dimensions"]:
            before = earlier_dimensions.get(dimension["code"])
            same = before and _get_codes(past, before) == _get_codes(results, dimension)
            dimension["change"] = self._compare_sums(before if same else None, dimension)
        for part in results["questions"] + results["dimensions"]:
            if part["code"] in hidden:
                part["change"]["restricted"] = True
        same = past and _get_codes(past) == _get_codes(results)
        results["change"] = self._compare_sums(past if same else None, results)
        before = past and self._get_nps_counts(past["questions"])
        after = self._get_nps_counts(results["questions"])
        results["nps_change"] = _change(statistics.nps(before or {}), statistics.nps(after))

    def _compare_question(self, before, after):
        if not before or before["metric"] != after["metric"]:
            return _change(None, None)
        return _change(*(self._get_question_estimate(question) for question in (before, after)))

    def _get_question_estimate(self, question):
        counts = question["counts"]
        if question["metric"] == "recommendation":
            return statistics.nps(dict(enumerate(counts)))
        return statistics.proportion(sum(counts[value - 1] for value in SATISFIED), sum(counts))

    def _compare_sums(self, before, after):
        return _change(
            *(statistics.clustered(Sums(*part["sums"])) if part and part["sums"] else None for part in (before, after))
        )

    def _get_period_code(self):
        """“2026-1”: short, and in the order of time."""
        return f"{self.year}-{self.semester}"


def _get_codes(results, dimension=None):
    """Codes of the questions of satisfaction, of all or of a dimension."""
    return {
        question["code"]
        for question in results["questions"]
        if question["metric"] == "satisfaction" and (dimension is None or question["dimension"] == dimension["id"])
    }


def _estimate(estimate, factor=1):
    if estimate is None:
        return None
    return {
        "value": round(estimate.value * factor, 6),
        "low": round(estimate.low * factor, 6),
        "high": round(estimate.high * factor, 6),
        "n": estimate.n,
    }


def _percent(estimate):
    return _estimate(estimate, 100)


def _change(before, after):
    """A comparison of two shares, its difference in percentage points."""
    change = statistics.compare(before, after)
    return {
        "verdict": change.verdict,
        **{
            name: None if getattr(change, name) is None else round(getattr(change, name) * 100, 6)
            for name in ("difference", "low", "high")
        },
    }
