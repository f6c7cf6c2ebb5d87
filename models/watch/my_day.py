from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..case.priority import URGENT
from ..mixin.deadline_mixin import PRESSING
from ..mixin.transitions import NOT_LEFT, OPEN, RUNNING, TO_DRAFT

#: records of a tile that show at once
SHOWN = 5


class MyDay(models.AbstractModel):
    """What waits for whom: the screen with which everybody starts.

    A tile says how many records wait for one thing and shows the first of them. Tiles are plain dicts:

    - ``key``, ``label``, ``model`` and ``domain``: a JSON-serializable list, seen with the user's own rights;
    - ``tone``: ``danger warning info secondary``, how it shows when something waits;
    - ``order`` of the records, and the fields that show as their date and state, when others than the usual ones:
      ``date_field state_field``;
    - ``quiet``: it shows only when something waits;
    - ``rises``: its tone is ``danger`` while the first of them is late or due soon;
    - ``method`` and ``method_label``: a public method of the model, without arguments, that a button of the tile calls.
    """

    _name = "sig.my.day"
    _description = "My Day"

    @api.model
    @api.readonly
    def get_my_day(self):
        """The tiles of the current user, in order, with their counts and first records.

        :return: ``{"date": ISO date, "date_text": str, "name": str, "tiles": [dict], "can_register": bool, "setup":
            bool}``: the last, whether the day begins with the steps of the set-up; each tile has ``key label tone model
            domain order count records method method_label``, and each record ``id name subject date date_text state
            tone urgent``.
        :raises AccessError: for users without a role.
        """
        Pqrs = self.env["sig.pqrs"]
        Pqrs.check_access("read")
        tiles = [self._get_my_day_tile(tile) for tile in self._get_my_day_tiles()]
        today = self.env.company._sig_today()
        return {
            "date": today.isoformat(),
            "date_text": tools.format_date(self.env, today, date_format="full"),
            "name": self.env.user.name,
            "can_register": Pqrs.has_access("create"),
            "setup": self.env["sig.setup"]._is_shown(),
            "tiles": [tile for tile in tiles if tile["count"] or not tile.get("quiet")],
        }

    @api.model
    def _get_my_day_tiles(self):
        """The tiles of the user's roles, each once. Hook for other addons and other files: append dicts."""
        user = self.env.user
        tiles = []
        if user.has_group("sig_pqrs.group_process_leader"):
            tiles += self._get_urgent_tiles()
        if user.has_group("sig_pqrs.group_sig_director"):
            tiles += self._get_sig_tiles()
        if user.has_group("sig_pqrs.group_collaborator"):
            tiles += self._get_evidence_tiles()
            tiles += self._get_leader_tiles() + self._get_drafter_tiles()
        if user.has_group("sig_pqrs.group_top_management") and not user.has_group("sig_pqrs.group_sig_director"):
            tiles += self._get_management_tiles()
        return tiles

    @api.model
    def _get_urgent_tiles(self):
        return [
            self._make_tile(
                "unmeasured",
                [("priority", "=", URGENT), ("state", "in", RUNNING), ("immediate_measure_on", "=", False)],
                self.env._("Urgent, without immediate measures"),
                "danger",
                quiet=True,
            ),
        ]

    @api.model
    def _get_sig_tiles(self):
        Pqrs = self.env["sig.pqrs"]
        today, soon = Pqrs._get_deadline_limits(self.env.company)
        triage = {"method": "action_triage_next", "method_label": self.env._("Triage")}
        return [
            self._make_tile(
                "duties",
                Pqrs._get_pressing_duties_domain(today, soon),
                self.env._("Legal duties about to lapse"),
                "danger",
                order="next_duty_date, id",
                date_field="next_duty_date",
                state_field="next_duty",
                quiet=True,
            ),
            self._make_tile("to_file", [("state", "=", "to_file")], self.env._("To file"), "warning", **triage),
            self._make_tile("unassigned", [("state", "=", "received")], self.env._("Unassigned"), "warning", **triage),
            self._make_tile(
                "late_approvals",
                [("state", "=", "submitted"), ("date_due", "<", today.isoformat())],
                self.env._("To approve, late"),
                "danger",
                "sig.pqrs.assignment",
            ),
            self._make_tile(
                "to_send",
                [("state", "=", "approved"), ("delivery_state", "in", NOT_LEFT)],
                self.env._("To send"),
                "warning",
            ),
            self._make_tile(
                "to_notify",
                [("to_notify", "!=", False)],
                self.env._("To notify"),
                "warning",
            ),
            self._make_tile(
                "wrote_after",
                [("client_message_pending", "=", True)],
                self.env._("Wrote after closing"),
                "warning",
                quiet=True,
            ),
            self._make_overdue_tile(),
            self._make_tile(
                "unrated",
                [("rating_state", "in", ("asked", "reminded"))],
                self.env._("Unrated"),
                "secondary",
                order="date_answered, id",
            ),
        ]

    @api.model
    def _get_evidence_tiles(self):
        return [
            self._make_tile(
                "unpreserved",
                [("preserve_evidence", "=", True), ("evidence_preserved_on", "=", False), ("state", "in", OPEN)],
                self.env._("Evidence to preserve"),
                "warning",
                quiet=True,
            ),
        ]

    @api.model
    def _get_leader_tiles(self):
        """Of who approves, today or always: leaders, deputies and whoever stands in for them."""
        user = self.env.user
        is_leader = user.has_group("sig_pqrs.group_process_leader")
        quiet = not is_leader or user.has_group("sig_pqrs.group_sig_director")
        led = [("is_of_led_process", "=", True)]
        return [
            self._make_tile(
                "to_approve",
                [
                    "|",
                    ("approval_user_id", "=", user.id),
                    *led,
                    ("state", "=", "submitted"),
                    ("pqrs_id.state", "in", OPEN),
                ],
                self.env._("To approve"),
                "warning",
                "sig.pqrs.assignment",
                quiet=quiet,
            ),
            self._make_tile(
                "process_drafts",
                [*led, *self._get_drafting_domain(), ("deadline_state", "in", PRESSING)],
                self.env._("Drafts of my processes, late or due soon"),
                "danger",
                "sig.pqrs.assignment",
                quiet=quiet,
            ),
        ]

    @api.model
    def _get_drafter_tiles(self):
        is_leader = self.env.user.has_group("sig_pqrs.group_process_leader")
        mine = [("user_id", "=", self.env.uid), ("pqrs_id.state", "in", OPEN)]
        return [
            self._make_tile(
                "returned",
                [*mine, ("state", "=", "returned")],
                self.env._("Returned to me for changes"),
                "danger",
                "sig.pqrs.assignment",
                quiet=True,
            ),
            self._make_tile(
                "mine",
                [*mine, ("state", "in", TO_DRAFT)],
                self.env._("Mine to draft"),
                "info",
                "sig.pqrs.assignment",
                quiet=is_leader,
                rises=True,
            ),
        ]

    @api.model
    def _get_management_tiles(self):
        states = self.env["sig.pqrs"]._fields["state"]._description_selection(self.env)
        labels = {**dict(states), "received": self.env._("Filed cases")}
        return [
            self._make_overdue_tile(),
            self._make_tile(
                "due_soon",
                [("state", "in", RUNNING), ("deadline_state", "in", ("due_today", "due_soon"))],
                self.env._("Due soon"),
                "warning",
            ),
            *(self._make_tile(f"state_{state}", [("state", "=", state)], labels[state], "info") for state in OPEN),
        ]

    @api.model
    def _make_overdue_tile(self):
        domain = [("state", "in", RUNNING), ("deadline_state", "=", "overdue")]
        return self._make_tile("overdue", domain, self.env._("Overdue cases"), "danger")

    @api.model
    def _get_drafting_domain(self):
        return [("state", "in", TO_DRAFT), ("pqrs_id.state", "in", OPEN)]

    @api.model
    def _make_tile(self, key, domain, label, tone, model="sig.pqrs", order=None, **extra):
        order = order or f"{self.env[model]._deadline_field}, id"
        return {"key": key, "label": label, "domain": domain, "tone": tone, "model": model, "order": order, **extra}

    @api.model
    def _get_my_day_tile(self, tile):
        """A tile with its count and its first records: one query when they are few, two when they are many."""
        Model = self.env[tile["model"]]
        domain = Domain(tile["domain"])
        records = Model.search_fetch(domain, Model._get_my_day_fields(), order=tile["order"], limit=SHOWN + 1)
        count = len(records) if len(records) <= SHOWN else Model.search_count(domain)
        pressing = tile.get("rises") and records[:1].deadline_state in PRESSING
        return {
            **tile,
            "tone": "danger" if pressing else tile["tone"],
            "count": count,
            "records": [record._get_my_day_row(tile) for record in records[:SHOWN]] if count else [],
        }


