"""A year of a security company's PQRS, ending today: every state, in time and late."""

from datetime import timedelta

from odoo.fields import Command

from ..models import clock
from .builder import TEXTS, CaseBuilder, moment
from .improvement import ImprovementStory
from .review import DocumentStory, ReviewStory
from .survey_scenario import SurveyStory


class Scenario:
    def __init__(self, env):
        ref = env.ref
        self.builder = CaseBuilder(env, ref("sig_pqrs.user_director"), ref("base.main_company"))
        self.company = self.builder.company
        self.env = env
        self.operations = ref("sig_pqrs.process_operations")
        self.technology = ref("sig_pqrs.process_technology")
        self.partners = []
        for name in ("roble", "andina"):
            self.partners.append(ref(f"sig_pqrs.user_client_{name}").partner_id)
            self.partners[-1].parent_id = ref(f"sig_pqrs.partner_{name}")
        self.partners.append(ref("sig_pqrs.partner_clinica"))
        self.now = clock.now()
        self.today = self.company._sig_today()
        self.calendar = self.company._sig_calendar(self.today - timedelta(days=1100))
        self.filed = 0
        #: ``{case: (answer, resolution)}``
        self.answers = {}

    def back(self, business_days):
        day = self.today
        while self.calendar.count(day, self.today) < business_days:
            day -= timedelta(days=1)
        return day

    def on(self, day, hour=10):
        return min(moment(self.company, day, hour), self.now)

    def later(self, day, business_days, hour=15):
        return self.on(min(self.calendar.add(day, business_days), self.today), hour)

    def file(self, day, asks=None, **vals):
        """A case of ``TEXTS["cases"]``: by its number, or the next one; ``vals`` may say otherwise."""
        asked = TEXTS["cases"][self.filed % len(TEXTS["cases"]) if asks is None else asks]
        partner = self.partners[self.filed % len(self.partners)]
        self.filed += 1
        asked = {"partner_id": partner.id, "capacity": "client", **asked, **vals}
        asked.setdefault("reason_id", self.env.ref(f"sig_pqrs.reason_{asked.pop('reason')}").id)
        answer = asked.pop("answer"), asked.pop("resolution", "not_applicable")
        case = self.builder.file(asked, self.on(day))
        self.answers[case] = answer
        self.builder.acknowledge(case, self.on(day, 11))
        return case

    def answered(self, day, days, stars=0, feedback=""):
        case = self.file(day)
        processes = self.operations | self.technology if self.filed % 4 == 0 else self.operations
        assignments = self.builder.assign(case, processes, self.later(day, 1, 9))
        text, resolution = self.answers[case]
        for assignment in assignments:
            is_main = assignment.process_id == self.operations
            self.builder.draft(assignment, text if is_main else TEXTS["records"], self.later(day, max(1, days - 2)))
        self.builder.approve(assignments, self.later(day, max(1, days - 1)))
        self.builder.send(case, self.later(day, days), resolution=resolution)
        if stars:
            self.builder.rate(case, stars, feedback, self.later(day, days + 2))
        return case

    def step(self, record, name, when, *args):
        with self.builder._at(when):
            getattr(record.with_user(self.builder.director).with_company(self.company), f"action_{name}")(*args)
        if record._name == "sig.pqrs":
            self.builder.tell(record, when)

    def play(self):
        for week in range(51, 3, -1):
            day = self.back(week * 5)
            late = week in (7, 16, 31, 44)
            self.answered(
                day,
                18 if late else 4 + week % 9,
                stars=(5, 4, 5, 2, 4)[week % 5] if week % 3 else 0,
                feedback="Se demoraron más de lo que esperaba." if week % 5 == 3 else "",
            )
        self.play_open()
        self.be_away()
        self.review()
        self.leave_mail()

    def be_away(self):
        dates = {"date_from": self.today, "date_to": self.today + timedelta(days=9)}
        self.env["sig.process.absence"].create({**self.resolve(TEXTS["absence"]), **dates})

    def review(self):
        for model in self.env["sig.daily.review"]._get_watched_models():
            self.env[model]._refresh_deadline_state(self.company)
        overdue = self.env["sig.pqrs"].search([("deadline_state", "=", "overdue")])
        overdue.date_escalation = clock.now() - timedelta(minutes=1)
        overdue._escalate_overdue()
        # The rule of automation begins after what is done here.
        self.env.ref("sig_pqrs.automation_overdue").last_run = clock.now()

    def leave_mail(self):
        """No mail of the past waits for the mail server of who installs the demo."""
        notices = [("state", "=", "outgoing"), ("model", "in", ("sig.pqrs", "sig.pqrs.identity"))]
        self.env["mail.mail"].search(notices).state = "sent"
        self.env["mail.mail"].search(
            [("state", "=", "outgoing"), ("email_to", "like", "@example.com")]
        ).state = "cancel"

    def play_open(self):
        for scene in TEXTS["scenes"]:
            self.play_scene(**scene)
        ids = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "company_id": self.company.id}
        self.env["sig.pqrs"].create({**TEXTS["stranger"], **ids})

    def play_scene(self, about, age, asks, case=None, petitioner=None, due=None, file=None, steps=()):
        """A case and its steps.

        :param about: what the case shows, for who reads the file.
        :param age: business days since the case was filed.
        :param asks: number of what it asks for among ``cases``.
        :param case: values that are its own; of ``*_id`` the external id.
        :param petitioner: external id of a user of HERA; one of the clients by default.
        :param due: business days from today until the date of an authority.
        :param file: ``{"name": str, "text": str}`` of the requirement.
        :param steps: dicts: what to ``do``, on which business ``day`` of the case, at what ``hour``, and ``with`` what.
        """
        day, vals = self.back(age), self.resolve(case or {})
        if petitioner:
            vals["partner_id"] = self.env.ref(f"sig_pqrs.{petitioner}").partner_id.id
        if due:
            vals["authority_deadline"] = moment(self.company, self.calendar.add(self.today, due), 16)
        if file:
            vals["attachment_ids"] = [Command.create({"name": file["name"], "raw": file["text"].encode()})]
        filed = self.file(day, asks, **vals)
        for step in steps:
            self.take(filed, step["do"], self.later(day, step["day"], step.get("hour", 15)), *step.get("with", ()))

    def resolve(self, vals):
        named = {name: value for name, value in vals.items() if name.endswith("_id") and value}
        return {**vals, **{name: self.env.ref(f"sig_pqrs.{value}").id for name, value in named.items()}}

    def take(self, pqrs, step, when, *args):
        """A step by who takes it: the SIG, unless it is of a process, of its leader or of the petitioner."""
        builder, assignments = self.builder, pqrs.assignment_ids
        match step:
            case "assign":
                processes = self.env["sig.process"].union(*(self.env.ref(f"sig_pqrs.process_{name}") for name in args))
                builder.assign(pqrs, processes, when)
            case "draft":
                builder.draft(assignments, args[0] if args else self.answers[pqrs][0], when)
            case "promise":
                builder.promise(assignments, args[0], self.calendar.add(self.today, 2), when)
            case "approve":
                builder.approve(assignments, when)
            case "return":
                with clock.at(when):
                    assignments.with_user(assignments.leader_id).action_return(*args)
            case "name_approver":
                self.step(assignments, step, when, self.resolve(args[0])["user_id"], args[1])
            case "write":
                pqrs.with_user(builder.director).write(self.resolve(*args))
            case "answer_requests":
                with clock.at(when):
                    own = assignments.with_user(assignments.user_id).with_company(self.company)
                    for request, vals in zip(own.request_ids, args, strict=True):
                        request.write(vals)
            case "check_identity" | "send":
                getattr(builder, step)(pqrs, when)
            case "receive":
                builder.receive(pqrs, *args, when)
            case _:
                self.step(pqrs, step, when, *args)


def load(env):
    languages = [code for code, _name in env["res.lang"].get_installed() if code.startswith("es")]
    if languages:
        env["ir.module.module"]._load_module_terms(["sig_pqrs"], languages)
        env = env(context={**env.context, "lang": languages[0]})
    scenario = Scenario(env)
    scenario.play()
    for story in (SurveyStory, ImprovementStory, DocumentStory, ReviewStory):
        story(scenario).play()
