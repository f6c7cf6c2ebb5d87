"""Odoo's command line as a file: a server of several workers starts itself again by its path."""

from odoo.cli.command import main

main()
