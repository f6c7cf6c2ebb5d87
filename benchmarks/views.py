"""The requests that the web client sends for a page, derived from the views themselves."""

import json

from lxml import etree

#: what these widgets read beside their field
WIDGET_FIELDS = dict.fromkeys(
    ("list_activity", "kanban_activity"),
    (
        "activity_exception_decoration",
        "activity_exception_icon",
        "activity_state",
        "activity_summary",
        "activity_type_icon",
        "activity_type_id",
    ),
)
#: what the widgets of the form of a case read
FORM_WIDGETS = {"sig_more_steps": "step_menu", "sig_case_warnings": "warnings", "sig_case_parts": "parts"}
LIST_LIMIT = 80
KANBAN_LIMIT = 40
COUNT_LIMIT = 10001


class Form:
    """A form of a model as one user gets it, with the lists inside of it.

    :param str view: external id; without one, the form of the model.
    """

    def __init__(self, env, model, view=None):
        self.model = model
        arch = env[model].get_views([(env.ref(view).id if view else False, "form")])["views"]["form"]["arch"]
        self.fields = self._read_arch(env[model], etree.fromstring(arch))

    def _read_arch(self, records, root):
        specification = {
            node.get("name"): self._read_field(records, node)
            for node in root.iter("field")
            if next(node.iterancestors("field", root.tag)) is root
        }
        widgets = {node.get("name") for node in root.iter("widget")}
        return specification | {name: {} for widget, name in FORM_WIDGETS.items() if widget in widgets}

    def _read_field(self, records, node):
        field = records._fields[node.get("name")]
        if not field.relational:
            return {}
        if field.type == "many2one":
            return {"fields": {"display_name": {}}}
        if node.get("widget") == "many2many_binary":
            return {"fields": {"name": {}, "mimetype": {}}}
        view = next(node.iterchildren("list", "kanban"), None)
        shown = {"display_name": {}} if view is None else self._read_arch(records.env[field.comodel_name], view)
        return {"fields": shown}

    def read(self, env, ids):
        return env[self.model].browse(ids).with_context(bin_size=True).web_read(self.fields)


class Page:
    """The list and kanban view of a model as one user gets them."""

    def __init__(self, env, model):
        views = env[model].get_views([(False, "list"), (False, "kanban"), (False, "search")])["views"]
        self.model = model
        self.list_fields, self.aggregates = self._read_arch(env, views["list"]["arch"])
        self.kanban_fields, _aggregates = self._read_arch(env, views["kanban"]["arch"])
        kanban = etree.fromstring(views["kanban"]["arch"])
        self.kanban_group = kanban.get("default_group_by")
        bar = kanban.find(".//progressbar")
        self.progress_bar = {"field": bar.get("field"), "colors": json.loads(bar.get("colors"))}

    def _read_arch(self, env, arch):
        fields = env[self.model]._fields
        specification, aggregates = {}, []
        for node in etree.fromstring(arch).iterfind(".//field"):
            name = node.get("name")
            names = [name, *WIDGET_FIELDS.get(node.get("widget"), ())]
            for each in names:
                specification[each] = self._read_field(fields[each], node)
            aggregates += [f"{name}:{how}" for how in ("sum", "avg") if node.get(how)]
        return specification, aggregates

    def _read_field(self, field, node):
        if not field.relational:
            return {}
        if field.type != "many2one" and node.get("widget") in WIDGET_FIELDS:
            return {"fields": {}}
        shown = {"display_name": {}}
        if "color_field" in (node.get("options") or ""):
            shown["color"] = {}
        return {"fields": shown}

    def read_list(self, env, domain):
        """A page of the list, with its count."""
        return (
            env[self.model]
            .with_context(bin_size=True)
            .web_search_read(domain, self.list_fields, limit=LIST_LIMIT, count_limit=COUNT_LIMIT)
        )

    def read_kanban(self, env, domain):
        """The columns with their first cards, and the bars on top."""
        model = env[self.model].with_context(bin_size=True, read_group_expand=True)
        model.read_progress_bar(domain, self.kanban_group, self.progress_bar)
        return model.web_read_group(
            domain,
            [self.kanban_group],
            [],
            auto_unfold=True,
            unfold_read_specification=self.kanban_fields,
            unfold_read_default_limit=KANBAN_LIMIT,
        )

    def read_groups(self, env, group):
        """The groups of a list of all, folded."""
        model = env[self.model].with_context(read_group_expand=True)
        return model.web_read_group([], [group], self.aggregates, limit=LIST_LIMIT)


class Dialog:
    """A dialog that a button of a record opens: by a method, an action, or a step in `action_open_step`."""

    def __init__(self, record, method=None, action=None, step=None):
        self.record = record._name, record.ids
        self.action = action
        self.method = "action_open_step" if step else method
        self.context = {"default_step": step} if step else {}
        self.form = Form(*self._press(record.env))

    def _press(self, env):
        """:return: the environment of the dialog, with its defaults, and its model."""
        model, ids = self.record
        if self.action:
            action = env["ir.actions.actions"]._for_xml_id(self.action)
            context = {"active_model": model, "active_ids": ids, "active_id": ids[0]}
        else:
            action = getattr(env[model].browse(ids).with_context(**self.context), self.method)()
            context = {}
        own = action.get("context") or {}
        return env(context={**env.context, **context, **(own if isinstance(own, dict) else {})}), action["res_model"]

    def open(self, env):
        env, model = self._press(env)
        env[model].get_views([(False, "form")])
        return env[model].onchange({}, [], self.form.fields)
