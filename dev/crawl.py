"""Run by dev/crawl: goes through every menu and page of the demo as each role, and tells what is wrong on them.

crawl.py ADDRESS CHECKOUT FOLDER LOGIN...
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

from screen import DESKTOP, PHONE, READY, Screen, wait_for_server

#: pages of a stranger, and of a client
SITE = (
    "/", "/pqrs", "/pqrs/new", "/pqrs/new?type=reclamo", "/pqrs/track", "/pqrs/privacy", "/pqrs/cifras",
    "/web/login",
)  # fmt: skip
HERA = ("/my", "/my/pqrs", "/my/pqrs/new", "/my/pqrs/install", "/my/account")

#: what people read, a text a line: also what shows when one points at something, and what is read aloud
TEXTS = """(() => {
    const found = new Set(document.body.innerText.split("\\n"));
    for (const node of document.querySelectorAll("[title], [placeholder], [aria-label], [alt], [data-tooltip]")) {
        for (const name of ["title", "placeholder", "aria-label", "alt", "data-tooltip"]) {
            if (node.getAttribute(name)) found.add(node.getAttribute(name));
        }
    }
    return [...found].map((text) => text.trim()).filter((text) => text);
})()"""
#: of the requests of a client, the address of one in each state, and of what they lead to
REQUESTS = """[...new Map([...document.querySelectorAll(".o_hera_row")].map((row) =>
    [row.querySelector(".o_sig_status").className, row.getAttribute("href")])).values()]"""
LINKS = """[...document.querySelectorAll("main a[href^='/pqrs/']")].map((one) => one.getAttribute("href"))"""
#: how far the page is wider than the screen
EXCESS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: titles of columns, and badges, that do not fit into them
CUT = """[...document.querySelectorAll(".o_list_table :is(thead th :is(span, div), .badge)")]
    .filter((one) => !one.children.length && one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
    .map((one) => one.innerText)"""
#: buttons and badges of more than one line, rows and tiles that are buttons apart
TALL = """[...document.querySelectorAll(".btn, .badge")]
    .filter((one) => !one.closest(".o_sig_row, .o_sig_tile_all, .o_sig_setup_step, .oe_stat_button"))
    .filter((one) => innerWidth > 600 || !one.closest(".modal-footer"))
    .filter((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        const tops = [...range.getClientRects()].filter((box) => box.width > 1).map((box) => box.top);
        return one.innerText.trim() && Math.max(...tops) - Math.min(...tops) > 12;
    })
    .map((one) => one.innerText.trim())"""
#: of a form, and of a dialog, one button is the next step
PRIMARIES = """[".modal-footer .btn-primary", ":is(.o_statusbar_buttons, .o_sig_parts, .o_sig_warnings) .btn-primary"]
    .map((buttons) => [...document.querySelectorAll(buttons)].filter((one) => one.getClientRects().length))
    .filter((shown) => shown.length > 1)
    .map((shown) => shown.map((one) => one.innerText.trim()).join(", "))"""
#: what tells the views of a screen from those of others
VIEWS = """[...document.querySelectorAll(".o_switch_view")].map((one) => one.className).join() +
    (document.querySelector(".o_list_view thead")?.innerText || location.pathname)"""
MENUS = "fetch('/web/webclient/load_menus', {cache: 'no-store'}).then((answer) => answer.json())"


#: names, and what core itself says to screen readers: of websites, of the buttons that switch views or go back
KNOWN = re.compile(r'Message-Id|[\w ]+ View|Back to ".*"( form)?|Download .+|Contact creado|Main|Logo of .+')

#: records of which one in each state is looked at, and where
STATES = {
    "pqrs": "sig.pqrs",
    "sig.pqrs.assignment": "sig.pqrs.assignment",
    "sig-commitments": "sig.pqrs.commitment",
    "survey-waves": "sig.survey.wave",
    "my-surveys": "sig.survey.recipient",
    "sig-measures": "sig.indicator.measure",
    "sig-findings": "sig.finding",
    "sig-action-plans": "sig.action.plan",
    "sig.action.plan.line": "sig.action.plan.line",
    "sig-reviews": "sig.management.review",
    "sig-decisions": "sig.management.decision",
}
#: buttons of a form that open a dialog and change nothing yet: the number of an action, or a method that opens one
OPENERS = re.compile(r"\d+|action_open_(step|triage|notify|register|correct)|action_absence_wizard")
#: what a phone hides of them behind three points
MORE = ".o_statusbar_buttons .o-dropdown:has(.oi-ellipsis-v, .fa-ellipsis-v)"
BUTTONS = """[...document.querySelectorAll(".o_form_view button[name], .o-dropdown--menu button[name]")]
    .filter((one) => one.getClientRects().length && !one.closest(".o_field_x2many, .o-form-buttonbox, .modal"))
    .map((one) => [one.name, one.innerText.trim()])"""
STEPS = "[...document.querySelectorAll('.o-dropdown-item[data-step]')].map((one) => one.dataset.step)"


class Crawl:
    def __init__(self, screen, folder, find_english):
        self.screen = screen
        self.folder = folder
        self.find_english = find_english
        self.found = defaultdict(list)
        self.seen = set()
        self.count = 0

    def look(self, place):
        """Judge the page as it shows now, and keep its picture."""
        self.screen.wait(READY)
        # figures of a dashboard come after it
        slow = self.screen.run("!!document.querySelector('.o_spreadsheet_dashboard_action')")
        backend = self.screen.run("location.pathname.startsWith('/odoo')")
        picture = self.screen.take_picture(pause=4 if slow else 0.2, whole=not backend)
        self.count += 1
        name = "".join(sign if sign.isalnum() else "-" for sign in place)
        picture.save(self.folder / f"{name[:120]}.png", optimize=True)
        for text in self.screen.run(TEXTS):
            words = [] if KNOWN.fullmatch(text) else self.find_english(text)
            if words:
                self.tell(f"English ({' '.join(words)}): {text[:200]}", place)
        if (excess := self.screen.run(EXCESS)) > 0:
            self.tell(f"{excess} px wider than the screen", place)
        for title in self.screen.run(CUT) if picture.width == DESKTOP[0] else ():
            self.tell(f"a column cuts: {title}", place)
        for text in self.screen.run(TALL):
            self.tell(f"a button of two lines: {text[:100]}", place)
        for texts in self.screen.run(PRIMARIES):
            self.tell(f"more than one next step: {texts}", place)
        if self.screen.run("!!document.querySelector('.o_error_dialog, .o_client_action_error')"):
            self.tell("an error", place)
        while self.screen.complaints:
            self.tell(f"the console: {self.screen.complaints.pop(0)[:300]}", place)

    def tell(self, fault, place):
        if fault not in self.found:
            print(f"{fault}\n    {place}", flush=True)
        self.found[fault].append(place)

    def try_to(self, place, act):
        try:
            act()
        except RuntimeError as error:
            self.tell(f"it does not open: {str(error)[:300]}", place)

    def go_through_menus(self, who, size):
        menus = self.screen.run(MENUS)
        root = next((menu for menu in menus.values() if menu.get("xmlid") == "sig_pqrs.menu_root"), None)
        waiting = list(root["children"]) if root else []
        while waiting:
            menu = menus[str(waiting.pop(0))]
            waiting += menu["children"]
            if menu.get("actionID"):
                path = menu.get("actionPath") or f"action-{menu['actionID']}"
                self.try_to(f"{who} {path}", lambda path=path: self.go_through_screen(who, path, size))

    def go_through_screen(self, who, path, size):
        screen = self.screen
        place = f"{who} {path} {size[0]}"
        screen.go(
            f"/odoo/{path}", ".o_action_manager .o_view_controller, .o_action_manager .o_action, .modal .o_form_view"
        )
        self.look(place)
        # Lists of one model, filtered otherwise, have the same views.
        kind = (who, size, screen.run(VIEWS))
        if kind in self.seen:
            return
        self.seen.add(kind)
        if size == DESKTOP:
            kinds = screen.run(
                "[...document.querySelectorAll('.o_switch_view:not(.active)')].map((one) => one.className)"
            )
            for kind in sorted({word for names in kinds for word in names.split() if word in SWITCHES}):
                screen.click(f".{kind}")
                screen.wait(f"!!document.querySelector('.{kind}.active') && {READY}")
                self.look(f"{place} {kind}")
            filters = ".o_searchview_dropdown_toggler:not(.o_spreadsheet_dashboard_action *)"  # its own open otherwise
            if screen.run(f"!!document.querySelector({filters!r})"):
                screen.click(".o_searchview_dropdown_toggler")
                screen.wait_for(".o_search_bar_menu")
                self.look(f"{place} search")
                screen.go(f"/odoo/{path}")
        row = ".o_data_row .o_data_cell:not(.o_list_button), .o_kanban_record:not(.o_kanban_ghost)"
        is_real = "!document.querySelector('.modal, .o_view_sample_data')"
        if screen.comes(f"!!document.querySelector({row!r})") and screen.run(is_real):
            screen.run(f"document.querySelector({row!r}).click()")
            if screen.comes("!!document.querySelector('.o_form_view')"):
                self.look(f"{place} form")
                for number in range(screen.run("document.querySelectorAll('.o_notebook_headers .nav-link').length")):
                    screen.run(f"document.querySelectorAll('.o_notebook_headers .nav-link')[{number}].click()")
                    screen.scroll_to(".o_notebook_headers")
                    self.look(f"{place} form page {number}")

    def go_through_states(self, who, size):
        """A form of each kind in each state, and the dialogs that its buttons open."""
        for path, model in STATES.items():
            try:
                states = self.screen.call(model, "formatted_read_group", [], ["state"], ["id:max"])
            except RuntimeError:  # not for this role
                continue
            for group in states:
                place = f"{who} {path} {size[0]} in {group['state']}"
                address = f"/odoo/{path}/{group['id:max']}"
                self.try_to(place, lambda address=address, place=place: self.go_through_dialogs(address, place))

    def go_through_dialogs(self, address, place):
        form = ".o_form_view .o_form_sheet, .o_form_view .o_form_renderer"
        self.screen.go(address, form)
        self.look(place)
        self.unfold()
        for name, text in self.screen.run(BUTTONS):
            if OPENERS.fullmatch(name):
                self.unfold()
                self.look_at_dialog(
                    f"{place} {text}", lambda name=name, text=text: self.screen.click(f"button[name='{name}']", text)
                )
                if not self.screen.run("location.pathname").endswith(address):  # it opened a list
                    self.screen.go(address, form)
        if not self.screen.run("!!document.querySelector('.o_sig_more_steps')"):
            return
        self.open_steps()
        self.look(f"{place} steps")
        for number, step in enumerate(self.screen.run(STEPS)):
            if number:
                self.open_steps()
            self.look_at_dialog(f"{place} step {step}", lambda step=step: self.screen.click(f"[data-step='{step}']"))

    def open_steps(self):
        self.unfold()
        self.screen.click(".o_sig_more_steps")
        self.screen.wait_for(".o-dropdown-item[data-step]")

    def unfold(self):
        if self.screen.run(f"!!document.querySelector({MORE!r}) && !document.querySelector('.o-dropdown--menu')"):
            self.screen.click(MORE)
            self.screen.wait_for(".o-dropdown--menu")

    def look_at_dialog(self, place, open_it):
        open_it()
        if not self.screen.comes("!!document.querySelector('.modal .o_form_view, .modal .modal-body')"):
            self.look(place)
            if self.screen.run("!!document.querySelector('.o_form_view')") and "Imprimir" not in place:
                self.tell("a button opens no dialog", place)
            return
        self.look(place)
        self.screen.run("document.querySelector('.modal .btn-close').click()")
        self.screen.wait("!document.querySelector('.modal')")

    def go_through_pages(self, who, paths, size):
        for path in paths:
            self.try_to(f"{who} {path}", lambda path=path: (self.screen.go(path), self.look(f"{who} {path} {size[0]}")))

    def go_through_requests(self, who, size):
        """A request of a client in each state, and the pages to which they lead: letters, ratings."""
        self.screen.go("/my/pqrs")
        found = {}
        for path in self.screen.run(REQUESTS):
            self.go_through_pages(who, [path], size)
            found |= dict.fromkeys(self.screen.run(LINKS))
        self.go_through_pages(who, found, size)


SWITCHES = {f"o_{kind}" for kind in ("list", "kanban", "graph", "pivot", "activity")}


def main(address, checkout, folder, sizes, *logins):
    sys.path.insert(0, str(Path(checkout) / "tests"))
    from english import find_english

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    wait_for_server(address)
    with Screen(address).open() as screen:
        crawl = Crawl(screen, folder, find_english)
        for size in (PHONE,) if sizes == "phone" else (DESKTOP, PHONE):
            for login in logins:
                screen.resize(size)
                screen.enter(None if login == "nobody" else login)
                if login not in ("cliente1", "nobody"):
                    crawl.go_through_menus(login, size)
                    crawl.go_through_states(login, size)
                else:
                    crawl.go_through_pages(login, SITE if login == "nobody" else HERA, size)
                if login == "cliente1":
                    crawl.go_through_requests(login, size)
    print(f"{len(crawl.found)} faults. {crawl.count} screens looked at; their pictures are in {folder}")
    sys.exit(bool(crawl.found))


main(*sys.argv[1:])
