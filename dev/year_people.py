"""What the people of the company do on a business day in dev/year: the SIG, who drafts, who approves.

Nobody follows a script of a case: each looks at what waits, as its lists show it, and does some of it today. What, and
when, is drawn from the seed, the record and the day.
"""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import holidays
from year_doors import ZONE, Refused

#: of a hundred cases, those of which the SIG asks for information, extends the term, and sends to somebody competent
REQUIRED, EXTENDED, TRANSFERRED = 8, 6, 3
#: chances of a business day: that a case is taken up, drafted (by one in ten cases slowly), approved and sent
TRIAGE, DRAFT, SLOW_DRAFT, APPROVE, SEND, TELL = 0.8, 0.4, 0.08, 0.75, 0.9, 0.9
#: of a hundred drafts returned by their leader, and of a hundred letters by the post
RETURNED, RETURNED_LETTERS = 12, 10
#: business days that a letter takes to come back
POST_DAYS = 4
#: activities of what somebody reads, and does nothing about here
TO_READ = ("activity_low_rating", "activity_mail", "activity_silence", "mail_activity_data_todo")
ANSWER = (
    "<p>Revisamos los hechos con el supervisor de la zona, las grabaciones y el libro de minuta.</p>"
    "<p>Tomamos las medidas del caso y las verificaremos en la próxima visita ({number}).</p>"
)


class Calendar:
    """Business days of Colombia; Saturdays are none."""

    def __init__(self, year):
        self.holidays = holidays.country_holidays("CO", years=range(year - 1, year + 3))

    def is_business(self, day):
        return day.weekday() < 5 and day not in self.holidays

    def add(self, day, count):
        """The business day so many after a day; of 0, that day or the next business day."""
        while count or not self.is_business(day):
            day += timedelta(days=1)
            count -= bool(count) and self.is_business(day)
        return day

    def count(self, start, end):
        """Business days after ``start``, to ``end``."""
        return sum(self.is_business(start + timedelta(days=passed)) for passed in range(1, (end - start).days + 1))


