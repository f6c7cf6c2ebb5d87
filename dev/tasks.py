"""Run by dev/tasks: does each task of docs/tasks.md in Chromium and counts the clicks.

tasks.py ADDRESS [NAME...]
"""

import sys
import tempfile
import time
from pathlib import Path

from screen import DESKTOP, READY, SECONDS, Screen, wait_for_server

DIALOG = ".modal .o_form_view"
CASE = ".o_form_view .o_notebook"
TILE = "[...document.querySelectorAll('.o_sig_tile')].find((one) => one.textContent.includes('%s'))"
DAY = "*Mi día*"
ABSENT = "Ausencia o llegada tarde al puesto"
#: cases in which nothing else comes first
PLAIN = tuple((name, "=", False) for name in ("restricted", "to_notify", "legal_risk"))


class Hand(Screen):
    """A browser that counts what is pressed."""

    clicks = 0

    def click(self, selector, text=None):
        super().click(selector, text)
        self.clicks += 1

    def choose(self, field, text):
        """Choose in a list: press the field, press the value."""
        super().choose(field, text)
        self.clicks += 1

    def pick(self, field, text):
        """Choose in the list of the field in which the cursor stands already."""
        self.wait(f"!!document.activeElement.closest('.o_field_widget[name={field}]')")
        self.ask("Input.insertText", text=text)
        self.click(".o-autocomplete--dropdown-item a", text)

    def press(self, text):
        """Press a button of the page, or of the dialog that is open."""
        open_dialog = self.run("!!document.querySelector('.modal')")
        self.click(".modal footer button" if open_dialog else ".o_form_view button, .o_control_panel button", text)

    def take_step(self, title):
        """Press a step that stands in the menu of rare ones."""
        self.click(".o_sig_more_steps")
        self.click(".o-dropdown-item", title)
        self.wait_for(DIALOG)

    def open_menu(self, *titles):
        self.click(".o_menu_sections button", titles[0])
        self.click(".o-dropdown-item", titles[1])

    def open_from_day(self, tile):
        """Press the first record of a tile."""
        self.open_day()
        self.wait(f"{READY} && !!{TILE % tile}")
        self.run(f"{TILE % tile}.querySelector('.o_sig_row').click()")
        self.clicks += 1
        self.wait_for(CASE)

    def say(self, text):
        """Write in the text of a dialog that asks for one."""
        self.wait_for(DIALOG)
        self.write("reason", text)

    def come_by(self, channel):
        self.click(".o_field_widget[name=channel] .o_selection_badge", channel)

    def attach(self, field, content):
        """Press the button of annexes and choose a file of the computer."""
        path = Path(tempfile.gettempdir()) / "carta.txt"
        path.write_bytes(content)
        selector = f".o_field_widget[name={field}] input[type=file]"
        found = self.ask("Runtime.evaluate", expression=f"document.querySelector({selector!r})")["result"]["objectId"]
        self.ask("DOM.setFileInputFiles", files=[str(path)], objectId=found)
        self.clicks += 1
        self.wait(f"document.querySelector('.o_field_widget[name={field}]').textContent.includes('carta')")

    def leave_field(self):
        """By a key."""
        self.run("document.activeElement.blur()")

    def confirm(self, text):
        """Press the button that ends a dialog, and wait until it is closed."""
        self.press(text)
        self.wait("!document.querySelector('.modal')")

    def open_day(self):
        self.go("/odoo/pqrs-my-day", ".o_sig_tile")

    def open_case(self, step, *domain):
        """Open the newest case on which the user may take a step."""
        self.open_record("sig.pqrs", step, *domain, *PLAIN)

    def open_record(self, model, step, *domain):
        ids = self.call(model, "search", domain, order="id desc", limit=50)
        rows = self.call(model, "read", ids, ["allowed_transitions"])
        record = next(row["id"] for row in rows if step in row["allowed_transitions"])
        self.go(f"/odoo/{model}/{record}", ".o_form_view .o_form_renderer")


def begin_case(hand, reason=None, kind=None, who="Ana Ruiz"):
    hand.open_day()
    hand.press("Radicar una PQRS")
    hand.write("subject", "Luminarias apagadas en la portería norte")
    if reason:
        hand.choose("reason_id", reason)
    if kind:
        hand.choose("type_id", kind)
    if who:
        hand.choose("partner_id", who)
    hand.write("description", "Desde el martes dos luminarias de la portería norte están apagadas.")


def assign(hand, *more, reason=None):
    hand.press("Radicar y asignar")
    hand.wait_for(f"{DIALOG} [name=line_ids]")
    if reason:
        hand.pick("reason_id", reason)
    for process in more:
        hand.click(".modal .o_field_x2many_list_row_add a")
        hand.pick("process_id", process)
    hand.confirm("Asignar")


def do_phone_complaint(hand):
    begin_case(hand, reason=ABSENT)
    assign(hand, "Talento humano")


def do_letter(hand):
    begin_case(hand, reason=ABSENT)
    hand.come_by("Comunicación escrita")
    hand.attach("attachment_ids", b"Lo que escribi\xc3\xb3 el cliente")
    assign(hand)


