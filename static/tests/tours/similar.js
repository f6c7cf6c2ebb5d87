import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sig_pqrs_similar_typed", {
    url: "/odoo/pqrs-my-day",
    steps: () => [
        {trigger: ".o_sig_register", run: "click"},
        {trigger: "div[name=subject] textarea", run: "edit Robo de la bicicleta"},
        {trigger: "div[name=description] textarea", run: "edit En el garaje de la torre"},
        {trigger: ".o_sig_similar a:contains(Robaron una bicicleta)"},
        {trigger: ".o_sig_similar li details summary", run: "click"},
        {trigger: ".o_sig_similar li details[open] div:contains(Pedro)"},
        {trigger: "body:not(:has(.o_sig_similar .btn-secondary))"},
        {trigger: ".o_form_button_cancel", run: "click"},
    ],
});

registry.category("web_tour.tours").add("sig_pqrs_similar_triage", {
    steps: () => [
        {trigger: ".o_statusbar_buttons button.btn-primary", run: "click"},
        {trigger: ".modal .o_sig_similar a:contains(Robaron una bicicleta)"},
        {trigger: ".modal .btn-close", run: "click"},
    ],
});

registry.category("web_tour.tours").add("sig_pqrs_similar_draft", {
    steps: () => [
        {trigger: "div[name=response] .odoo-editor-editable", run: "editor Señora Luz Mora, buenos días."},
        {trigger: ".o_sig_similar > summary", run: "click"},
        {trigger: ".o_sig_similar li details summary", run: "click"},
        {trigger: ".o_sig_similar li details[open] .btn-secondary", run: "click"},
        // What was typed stays above it.
        {trigger: "div[name=response] .odoo-editor-editable:contains(buenos días)"},
        {trigger: "div[name=response] .odoo-editor-editable:contains(hizo la ronda)"},
        {trigger: "div[name=response] .odoo-editor-editable:contains(«[…:)"},
        {trigger: "button[name=action_submit]", run: "click"},
        {trigger: ".o_notification:contains(«[…:), .modal:contains(«[…:)"},
    ],
});