def local_date(text):
    """The local day of a moment of Odoo, naive UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(ZONE).date()


class People:
    """The board of the company: who works on what, read by the SIG and worked off by each at their own desk."""

    def __init__(self, play):
        self.play = play
        self.users, self.processes, self.types, self.reasons = {}, {}, {}, {}
        self.returned, self.asked_again = set(), set()
        self.similar = 0

    # -- Who there is -----------------------------------------------------------------------------------------------

    def learn(self):
        """Read what the SIG sees of people and settings; anew each month, and after somebody leaves."""
        read = self.play.sig.read_list
        rows = self.play.admin.read_list("res.users", [("share", "=", False)], ["login"])
        self.users = {row["id"]: row["login"] for row in rows}
        names = ["code", "leader_id"]
        self.processes = {row["code"].lower(): row for row in read("sig.process", [], names)}
        for row in self.processes.values():
            found = self.play.sig.call("sig.process", "read", [row["id"]], ["member_ids"])
            row["member_ids"] = found[0]["member_ids"]
        self.types = {row["code"]: row for row in read("sig.pqrs.type", [], ["code", "name", "extension_days"])}
        self.reasons = {row["code"]: row["id"] for row in read("sig.pqrs.reason", [], ["code"])}

    def is_away(self, user_id):
        """Whether a person is on leave today, as they said."""
        day = self.play.today
        return any(start <= day <= end for start, end in self.play.leaves.get(self.users.get(user_id), ()))

    def work(self):
        """A business day of all of them, in the order in which work reaches them."""
        for part in (
            *(self.triage, self.attend_messages, self.move_terms),
            *(self.draft, self.approve, self.review_legally),
            *(self.send, self.tell, self.return_letters, self.close_activities),
        ):
            part()

    # -- The SIG ----------------------------------------------------------------------------------------------------

    def triage(self):
        names = ["name", "state", "subject", "type_id", "partner_id", "anonymous", "priority", "identity_checked"]
        rows = self.play.sig.read_list("sig.pqrs", [("state", "in", ("to_file", "received"))], names)
        for row in rows:
            chance = self.play.chance("triage", row["id"], self.play.today)
            if row["priority"] != "2" and chance.random() > TRIAGE:
                continue
            with self.play.attempting("triage"):
                self._take_up(row, self.play.chance("case", row["id"]))

    def _take_up(self, row, chance):
        sig, told = self.play.sig, self.play.clients.find(row["subject"])
        if row["state"] == "to_file":
            if told.is_spam:
                sig.call("sig.pqrs", "action_discard", [row["id"]], "Es publicidad, no una PQRS.")
                return
            sig.call("sig.pqrs", "action_file", [row["id"]])
        if told.repeats and self._cancel_duplicate(row):
            return
        found = sig.call("sig.similar", "get_similar", case_id=row["id"])  # the panel beside the form of triage
        self.similar += len(found["similar"])
        sig.save("sig.pqrs", [row["id"]], self._classify(told))
        if row["priority"] == "2":
            sig.call("sig.pqrs", "action_immediate_measure", [row["id"]], "Se envió un supervisor de inmediato.")
        kind = self.types.get(told.type)
        if kind and kind["id"] != row["type_id"] and not row["anonymous"] and told.type != "autoridad":
            reason = "Por lo que pide, corresponde a otro tipo."
            sig.call("sig.pqrs", "action_reclassify", [row["id"]], kind["id"], reason)
        if told.type.startswith("datos_") and not row["anonymous"] and not row["identity_checked"]:
            sig.call("sig.pqrs", "action_check_identity", [row["id"]], "holder", "Cédula confrontada con el contrato.")
        if told.type == "datos_reclamo" and not row["anonymous"]:
            with self.play.attempting("mark of a claim", expected=True):  # of a case that was taken up again
                sig.call("sig.pqrs", "action_mark_claim", [row["id"]])
        if chance.random() * 100 < TRANSFERRED and not told.type.startswith(("datos_", "autoridad", "sugerencia")):
            sig.call("sig.pqrs", "action_transfer", [row["id"]], "Alcaldía Local", "No es de nuestra competencia.")
            return
        self._assign(row, told, chance)
        if chance.random() * 100 < REQUIRED and told.type in ("queja", "reclamo", "peticion", "derecho_peticion"):
            with self.play.attempting("requirement", expected=True):  # the days to require may have passed
                text = "Indique la fecha, la hora y el lugar de los hechos."
                sig.call("sig.pqrs", "action_request_information", [row["id"]], text)
                self.play.clients.on_required(row["id"], row["name"])

    def _classify(self, told):
        values = {"severity": told.severity, "site": told.site}
        if reason := self.reasons.get(told.reason):
            values["reason_id"] = reason
        return values

    def _cancel_duplicate(self, row):
        """Whether the same petitioner has an earlier case, with which this one goes on."""
        domain = [("partner_id", "=", row["partner_id"]), ("id", "<", row["id"]), ("state", "!=", "cancelled")]
        domain.append(("outcome", "in", [False, "answered"]))
        earlier = row["partner_id"] and self.play.sig.read_list("sig.pqrs", domain, ["name"], order="id desc", limit=1)
        if earlier:
            reason = "Repite lo que ya se tramita."
            self.play.sig.call(
                "sig.pqrs", "action_cancel", [row["id"]], "duplicate", reason, duplicate_of=earlier[0]["id"]
            )
        return bool(earlier)

    def _assign(self, row, told, chance):
        codes = [told.process]
        if chance.random() < 0.12:
            codes.append(chance.choice(sorted(set(self.processes) - {told.process})))
        chosen = []
        for code in codes:
            process = self.processes[code]
            present = [id_ for id_ in process["member_ids"] if id_ in self.users and not self.is_away(id_)]
            user = chance.choice(present) if present else process["leader_id"]
            chosen.append({"process_id": process["id"], "user_id": user, "instruction": "Verifique y responda."})
        self.play.sig.call("sig.pqrs", "action_assign", [row["id"]], chosen)

    def attend_messages(self):
        domain = [("state", "=", "received"), ("direction", "=", "in")]
        names = ["pqrs_id", "purpose", "author"]
        for row in self.play.sig.read_list("sig.pqrs.communication", domain, names):
            with self.play.attempting("message"):
                self._attend(row, self.play.chance("message", row["id"]))

    def _attend(self, row, chance):
        sig, ids = self.play.sig, [row["pqrs_id"]]
        case = sig.call("sig.pqrs", "read", ids, ["state", "suspended"])[0]
        ended = case["state"] in ("closed", "cancelled")
        if not self._waits(row):
            return  # another of the same case was attended to with it
        if row["author"] == "petitioner" and row["purpose"] in ("late", "disagreement") and ended:
            self._answer_after_end(row, ids, chance.random())
        elif row["purpose"] == "information" and case["suspended"] and not ended:
            if chance.random() < 0.2 and row["pqrs_id"] not in self.asked_again:
                self.asked_again.add(row["pqrs_id"])
                sig.call("sig.pqrs", "action_refuse_completion", ids, "Falta la hora de los hechos.")
                self.play.clients.on_required(row["pqrs_id"], None)
            else:
                sig.call("sig.pqrs", "action_register_completion", ids, message_id=row["id"])
        else:
            sig.call("sig.pqrs.communication", "action_attend", [row["id"]])

    def _waits(self, row):
        domain = [("id", "=", row["id"]), ("state", "=", "received")]
        return self.play.sig.call("sig.pqrs.communication", "search_count", domain)

    def _answer_after_end(self, row, ids, drawn):
        if drawn < (0.75 if row["purpose"] == "disagreement" else 0.15):
            kind = "disagreement" if self._is_answered(ids) else "resume"
            self.play.sig.call("sig.pqrs", "action_reopen", ids, "El solicitante no está de acuerdo.", kind=kind)
        elif drawn < 0.3:
            self.play.sig.call("sig.pqrs", "action_new_case_from_message", ids)
        else:
            self.play.sig.call("sig.pqrs", "action_thank", ids, "Gracias por escribirnos. Quedamos atentos.")

    def _is_answered(self, ids):
        return self.play.sig.call("sig.pqrs", "read", ids, ["outcome"])[0]["outcome"] == "answered"

    def move_terms(self):
        """Extend terms of what takes long, and file away what nobody completed."""
        names = ["name", "type_id", "date_received", "suspended"]
        kinds = {kind["id"]: kind for kind in self.types.values()}
        domain = [
            "|",
            ("state", "=", "assigned"),
            "&",
            ("suspended", "=", True),
            ("state", "in", ("received", "approved")),
        ]
        for row in self.play.sig.read_list("sig.pqrs", domain, names):
            age = self.play.calendar.count(local_date(row["date_received"]), self.play.today)
            is_long = age in (6, 7, 8) and self.play.chance("extend", row["id"]).random() * 100 < EXTENDED
            days = kinds.get(row["type_id"], {}).get("extension_days")
            if row["suspended"] and age > 24 and age % 5 == 0:
                with self.play.attempting("tacit withdrawal", expected=True):
                    reason = "No completó lo que se le pidió en el mes que da la ley."
                    self.play.sig.call("sig.pqrs", "action_withdraw", [row["id"]], reason, tacit=True)
            elif is_long and days and not row["suspended"]:
                with self.play.attempting("extension", expected=age > 6):
                    reason = "Faltan las grabaciones del proveedor."
                    self.play.sig.call("sig.pqrs", "action_extend", [row["id"]], min(5, days), reason)

    def send(self):
        names = ["name", "response_medium", "delivery_state", "anonymous", "type_id", "legal_risk", "legal_state"]
        domain = [("state", "=", "approved"), ("delivery_state", "in", ("none", "failed"))]
        for row in self.play.sig.read_list("sig.pqrs", domain, names):
            if row["legal_risk"] and row["legal_state"] != "approved":
                if row["legal_state"] in ("none", "returned"):
                    with self.play.attempting("legal review"):
                        self.play.sig.call("sig.pqrs", "action_request_legal_review", [row["id"]])
                continue
            chance = self.play.chance("send", row["id"], self.play.today)
            if chance.random() < SEND:
                with self.play.attempting("answer"):
                    self._send(row, chance)

    def _send(self, row, chance):
        resolution = chance.choice(("upheld", "upheld", "partially_upheld", "not_upheld"))
        self.play.sig.save("sig.pqrs", [row["id"]], {"resolution": resolution})
        medium = "publication" if row["anonymous"] else row["response_medium"] or "email"
        if row["delivery_state"] == "failed":
            medium = "publication" if row["anonymous"] else "hand"
        try:
            self.play.sig.call("sig.pqrs", "action_send_response", [row["id"]], delivery=medium)
        except Refused:
            if medium not in ("email", "portal"):
                raise
            self.play.sig.call("sig.pqrs", "action_send_response", [row["id"]], delivery="letter")

    def tell(self):
        """Deliver by hand, letter or phone what does not leave by itself, and record its proof."""
        domain = [
            ("direction", "=", "out"),
            ("state", "in", ("draft", "failed", "returned")),
            ("date_due", "!=", False),
        ]
        for row in self.play.sig.read_list("sig.pqrs.communication", domain, ["pqrs_id", "purpose", "medium", "state"]):
            is_answer = row["purpose"] == "response"
            chance = self.play.chance("tell", row["id"], self.play.today)
            if (is_answer and row["state"] != "draft") or chance.random() > TELL:
                continue
            with self.play.attempting("delivery"):
                self._tell(row, is_answer)

    def _tell(self, row, is_answer):
        case = self.play.sig.call("sig.pqrs", "read", [row["pqrs_id"]], ["anonymous"])[0]
        if is_answer:
            medium = row["medium"] if row["medium"] in ("letter", "hand", "phone") else "hand"
        elif row["purpose"] == "forwarding":
            medium = "letter"
        else:
            medium = "publication" if case["anonymous"] else "phone"
        proof = {"reference": f"RA{row['id']:09d}CO", "received_by": "Portería"}
        self.play.sig.call("sig.pqrs.communication", "action_register_delivery", [row["id"]], medium, **proof)

    def return_letters(self):
        """Letters that the post brings back."""
        since = self.play.today - timedelta(days=12)
        domain = [("purpose", "=", "response"), ("medium", "=", "letter"), ("state", "=", "delivered")]
        for row in self.play.sig.read_list("sig.pqrs.communication", [*domain, ("date", ">=", str(since))], ["date"]):
            is_back = self.play.chance("post", row["id"]).random() * 100 < RETURNED_LETTERS
            if is_back and self.play.calendar.count(local_date(row["date"]), self.play.today) == POST_DAYS:
                with self.play.attempting("returned letter"):
                    reason = "Dirección errada."
                    self.play.sig.call("sig.pqrs.communication", "action_register_return", [row["id"]], reason)

    def close_activities(self):
        """What the SIG reads and does itself is marked as done the day after; other activities close by their steps."""
        sig = self.play.sig
        yesterday = self.play.today - timedelta(days=1)
        domain = [("user_id", "=", sig.uid), ("res_model", "=like", "sig.%"), ("date_deadline", "<=", str(yesterday))]
        kinds = self.play.activity_kinds
        for row in sig.read_list("mail.activity", domain, ["activity_type_id", "res_model", "res_id", "summary"]):
            kind = kinds.get(row["activity_type_id"])
            with self.play.attempting(f"activity {kind}"):
                if kind == "activity_regulator":
                    reference = "Radicado en la Superintendencia, por correo."
                    sig.call("sig.pqrs", "action_register_regulator_notice", [row["res_id"]], reference)
                elif kind in TO_READ or "desistió" in row["summary"]:
                    sig.call("mail.activity", "action_feedback", [row["id"]], feedback="Visto.")

    # -- Processes --------------------------------------------------------------------------------------------------

    def _read_parts(self, *states, extra=()):
        domain = [("state", "in", states), ("is_current", "=", True), ("pqrs_id.state", "in", ("assigned", "received"))]
        names = ["pqrs_id", "process_id", "user_id", "state", "approval_user_id", "leader_id"]
        return self.play.sig.read_list("sig.pqrs.assignment", [*domain, *extra], names)

    def draft(self):
        for row in self._read_parts("pending", "returned", extra=[("pqrs_id.suspended", "=", False)]):
            process = next(each for each in self.processes.values() if each["id"] == row["process_id"])
            if self.is_away(row["user_id"]):
                self._reassign(row, process)
                continue
            chance = self.play.chance("draft", row["id"], self.play.today)
            is_slow = self.play.chance("slow", row["pqrs_id"]).random() < 0.1
            if chance.random() < (SLOW_DRAFT if is_slow else DRAFT):
                with self.play.attempting("draft"):
                    self._draft(row, process)

    def _draft(self, row, process):
        desk = self.play.desk(self.users[row["user_id"]])
        is_declined = self.play.chance("decline", row["id"]).random() < 0.02
        if is_declined and row["state"] == "pending" and not self.is_away(process["leader_id"]):
            leader = self.play.desk(self.users[process["leader_id"]])
            leader.call("sig.pqrs.assignment", "action_decline", [row["id"]], "No es de este proceso.")
            return
        desk.save("sig.pqrs.assignment", [row["id"]], {"response": ANSWER.format(number=row["id"])})
        desk.call("sig.pqrs.assignment", "action_submit", [row["id"]])

    def _reassign(self, row, process):
        """The leader gives the draft of who is away to somebody else."""
        others = [id_ for id_ in process["member_ids"] if id_ in self.users and not self.is_away(id_)]
        if not others or self.is_away(process["leader_id"]):
            return
        with self.play.attempting("reassigned draft"):
            leader = self.play.desk(self.users[process["leader_id"]])
            chosen = self.play.chance("reassign", row["id"], self.play.today).choice(others)
            leader.call("sig.pqrs.assignment", "action_reassign", [row["id"]], chosen)

    def approve(self):
        """By whom each draft waits for, as the software says it: leader, deputy, substitute or the SIG."""
        waiting = defaultdict(list)
        for row in self._read_parts("submitted"):
            if self.play.chance("approve", row["id"], self.play.today).random() < APPROVE:
                waiting[row["approval_user_id"] or row["leader_id"]].append(row)
        for user_id, rows in waiting.items():
            if self.is_away(user_id) or user_id not in self.users:
                continue
            desk = self.play.desk(self.users[user_id])
            for row in rows:
                with self.play.attempting("approval"):
                    self._approve(desk, row)

    def _approve(self, desk, row):
        found = desk.call("sig.pqrs.assignment", "read", [row["id"]], ["draft_digest", "approves_in_absence"])[0]
        if row["id"] not in self.returned and self.play.chance("return", row["id"]).random() * 100 < RETURNED:
            self.returned.add(row["id"])
            desk.call("sig.pqrs.assignment", "action_return", [row["id"]], "Falta la fecha de los hechos.")
            return
        reason = {"reason": "El líder está ausente."} if found["approves_in_absence"] else {}
        desk.call("sig.pqrs.assignment", "action_approve", [row["id"]], digest=found["draft_digest"], **reason)

    def review_legally(self):
        desk = self.play.desk("legal")
        domain = [("legal_state", "=", "pending"), ("state", "=", "approved")]
        for row in desk.read_list("sig.pqrs", domain, ["legal_digest"]):
            with self.play.attempting("legal approval"):
                desk.call("sig.pqrs", "action_legal_approve", [row["id"]], digest=row["legal_digest"])

    # -- Leaves -----------------------------------------------------------------------------------------------------

    def plan_leaves(self, year, months):
        """``[(day, login, days away, login of the substitute or None)]``, of leaders and collaborators."""
        planned, taken = [], Counter()
        for position, (code, process) in enumerate(sorted(self.processes.items())):
            month = (2 * position + 1) % 12 + 1
            substitute = f"leader_{sorted(self.processes)[position - 1]}" if position % 2 == 0 else None
            planned.append((date(year, month, 9), self.users[process["leader_id"]], 11, substitute))
            for number, user_id in enumerate(process["member_ids"]):
                month = (3 * position + 4 * number) % 12 + 1
                taken[code, month] += 1
                if taken[code, month] == 1:
                    planned.append((date(year, month, 16), self.users[user_id], 7, None))
        return sorted(leave for leave in planned if leave[0].month <= months)

    def take_leave(self, login, days, substitute):
        """The person says in the dialog of the software that they are away, and who stands in."""
        day = self.play.today
        end = day + timedelta(days=days)
        uids = {name: id_ for id_, name in self.users.items()}
        if login not in uids:
            return
        values = {"user_id": uids[login], "date_from": str(day), "date_to": str(end)}
        if substitute in uids:
            values["substitute_id"] = uids[substitute]
        self.play.desk(login).confirm("sig.absence.wizard", values)
        self.play.leaves.setdefault(login, []).append((day, end))