def do_anonymous_visit(hand):
    begin_case(hand, reason=ABSENT, who=None)
    hand.click(".o_field_widget[name=anonymous] input")
    hand.come_by("Visita")
    assign(hand)


def do_right_of_petition(hand):
    begin_case(hand, kind="Derecho de petición")
    assign(hand, reason="Solicitud de grabaciones o registros")


def do_draft(hand):
    hand.open_from_day("Por elaborar")
    hand.write("response", "Reparamos las dos luminarias el jueves y las revisamos cada semana.")
    hand.clicks += 1  # in the text
    hand.press("Enviar a aprobación")
    hand.wait_for(".o_arrow_button_current[data-value=submitted]")


def do_approval(hand):
    hand.open_from_day("Por aprobar")
    hand.press("Aprobar respuesta")
    hand.wait_for(".o_arrow_button_current[data-value=approved]")


def do_return(hand):
    hand.open_from_day("Por aprobar")
    hand.press("Devolver para ajustes")
    hand.say("Falta la fecha de la reparación.")
    hand.confirm("Devolver para ajustes")


def do_resubmit(hand):
    hand.open_from_day("Devueltas")
    hand.press("Enviar a aprobación")
    hand.wait_for(".o_arrow_button_current[data-value=submitted]")


def do_sending(hand):
    hand.open_case("send_response", ("delivery_state", "=", "none"))
    hand.press("Cerrar y enviar respuesta")
    hand.click(".modal .o_field_widget[name=resolution] input", None)
    hand.confirm("Cerrar y enviar respuesta")


def take_step(hand, step, title):
    hand.open_case(step, ("date_received", ">", "today -8d"))
    hand.press(title)
    hand.say("Hace falta para responder.")
    hand.confirm(title)


def do_require(hand):
    take_step(hand, "request_information", "Requerir información")


def do_extend(hand):
    take_step(hand, "extend", "Prorrogar")


def do_transfer(hand):
    hand.open_case("transfer")
    hand.take_step("Trasladar por competencia")
    hand.write("recipient", "Policía Metropolitana, Bogotá")
    hand.say("No es de nuestra competencia.")
    hand.confirm("Trasladar por competencia")


def do_withdraw(hand):
    hand.open_case("withdraw", ("state", "=", "assigned"))
    hand.take_step("Registrar desistimiento")
    hand.say("Lo pidió por teléfono.")
    hand.confirm("Registrar desistimiento")


def do_complete(hand):
    hand.open_case("register_completion")
    hand.press("Información completa")
    hand.wait_for(DIALOG)
    hand.confirm("Información completa")


def do_decline(hand):
    hand.open_record("sig.pqrs.assignment", "decline")
    hand.press("No compete a mi proceso")
    hand.say("Es de otro proceso.")
    hand.confirm("No compete a mi proceso")


def do_reclassify(hand):
    hand.open_case("reclassify", ("type_id.code", "=", "queja"))
    hand.click(".oe_title button .fa-pencil")
    hand.click(".modal .o_field_widget[name=type_id] .o_selection_badge", "Reclamo")
    hand.wait_for(".modal .o_field_widget[name=term_preview] li")
    hand.say("Pide una solución.")
    hand.confirm("Reclasificar")


def do_handover(hand):
    hand.open_day()
    hand.open_menu("Configuración", "Entregar pendientes")
    hand.wait_for(DIALOG)
    hand.pick("user_id", "Andrés Pardo")
    hand.wait_for(".modal [name=line_ids] .o_data_row")
    hand.confirm("Entregar")


def do_ten_at_once(hand):
    hand.open_day()
    hand.click(".o_sig_tile_all", "Sin asignar")
    hand.wait_for(".o_list_view .o_data_row")
    hand.click(".o_list_view thead .o_list_record_selector input")
    hand.click(".o_control_panel button", "Asignar")
    hand.wait_for(f"{DIALOG} [name=line_ids]")
    hand.click(".modal .o_field_x2many_list_row_add a, .modal .o_data_cell[name=process_id]")
    hand.pick("process_id", "Operaciones")
    hand.confirm("Asignar")


def do_legal_review(hand):
    hand.open_record("sig.pqrs", "legal_approve", ("legal_state", "=", "pending"))
    hand.press("Aprobar la respuesta (jurídica)")
    hand.wait("!document.querySelector('[name=action_legal_approve]')")


def do_plan(hand):
    hand.open_record("sig.finding", "plan")
    hand.press("Hacer un plan")
    hand.wait_for(DIALOG)
    hand.confirm("Hacer un plan")


def do_evidence(hand):
    hand.open_case("reopen")
    before = hand.call("sig.evidence.pack", "search_count", [])
    hand.click(".o_cp_action_menus button")
    hand.click(".o-dropdown-item", "Paquete de evidencia")
    end = time.monotonic() + SECONDS
    while hand.call("sig.evidence.pack", "search_count", []) == before and time.monotonic() < end:
        time.sleep(0.2)


