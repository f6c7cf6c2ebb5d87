"""Verify an evidence pack on any computer that has Python 3.10 or later: no Odoo, no network, no secret.

    python3 tools/verify_evidence.py PACK.zip [--digest SHA256] [--head CASE:ACT:SHA256] [--heads FILE]

`evidence_check.py`, `evidence.py`, `strict_zip.py` and `act_chain.py` have to be in its folder. It ends with 0 when
nothing was altered, 1 when something was, 2 when there is nothing to read, and 3 when what a case lacks cannot be
believed. See docs/evidence.md.
"""

import argparse
import sys
from pathlib import Path

if __package__:
    from . import evidence_check
else:
    import evidence_check

#: texts of the report, which people in Colombia read
MESSAGES = {
    "unreadable": "el archivo no es un ZIP, o está truncado",
    "foreign_bytes": "hay bytes que no son de ningún archivo del paquete, desde la posición {where}",
    "odd_header": "el ZIP no está escrito como un paquete, así que otro programa podría leerlo distinto: {where}",
    "odd_name": "nombre que algún sistema desempaqueta en otro lugar, o sobre otro archivo: {where}",
    "no_manifest": "no hay manifiesto: {where}",
    "manifest_altered": "el manifiesto fue alterado: {where}",
    "altered_member": "archivo alterado: {where}",
    "added": "archivo agregado, que no está en el manifiesto: {where}",
    "missing": "archivo suprimido: {where}",
    "duplicated": "archivo repetido: {where}",
    "reordered": "los archivos no están en el orden del manifiesto",
    "no_acts": "{where}: no se pueden leer las actuaciones",
    "altered": "{where}, actuación {act}: su contenido fue alterado",
    "broken_link": "{where}, actuación {act}: no sigue a la anterior (alterada, insertada o suprimida)",
    "gap": "{where}, actuación {act}: falta la anterior",
    "reordered_act": "{where}, actuación {act}: está fuera de orden",
    "note_altered": "{where}, actuación {act}: su texto fue alterado",
    "note_missing": "{where}, actuación {act}: falta su texto, y ninguna actuación posterior dice que se suprimió",
    "false_seal": "{where}, actuación {act}: se presenta como sellada, y nada en las actuaciones lo permite",
    "truncated": "{where}: faltan las últimas actuaciones; se anotó la número {act}",
    "witness_mismatch": "{where}, actuación {act}: no es la que se anotó por fuera",
    "beyond_head": "{where}, actuación {act}: está después de la última anotada",
    "other_case": "{where}, actuación {act}: es de otro caso",
    "bound_file": "{where}, actuación {act}: no está el archivo que ella identifica",
    "erased_file": "{where}, actuación {act}: el archivo que ella identifica se suprimió con los datos personales",
    "erased_texts": "{where}, actuación {act}: suprimió o reservó el texto de actuaciones anteriores",
    "kept_altered": "{where}: no es lo que se incorporó con la actuación {act}: fue alterado",
    "kept_renamed": "{where}: no es el nombre con el que se incorporó con la actuación {act}: fue cambiado",
    "kept_missing": "{where}, actuación {act}: falta un archivo o mensaje que ella incorporó",
    "kept_erased": "{where}, actuación {act}: lo que ella incorporó se suprimió con los datos personales",
    "kept_left_out": "{where}, actuación {act}: el paquete no incluye un archivo o mensaje que ella incorporó",
    "after_head": "{where}: el sello comparado prueba hasta la actuación {act}; las posteriores, no",
    "sealed": "{where}, actuación {act}: sellada (reserva de identidad o datos suprimidos); se verifica solo su "
    "lugar en la cadena",
    "left_out_identity": "{where}: el paquete no incluye la identidad reservada",
    "left_out_mails": "{where}: el paquete no incluye los correos originales",
    "left_out_messages": "{where}: el paquete no incluye los mensajes que quien lo hizo no puede leer",
    "left_out_files": "{where}: el paquete no incluye los archivos que quien lo hizo no puede leer",
    "left_out_lost": "{where}: no se encontró el contenido de un archivo cuando se hizo el paquete",
    "left_out_pdf": "{where}: el expediente está en HTML, porque no se pudo imprimir",
    "summary": "Casos: {cases} · Actuaciones: {acts} · Archivos: {members} · Sellos externos comparados: {heads}",
    "digest": "Resumen SHA-256 del manifiesto: {digest}",
    "holds": "ÍNTEGRO: nada fue alterado.",
    "acts_hold": "ACTUACIONES ÍNTEGRAS en los casos con sello ({proven} de {cases}), con los archivos y mensajes "
    "que se nombran; expediente, correos y lo demás sin comprobar.",
    "incomplete": "INCOMPLETO: las actuaciones con sello están íntegras ({proven} de {cases} casos), pero lo que "
    "sigue solo lo dice el paquete; expediente, correos y los archivos que no se nombran, sin comprobar.",
    "unproven": "SIN COMPROBAR: el paquete no se contradice, pero nada se comparó con lo que se anotó por fuera.",
    "broken": "ALTERADO:",
    "notes": "Notas:",
    "bound": "Archivos y mensajes que prueban las actuaciones con sello:",
    "no_head": "Casos sin sello, de los que nada se comprobó: {names}",
    "no_witness": "Compare el resumen del manifiesto, o los sellos de las cartas y correos, con lo que se anotó "
    "por fuera: sin eso no se descarta que se haya rehecho el paquete completo.",
    "no_digest": "El resumen del manifiesto prueba todo el paquete (--digest): está en el registro del paquete.",
}