class DeadlineMyDay(models.AbstractModel):
    _inherit = "sig.deadline.mixin"

    def _make_my_day_row(self, tile, name, subject, priority):
        day = self[tile.get("date_field", self._deadline_field)]
        state_field = tile.get("state_field", "state")
        tones = {"overdue": "danger", "due_today": "warning", "due_soon": "warning", "on_track": "success"}
        return {
            "id": self.id,
            "name": name,
            "subject": subject or "",
            "date": fields.Date.to_string(day) if day else False,
            "date_text": tools.format_date(self.env, day) if day else "",
            "state": dict(self._fields[state_field]._description_selection(self.env)).get(self[state_field], ""),
            "tone": tile["tone"] if "date_field" in tile else tones.get(self.deadline_state, "muted"),
            "urgent": priority == URGENT,
        }


class PqrsMyDay(models.Model):
    _inherit = "sig.pqrs"

    @api.model
    def _get_my_day_fields(self):
        return [
            *("name", "subject", "date_deadline", "deadline_state"),
            *("state", "priority", "next_duty", "next_duty_date"),
        ]

    def _get_my_day_row(self, tile):
        """What a tile shows of a case."""
        return self._make_my_day_row(tile, self.name, self.subject, self.priority)


class AssignmentMyDay(models.Model):
    _inherit = "sig.pqrs.assignment"

    @api.model
    def _get_my_day_fields(self):
        return ["pqrs_id", "date_due", "deadline_state", "state", "active"]

    def _get_my_day_row(self, tile):
        """What a tile shows of an assignment."""
        case = self.sudo().pqrs_id
        return self._make_my_day_row(tile, case.name, self.case_subject, case.priority)
