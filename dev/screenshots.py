"""Run by dev/screenshots: drives Chromium through the demo and keeps the pictures of the guide and of the addon's page.

screenshots.py ADDRESS CHECKOUT [NAME...]
"""

import sys
from pathlib import Path

from screen import DESKTOP, PHONE, READY, Screen, wait_for_server


def take_my_day(screen):
    screen.go("/odoo/pqrs-my-day", ".o_sig_tile")


def take_list(screen):
    screen.go("/odoo/pqrs", ".o_list_view .o_data_row")


def take_setup(screen):
    screen.go("/odoo/pqrs-setup", ".o_sig_setup_step")


def take_registering(screen):
    screen.go("/odoo/pqrs-my-day", ".o_sig_tile")
    screen.click("button", "Radicar una PQRS")
    screen.write("subject", "Luminarias apagadas en la portería norte")
    screen.choose("type_id", "Queja")
    screen.choose("partner_id", "Ana Ruiz")
    screen.write("description", "Desde el martes dos luminarias de la portería norte están apagadas en la noche.")


def take_triage(screen):
    screen.go("/odoo/pqrs-my-day", ".o_sig_tile_method")
    screen.click(".o_sig_tile_method")
    screen.wait_for(".modal .o_field_widget[name=line_ids]")


def take_case(screen):
    plain = [(field, "=", False) for field in ("restricted", "suspended", "to_notify", "next_duty")]
    case = screen.find("sig.pqrs", ("state", "=", "assigned"), ("partner_id", "!=", False), *plain)
    screen.go(f"/odoo/pqrs/{case}", ".o_form_view .o_notebook")


def take_sending(screen):
    ready = (("state", "=", "approved"), ("delivery_state", "=", "none"), ("legal_risk", "=", False))
    case = screen.find("sig.pqrs", *ready)
    screen.go(f"/odoo/pqrs/{case}", ".o_form_view .o_notebook")
    screen.click(".o_statusbar_buttons button", "Cerrar y enviar respuesta")
    screen.wait_for(".modal .o_field_widget[name=opening]")


def take_month(screen):
    screen.go("/odoo/sig-indicator-month", ".o_field_widget[name=measure_ids] .o_data_row")


def take_wave(screen):
    wave = screen.find("sig.survey.wave", ("state", "=", "running"))
    screen.go(f"/odoo/survey-waves/{wave}", ".o_form_view .o_field_widget[name=name]")


def take_approval(screen):
    waiting = screen.find("sig.pqrs.assignment", ("state", "=", "submitted"), ("approval_user_id", "=", screen.me()))
    screen.go(f"/odoo/sig.pqrs.assignment/{waiting}", ".o_form_view .o_notebook")


def take_drafting(screen):
    mine = [("user_id", "=", screen.me()), ("state", "=", "pending")]
    screen.go(f"/odoo/sig.pqrs.assignment/{screen.find('sig.pqrs.assignment', *mine)}", ".o_form_view .o_notebook")


def take_review(screen):
    review = screen.find("sig.management.review", ("kind", "=", "review"))
    screen.go(f"/odoo/sig-reviews/{review}", ".o_form_view .o_notebook")


def take_acts(screen):
    case = screen.find("sig.pqrs", ("state", "=", "closed"), ("outcome", "=", "answered"), ("restricted", "=", False))
    screen.go(f"/odoo/pqrs/{case}", ".o_form_view .o_notebook")
    screen.click(".o_notebook .nav-link", "Trazabilidad")
    screen.scroll_to(".o_notebook_headers")


def take_settings(screen):
    screen.go("/odoo/sig-settings", "#sig_policy_days")


def take_filing(screen):
    screen.go("/pqrs/new?type=queja", "form #pqrs_type")


def take_requests(screen):
    screen.go("/my/pqrs", "h1")


def take_request(screen):
    screen.go("/my/pqrs", "h1")
    screen.click("main a[href*='/my/pqrs/']:not([href$='/new'])")
    screen.wait(f"/pqrs\\/\\d+/.test(location.pathname) && {READY}")


def take_interviews(screen):
    screen.go("/odoo/my-surveys", ".o_kanban_record")


def take_question(screen):
    client = screen.find("sig.survey.recipient", ("channel", "=", "visit"), ("state", "=", "to_send"))
    screen.go(screen.call("sig.survey.recipient", "action_apply", [client])["url"], "form")
    screen.click("button[type=submit]")
    screen.wait_for(".js_question-wrapper")


#: pictures of the addon's own page, where they are
PAGE = {f"pagina-{name}": f"static/description/{name}.png" for name in ("list", "my_day", "phone")}

#: name: who looks, at which size, and how it is reached
PICTURES = {
    "mi-dia-sig": ("directora", DESKTOP, take_my_day),
    "clasificar": ("directora", DESKTOP, take_triage),
    "pqrs": ("directora", DESKTOP, take_case),
    "cerrar": ("directora", DESKTOP, take_sending),
    "registrar-mes": ("directora", DESKTOP, take_month),
    "campana": ("directora", DESKTOP, take_wave),
    "aprobar": ("lider1", DESKTOP, take_approval),
    "redactar": ("colaborador1", DESKTOP, take_drafting),
    "revision": ("gerente", DESKTOP, take_review),
    "actuaciones": ("gerente", DESKTOP, take_acts),
    "ajustes": ("admin", DESKTOP, take_settings),
    "puesta-en-marcha": ("admin", DESKTOP, take_setup),
    "pagina-list": ("directora", DESKTOP, take_list),
    "pagina-my_day": ("directora", DESKTOP, take_my_day),
    "pagina-phone": (None, PHONE, take_filing),
    "cliente-radicar": (None, PHONE, take_filing),
    "cliente-solicitudes": ("cliente1", PHONE, take_requests),
    "cliente-caso": ("cliente1", PHONE, take_request),
    "encuestador": ("encuestador", PHONE, take_interviews),
    "encuesta": ("encuestador", PHONE, take_question),
    # the browser asks before what was begun is left
    "registrar": ("directora", DESKTOP, take_registering),
}


def main(address, checkout, *names):
    checkout = Path(checkout)
    if unknown := set(names) - PICTURES.keys():
        sys.exit(f"There is no picture {', '.join(sorted(unknown))}: {', '.join(PICTURES)}")
    wait_for_server(address)
    with Screen(address).open() as screen:
        for name in names or PICTURES:
            login, size, take = PICTURES[name]
            screen.resize(size)
            screen.enter(login)
            take(screen)
            path = checkout / PAGE.get(name, f"docs/guia/img/{name}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            screen.take_picture().save(path, optimize=True)
            print(f"    {path.relative_to(checkout)}: {path.stat().st_size // 1000} kB")


main(*sys.argv[1:])