def describe(fault: evidence_check.Fault) -> str:
    """A fault or a note in words."""
    code = {("altered", 0): "altered_member", ("reordered", fault.act or -1): "reordered_act"}.get(
        (fault.code, fault.act), fault.code
    )
    text = MESSAGES.get(code)
    return text.format(where=_clean(fault.where), act=fault.act) if text else _clean(f"{fault.where}: {fault.code}")


def _clean(text: str) -> str:
    """A text of the pack without control characters, which could forge lines of the report."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(text))


def get_outcome(verdict: evidence_check.Verdict) -> str:
    """``broken holds incomplete acts_hold unproven``."""
    if verdict.faults:
        return "broken"
    if verdict.trusted:
        return "holds"
    if verdict.gaps:
        return "incomplete"
    return "acts_hold" if verdict.proven else "unproven"


def write_report(verdict: evidence_check.Verdict) -> str:
    outcome = get_outcome(verdict)
    lines = [MESSAGES[outcome].format(proven=len(verdict.proven), cases=len(verdict.cases))]
    lines += [f"  - {describe(fault)}" for fault in verdict.faults or verdict.gaps]
    notes = [*(verdict.gaps if verdict.faults else ()), *verdict.notes]
    if outcome in ("acts_hold", "incomplete"):
        if verdict.bound:
            lines += [MESSAGES["bound"], *(f"  - {_clean(path)}" for path in verdict.bound)]
        if names := [_clean(name) for name in verdict.cases if name not in verdict.proven]:
            lines.append(MESSAGES["no_head"].format(names=", ".join(names)))
    if notes:
        lines += [MESSAGES["notes"], *(f"  - {describe(note)}" for note in notes)]
    lines.append(
        MESSAGES["summary"].format(
            members=verdict.members, acts=sum(verdict.cases.values()), cases=len(verdict.cases), heads=verdict.heads
        )
    )
    if verdict.digest:
        lines.append(MESSAGES["digest"].format(digest=verdict.digest))
    if outcome == "unproven":
        lines.append(MESSAGES["no_witness"])
    elif outcome in ("acts_hold", "incomplete"):
        lines.append(MESSAGES["no_digest"])
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an evidence pack of PQRS.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--digest", default="", help="SHA-256 of the manifest, as noted when the pack was made")
    parser.add_argument("--head", action="append", default=[], help="CASE:ACT:SHA256, as printed on letters and mails")
    parser.add_argument("--heads", action="append", default=[], type=Path, help="file of heads, as exported")
    options = parser.parse_args(arguments)
    try:
        texts = [*options.head, *(path.read_text(errors="replace") for path in options.heads)]
        heads = evidence_check.read_heads("\n".join(texts))
        with options.pack.open("rb") as file:
            verdict = evidence_check.verify(file, heads, options.digest)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(write_report(verdict) + "\n")
    return {"broken": 1, "incomplete": 3}.get(get_outcome(verdict), 0)


if __name__ == "__main__":
    sys.exit(main())
