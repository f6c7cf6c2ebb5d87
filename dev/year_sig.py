"""What the SIG and the management do in dev/year beside the cases.

Surveys, the month for QVO, findings and plans, reviews, versions of documents, and people who come and go.
"""

from datetime import timedelta

from year_clients import fill_survey

#: business day of the month on which the last one is confirmed, and goes to QVO
MONTH_DAY = 6
#: of a hundred findings, those that get a plan; of a hundred plans, those that prove not effective
PLANNED, INEFFECTIVE = 40, 12
#: days that an activity of a plan may take, and from which its effectiveness is looked at
LINE_DAYS, VERIFY_DAYS = 20, 40
#: chance of a business day that an interviewer visits or calls a client
VISITED = 0.2
#: cases made of comments in a survey
COMMENTS = 2
#: a frequent question, whose answer is offered to who is about to file
QUESTION = "¿Cómo pido un certificado de retenciones?"
TO_ASK = ("to_send", "sent", "failed", "started", "bounced")
SCAN = "JVBERi0xLjQKJVllYXIK"


class Sig:
    def __init__(self, play):
        self.play = play
        self.registered, self.reviews, self.invited, self.weekly = [], [], [], {}

    def work(self):
        """What is due on a business day."""
        for part in (
            *(self.begin, self.record_month, self.decide_findings, self.work_on_plans),
            *(self.survey, self.interview, self.close_wave, self.hold_review, self.carry_out_decisions),
            *(self.change_people, self.change_procedure),
        ):
            part()

    def _is_business_day_of_month(self, number, day=None):
        day = day or self.play.today
        return self.play.calendar.add(day.replace(day=1) - timedelta(days=1), number) == day

    def is_due(self, day):
        """Whether a day is one on which the SIG has to do what is of that day alone."""
        wanted = {MONTH_DAY: range(1, 13), 1: (6, 12), 3: (9,), 8: (3, 5, 8, 10), 12: (1, 7)}
        return any(
            day.month in months and self._is_business_day_of_month(number, day) for number, months in wanted.items()
        )

    def _is_weekly(self, what):
        """Whether a week has passed since this was done."""
        last, today = self.weekly.get(what), self.play.today
        if last and (today - last).days < 7:
            return False
        self.weekly[what] = today
        return True

    # -- The beginning ----------------------------------------------------------------------------------------------

    def begin(self):
        """Once: users of HERA for two of three clients, a frequent question, and the first version of each format."""
        if self.invited:
            return
        sig = self.play.sig
        self.invited = [contact["id"] for contact in self.play.clients.contacts if contact["id"] % 3]
        with self.play.attempting("invitations to HERA"):
            sig.call("res.partner", "action_sig_hera_invite", self.invited)
        with self.play.attempting("frequent question"):
            answer = "<p>Escríbanos con su NIT: lo enviamos en dos días hábiles.</p>"
            sig.save("sig.faq", [], {"name": QUESTION, "answer": answer, "published": True})
        for row in sig.read_list("sig.document", [], ["issued"]):
            if not row["issued"]:
                with self.play.attempting("version of a format"):
                    self._issue(row["id"])

    # -- The month --------------------------------------------------------------------------------------------------

    def record_month(self):
        last = self.play.today.replace(day=1) - timedelta(days=1)
        if (
            last.year != self.play.year
            or last.month > self.play.months
            or not self._is_business_day_of_month(MONTH_DAY)
        ):
            return
        with self.play.attempting("month for QVO"):
            self._record_month(last)

    def _record_month(self, last):
        sig = self.play.sig
        of_month = [("date_to", "=", str(last)), ("state", "=", "draft")]
        for row in sig.read_list("sig.indicator.measure", of_month, ["needs_analysis"]):
            if row["needs_analysis"]:
                text = "Hubo rotación de personal; se reforzó el seguimiento semanal."
                sig.save("sig.indicator.measure", [row["id"]], {"analysis": text})
        wizard = sig.save("sig.indicator.month.wizard", [], {"date": str(last.replace(day=1))})
        sig.call("sig.indicator.month.wizard", "action_confirm", [wizard])
        action = sig.call("sig.indicator.month.wizard", "action_download", [wizard])
        book = sig.ask(action["url"])
        ids = [
            row["id"]
            for row in sig.read_list("sig.indicator.measure", [of_month[0], ("state", "=", "confirmed")], ["state"])
        ]
        sig.call("sig.indicator.measure", "action_register", ids, evidence=f"QVO, registro {last:%Y-%m}")
        self.registered.append(
            {"month": f"{last:%Y-%m}", "bytes": len(book.content), "is_book": book.content[:2] == b"PK"}
        )

    # -- Findings and plans -----------------------------------------------------------------------------------------

    def decide_findings(self):
        if not self._is_weekly("findings"):
            return
        before = self.play.today - timedelta(days=3)
        domain = [("state", "=", "open"), ("create_date", "<", f"{before} 05:00:00")]
        for row in self.play.sig.read_list("sig.finding", domain, ["kind", "process_id"]):
            with self.play.attempting("finding"):
                self._decide(row, self.play.chance("finding", row["id"]))

    def _decide(self, row, chance):
        sig = self.play.sig
        if chance.random() * 100 >= PLANNED:
            reason = "Es un caso aislado; se sigue en la revisión mensual."
            sig.call("sig.finding", "action_dismiss", [row["id"]], reason)
            return
        leader = self._get_leader(row["process_id"], chance)
        plan = sig.call("sig.finding", "action_plan", [row["id"]], vals={"user_id": leader})
        self._start_plan(plan, leader)

    def _get_leader(self, process_id, chance):
        processes = [process for _code, process in sorted(self.play.people.processes.items())]
        own = [process for process in processes if process["id"] == process_id]
        return (own or [chance.choice(processes)])[0]["leader_id"]

    def _start_plan(self, plan, leader):
        today = self.play.today
        line = {"name": "Capacitar al personal del puesto", "user_id": leader}
        line["date_due"] = str(today + timedelta(days=LINE_DAYS))
        values = {
            "correction": "Se atendió al cliente de inmediato.",
            "cause_analysis": "El personal nuevo no conocía la consigna.",
            "verification_criterion": "Ningún caso igual en el mes siguiente.",
            "verification_date": str(today + timedelta(days=VERIFY_DAYS)),
            "line_ids": [(0, 0, line)],
        }
        self.play.sig.save("sig.action.plan", [plan], values)
        self.play.sig.call("sig.action.plan", "action_start", [plan])

    def work_on_plans(self):
        today = self.play.today
        if not self._is_weekly("plans"):
            return
        sig = self.play.sig
        self._take_over_plans()
        soon = str(today + timedelta(days=7))
        domain = [("state", "=", "open"), ("plan_state", "=", "in_progress"), ("date_due", "<=", soon)]
        for row in sig.read_list("sig.action.plan.line", domain, ["user_id"]):
            late = self.play.chance("line", row["id"], today).random() < 0.15
            if not late:
                with self.play.attempting("activity of a plan"):
                    desk = self.play.desk_of(row["user_id"])
                    desk.call("sig.action.plan.line", "action_complete", [row["id"]], evidence="Acta de capacitación.")
        for row in sig.read_list("sig.action.plan", [("state", "=", "in_progress")], ["open_line_count", "line_ids"]):
            if not row["open_line_count"]:
                with self.play.attempting("finished plan"):
                    sig.call("sig.action.plan", "action_finish", [row["id"]])
        domain = [("state", "=", "to_verify"), ("verification_date", "<=", str(today))]
        for row in sig.read_list("sig.action.plan", domain, ["reopened_count", "user_id"]):
            with self.play.attempting("verified plan"):
                self._verify(row)

    def _take_over_plans(self):
        """What is of somebody who left goes to the leader of today."""
        users, (leader, *_others) = self.play.people.users, self._get_leaders()
        running = [("state", "in", ("draft", "in_progress"))]
        for row in self.play.sig.read_list("sig.action.plan", running, ["user_id"]):
            if row["user_id"] not in users:
                self.play.sig.save("sig.action.plan", [row["id"]], {"user_id": leader})
        domain = [("state", "=", "open"), ("plan_state", "=", "in_progress")]
        for row in self.play.sig.read_list("sig.action.plan.line", domain, ["user_id"]):
            if row["user_id"] not in users:
                self.play.sig.save("sig.action.plan.line", [row["id"]], {"user_id": leader})

    def _get_leaders(self):
        return [process["leader_id"] for _code, process in sorted(self.play.people.processes.items())]

    def _verify(self, row):
        drawn = self.play.chance("effective", row["id"], row["reopened_count"]).random() * 100
        again = {} if drawn >= INEFFECTIVE else {"verification_date": str(self.play.today + timedelta(days=21))}
        note = "Se revisaron los casos del mes siguiente."
        self.play.sig.call("sig.action.plan", "action_verify", [row["id"]], not again, note, **again)
        if again:
            user = row["user_id"] if row["user_id"] in self.play.people.users else self._get_leaders()[0]
            line = {"name": "Reforzar la supervisión del puesto", "user_id": user}
            line["date_due"] = str(self.play.today + timedelta(days=14))
            self.play.sig.save("sig.action.plan", [row["id"]], {"line_ids": [(0, 0, line)]})

    # -- Surveys ----------------------------------------------------------------------------------------------------

    def _get_running(self):
        return self.play.sig.read_list("sig.survey.wave", [("state", "=", "running")], ["name", "date_end"])

    def survey(self):
        """On the first business day of June and December the wave that the software proposes is launched."""
        day = self.play.today
        if day.month not in (6, 12) or day.year != self.play.year or not self._is_business_day_of_month(1):
            return
        with self.play.attempting("survey launched"):
            action = self.play.sig.call("sig.survey.wave", "action_propose")
            self.play.sig.call("sig.survey.wave", "action_launch", [action["res_id"]])

    def interview(self):
        """Visits and calls; one client in twenty declines, and of one a paper is transcribed."""
        if self.play.today.month not in (6, 7, 12):
            return
        desk = self.play.desk("interviewer")
        domain = [("wave_state", "=", "running"), ("state", "in", TO_ASK), ("channel", "in", ("visit", "phone"))]
        for row in desk.read_list("sig.survey.recipient", domain, ["channel"]):
            chance = self.play.chance("interview", row["id"], self.play.today)
            if chance.random() < VISITED:
                with self.play.attempting("interview"):
                    self._interview(desk, row, chance)

    def _interview(self, desk, row, chance):
        drawn = chance.random()
        if drawn < 0.05:
            desk.call("sig.survey.recipient", "action_decline", [row["id"]], "No quiso responder.")
        elif drawn < 0.12 and row["channel"] == "visit":
            values = {"step": "transcribe", "res_model": "sig.survey.recipient", "res_ids": [row["id"]]}
            values |= {"scan": SCAN, "scan_name": "encuesta.pdf", "received_on": str(self.play.today)}
            action = desk.confirm("sig.pqrs.improvement.wizard", values)
            fill_survey(desk, action["url"], chance)
        else:
            fill_survey(desk, desk.call("sig.survey.recipient", "action_apply", [row["id"]])["url"], chance)

    def close_wave(self):
        for row in self._get_running():
            if str(self.play.today) > row["date_end"]:
                with self.play.attempting("survey closed"):
                    self._close_wave(row["id"])

    def _close_wave(self, wave):
        sig = self.play.sig
        sig.call("sig.survey.wave", "action_close", [wave])
        for process in self.play.people.processes.values():
            self._analyse(self.play.desk_of(process["leader_id"]), wave)
        values = {"wave_id": wave, "text": "Los clientes valoran al personal; el relevo se debe mejorar."}
        sig.save("sig.survey.analysis", [], values)
        self._file_comments(wave)
        sig.confirm("sig.survey.send.wizard", {"wave_id": wave, "note": "Adjunto los resultados."}, "action_send")

    def _analyse(self, leader, wave):
        """A leader analyses a dimension of their processes, where there is one."""
        specification = {"wave_id": {}, "available_dimension_ids": {"fields": {"display_name": {}}}}
        found = leader.call("sig.survey.analysis", "onchange", [], {"wave_id": wave}, ["wave_id"], specification)
        commands = found["value"].get("available_dimension_ids") or []
        dimensions = [command[1] for command in commands if command[0] == 4]
        if dimensions:
            text = "Se reforzará la supervisión de los puestos con menor calificación."
            leader.save("sig.survey.analysis", [], {"wave_id": wave, "dimension_id": dimensions[0], "text": text})

    def _file_comments(self, wave):
        domain = [
            ("question_id.sig_metric", "=", "comment"),
            ("value_text_box", "!=", False),
            ("sig_case_id", "=", False),
        ]
        of_wave = ("user_input_id.sig_recipient_id.wave_id", "=", wave)
        sig = self.play.sig
        for row in sig.read_list("survey.user_input.line", [*domain, of_wave], ["value_text_box"], limit=COMMENTS):
            sig.call("survey.user_input.line", "action_sig_file_comment", [row["id"]])

    # -- Reviews ----------------------------------------------------------------------------------------------------

    def hold_review(self):
        """On the twelfth business day of July and January, of the semester before."""
        day = self.play.today
        is_first = (day.year, day.month) == (self.play.year, 7) and self.play.months >= 6
        is_second = (day.year, day.month) == (self.play.year + 1, 1) and self.play.months == 12
        if (is_first or is_second) and self._is_business_day_of_month(12):
            with self.play.attempting("management review"):
                self._hold_review()

    def _hold_review(self):
        sig, management, today = self.play.sig, self.play.desk("management"), self.play.today
        leader = next(iter(self.play.people.processes.values()))["leader_id"]
        decisions = [
            {
                "name": "Reforzar la supervisión nocturna",
                "user_id": leader,
                "date_due": str(today + timedelta(days=25)),
            },
            {"name": "Comprar radios nuevos", "kind": "resources", "user_id": leader},
        ]
        decisions[1]["date_due"] = str(today + timedelta(days=20))
        values = {"date": str(today), "participants": "Gerente General\nDirectora SIG"}
        values["decision_ids"] = [(0, 0, decision) for decision in decisions]
        review = sig.save("sig.management.review", [], values)
        sections = sig.read_list("sig.management.section", [("review_id", "=", review)], ["kind"])
        for section in sections:
            sig.save("sig.management.section", [section["id"]], {"analysis": "Sin novedades que cambien el sistema."})
        management.call("sig.management.review", "action_hold", [review])
        management.save("sig.management.review", [review], {"conclusion": "El sistema es adecuado y eficaz."})
        management.call("sig.management.review", "action_close", [review])
        self.reviews.append(review)

    def carry_out_decisions(self):
        today = str(self.play.today + timedelta(days=3))
        domain = [("state", "=", "open"), ("review_state", "=", "closed"), ("date_due", "<=", today)]
        for row in self.play.sig.read_list("sig.management.decision", domain, ["kind", "user_id"]):
            with self.play.attempting("decision"):
                if row["kind"] == "improvement":
                    self._plan_decision(row)
                else:
                    desk = self.play.desk_of(row["user_id"])
                    desk.call("sig.management.decision", "action_carry_out", [row["id"]], "Comprados, factura 123.")

    def _plan_decision(self, row):
        self.play.sig.call("sig.management.decision", "action_make_plan", [row["id"]])
        found = self.play.sig.call("sig.management.decision", "read", [row["id"]], ["plan_id"])
        self._start_plan(found[0]["plan_id"][0], row["user_id"])

    # -- Documents --------------------------------------------------------------------------------------------------

    def change_procedure(self):
        """In September the procedure gets another version."""
        day, sig = self.play.today, self.play.sig
        if (day.year, day.month) == (self.play.year, 9) and self._is_business_day_of_month(3):
            (row,) = sig.read_list("sig.document", [("usage", "=", "procedure")], ["usage"])
            with self.play.attempting("version of the procedure"):
                self._issue(row["id"])

    def _issue(self, document):
        """The SIG prepares a version, others review and approve it, and the SIG puts it in force."""
        sig, management = self.play.sig, self.play.desk("management")
        sig.call("sig.document", "action_new_version", [document])
        domain = [("document_id", "=", document), ("state", "=", "draft")]
        (revision,) = sig.read_list("sig.document.revision", domain, ["version"])
        positions = {"prepared_by": "Asesor HSEQ", "reviewed_by": "Director HSEQ", "approved_by": "Gerente General"}
        text = "Se ajusta a la atención de mensajes después del cierre."
        sig.save("sig.document.revision", [revision["id"]], {**positions, "description": text})
        other = management if sig.login == "sig_aux" else self.play.desk("sig_aux")
        for desk, step in ((sig, "submit"), (other, "review"), (management, "approve"), (sig, "issue")):
            desk.call("sig.document.revision", f"action_{step}", [revision["id"]])

    # -- People who come and go -------------------------------------------------------------------------------------

    def change_people(self):
        """A collaborator leaves in March and in October, a leader in May, and the director of the SIG in August."""
        day = self.play.today
        if day.year != self.play.year or not self._is_business_day_of_month(8):
            return
        leaving = {
            3: ("ope_1", "ope_9", "Colaborador nuevo de Operaciones", "ope"),
            5: ("leader_tec", "leader_tec2", "Nuevo líder de Tecnología", None),
            8: ("director", "sig_aux", None, None),
            10: ("com_0", "com_9", "Colaborador nuevo de Comercial", "com"),
        }.get(day.month)
        if leaving:
            with self.play.attempting("hand-over"):
                self._replace(*leaving)

    def _replace(self, login, successor, name, process):
        people, admin_sig = self.play.people, self.play.desk("admin_sig")
        uids = {known: id_ for id_, known in people.users.items()}
        if name:
            uids[successor] = self._hire(uids[login], successor, name)
        if process:
            ids = [people.processes[process]["id"]]
            admin_sig.save("sig.process", ids, {"member_ids": [(4, uids[successor])]})
        values = {"user_id": uids[login], "receiver_id": uids[successor], "archive_user": True}
        context = {"default_user_id": uids[login]}
        # who archives users is an administrator of Odoo, too
        self.play.admin.confirm(
            "sig.handover.wizard", {**values, "reason": "Se retira de la empresa."}, context=context
        )
        self.play.gone.add(login)
        people.learn()

    def _hire(self, model_id, login, name):
        """A user with the role of somebody who is there, as the administrator of Odoo makes them."""
        admin = self.play.admin
        groups = admin.call("res.users", "read", [model_id], ["group_ids", "lang"])[0]
        values = {"login": login, "name": name, "email": f"{login}@example.com", "password": login}
        values |= {"group_ids": [(6, 0, groups["group_ids"])], "lang": groups["lang"], "tz": "America/Bogota"}
        return admin.call("res.users", "create", values, context={"no_reset_password": True})