def do_wave(hand):
    hand.go("/odoo/survey-waves", ".o_control_panel")
    hand.click(".o_control_panel button", "Nuevo")
    hand.write("year", "2030")
    hand.clicks += 1  # in the year
    hand.leave_field()
    hand.press("Lanzar")
    hand.click(".modal footer .btn-primary")
    hand.wait_for(".o_arrow_button_current[data-value=running]")


def do_month(hand):
    """:return: how many analyses were written, each in its cell"""
    hand.open_day()
    hand.open_menu("Indicadores", "Registrar el mes")
    hand.wait_for(".o_field_widget[name=measure_ids] .o_data_row")
    lacking = ".o_data_row:not(.o_selected_row) .o_data_cell.text-danger[name=analysis]"
    count = int(hand.run("document.querySelector('.o_field_widget[name=off_target_count]').textContent"))
    for _analysis in range(count):
        hand.click(lacking)
        hand.wait("!!document.querySelector('.o_selected_row .text-danger[name=analysis] textarea')")
        hand.write("analysis", "Faltó un suplente; se nombra.")
        hand.leave_field()
        hand.wait("!document.querySelector('.o_selected_row .o_data_cell.text-danger[name=analysis]')")
    hand.press("Confirmar el mes")
    hand.press("Registrar en QVO")
    hand.say("Registro 4512 de QVO")
    hand.confirm("Registrar en QVO")
    return count


def do_interview(hand):
    """:return: how many questions were answered, each by a press"""
    hand.go("/odoo/my-surveys", ".o_kanban_record")
    hand.click(".o_sig_apply")
    hand.wait_for(".o_survey_form button[type=submit]")
    while not hand.comes("!!document.querySelector('.js_question-wrapper')"):  # the key is heard once scripts run
        hand.ask("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13)
        hand.ask("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    questions = "[...document.querySelectorAll('.js_question-wrapper:has([type=radio])')]"
    count = hand.run(f"{questions}.length")
    for number in range(count):
        hand.run(f"{questions}[{number}].querySelector('label').click()")
        hand.clicks += 1
    hand.click("button[type=submit]")
    hand.wait_for(".o_survey_finished")
    return count


#: name: (who, clicks at most, from where, what, how)
TASKS = {
    "phone": ("directora", 9, DAY, "Register a complaint by phone and assign it to two processes", do_phone_complaint),
    "letter": ("directora", 9, DAY, "Register a letter with its copy, and assign it", do_letter),
    "anonymous": ("directora", 8, DAY, "Register an anonymous complaint at a visit, and assign it", do_anonymous_visit),
    "petition": ("directora", 8, DAY, "Register a derecho de petición by phone, and assign it", do_right_of_petition),
    "draft": ("colaborador1", 4, DAY, "Draft and submit", do_draft),
    "return": ("lider1", 3, DAY, "Return a draft", do_return),
    "resubmit": ("colaborador1", 2, DAY, "Submit it again", do_resubmit),
    "approve": ("lider1", 2, DAY, "Approve", do_approval),
    "send": ("directora", 3, "the case", "Close and send", do_sending),
    "require": ("directora", 2, "the case", "Require information", do_require),
    "extend": ("directora", 2, "the case", "Extend the term", do_extend),
    "complete": ("directora", 2, "the case", "Record that the information is complete", do_complete),
    "withdraw": ("directora", 3, "the case", "Record a withdrawal", do_withdraw),
    "decline": ("lider1", 2, "the part", "Give a part back to the SIG", do_decline),
    "legal": ("lider1", 1, "the case", "Approve as legal reviewer", do_legal_review),
    "plan": ("directora", 2, "the alert", "Make a plan of an alert", do_plan),
    "month": ("directora", 5, DAY, "Confirm the month and register it in QVO, besides a press an analysis", do_month),
    "evidence": ("directora", 2, "the case", "Make an evidence pack", do_evidence),
    "wave": ("directora", 4, "*Campañas*", "Launch a survey", do_wave),
    "reclassify": ("directora", 3, "the case", "Reclassify", do_reclassify),
    "transfer": ("directora", 3, "the case", "Transfer to the authority", do_transfer),
    "ten": ("directora", 6, DAY, "Assign ten cases at once", do_ten_at_once),
    "interview": ("encuestador", 2, "*Mis encuestas*", "Ask a client, besides a press for each question", do_interview),
    "handover": ("directora", 4, DAY, "Hand over what a person has", do_handover),
}


def main(address, *names):
    wait_for_server(address)
    late = []
    with Hand(address).open() as hand:
        hand.resize(DESKTOP)
        for name in names or TASKS:
            login, limit, start, title, do = TASKS[name]
            hand.enter(login)
            hand.clicks = 0
            answers = do(hand) or 0
            clicks = hand.clicks - answers
            print(f"| {title} | {start} | {clicks} | {limit} |", flush=True)
            if clicks > limit:
                late.append(name)
    sys.exit(f"too many clicks: {', '.join(late)}" if late else 0)


main(*sys.argv[1:])
