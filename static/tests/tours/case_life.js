import {registry} from "@web/core/registry";

// Texts differ by language: steps go by names of fields and buttons.
const AUTOCOMPLETE = ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) > a";

function pick(field, text, scope = "") {
    return [
        {trigger: `${scope} div[name=${field}] input`, run: `edit ${text}`},
        {trigger: `${AUTOCOMPLETE}:contains(${text})`, run: "click"},
        {trigger: `${scope} div[name=${field}] input:value(${text})`},
    ];
}

registry.category("web_tour.tours").add("sig_pqrs_file_and_assign", {
    url: "/odoo/pqrs-my-day",
    steps: () => [
        {trigger: ".o_sig_register", run: "click"},
        {trigger: "div[name=subject] textarea", run: "edit Puerta abierta toda la noche"},
        {trigger: "div[name=type_id] input", run: "click"},
        {trigger: `${AUTOCOMPLETE}:contains(Peti):first`, run: "click"},
        {trigger: "div[name=type_id] input:value(Peti)"},
        ...pick("partner_id", "Ana Ruiz"),
        {trigger: "div[name=partner_name] input:value(Ana Ruiz)"},
        {trigger: "div[name=description] textarea", run: "edit De diez de la noche a cinco de la mañana"},
        // One click files it and asks who answers.
        {trigger: ".o_statusbar_buttons button.btn-primary", run: "click"},
        {trigger: ".modal .modal-title:contains(PQRS-)"},
        {trigger: ".modal .o_field_widget[name=date_deadline]"},
        {trigger: ".modal .o_field_widget[name=line_ids] .o_data_row td[name=process_id]", run: "click"},
        ...pick("process_id", "Operaciones", ".modal"),
        {trigger: ".modal button[name=action_assign]", run: "click"},
        {trigger: "body:not(:has(.modal)) .o_arrow_button_current[data-value=assigned]"},
        // The tab that the state calls for is open, and says who has it.
        {trigger: "a[name=answer].active"},
        {trigger: ".o_sig_parts li:contains(Operaciones) button"},
        {trigger: "a[name=acts]", run: "click"},
        {trigger: ".o_field_widget[name=term_explanation] li"},
        {trigger: ".o_widget_sig_related_list .o_data_row:nth-child(2)"},
        {trigger: "a[name=communications]", run: "click"},
        {trigger: ".tab-pane.active .o_widget_sig_related_list .o_list_renderer"},
    ],
});

registry.category("web_tour.tours").add("sig_pqrs_approve", {
    url: "/odoo/pqrs-my-day",
    steps: () => [
        {trigger: ".o_sig_tile[data-key=to_approve] .o_sig_row", run: "click"},
        {trigger: "button[name=action_approve]", run: "click"},
        {trigger: ".o_arrow_button_current[data-value=approved]"},
    ],
});

registry.category("web_tour.tours").add("sig_pqrs_send", {
    url: "/odoo/pqrs-my-day",
    steps: () => [
        {trigger: ".o_sig_tile[data-key=to_send] .o_sig_row:contains(Puerta abierta)", run: "click"},
        // Another step before, from the menu of more steps.
        {trigger: ".o_sig_more_steps", run: "click"},
        {trigger: ".o-dropdown-item[data-step=immediate_measure]", run: "click"},
        {trigger: ".modal div[name=reason] textarea", run: "edit Se reforzó el puesto"},
        {trigger: ".modal button[name=action_confirm]", run: "click"},
        {trigger: "body:not(:has(.modal)) a[name=acts]", run: "click"},
        {trigger: ".o_widget_sig_related_list .o_data_row:contains(Se reforzó el puesto)"},
        {trigger: ".o_statusbar_buttons button.btn-primary", run: "click"},
        {trigger: ".modal .o_field_widget[name=sections]:contains(Revisamos la minuta)"},
        {trigger: ".modal div[name=resolution] input:first", run: "click"},
        {trigger: ".modal button[name=action_send]", run: "click"},
        {trigger: "body:not(:has(.modal)) button[name=action_download_letter]"},
    ],
});

// What was begun is not filed by leaving it.
const BACK = ".o_breadcrumb .o_back_button, .breadcrumb-item a";
const begin = (subject) => [
    {trigger: ".o_sig_register", run: "click"},
    {trigger: "div[name=subject] textarea", run: `edit ${subject}`},
    {trigger: "div[name=type_id] input", run: "click"},
    {trigger: `${AUTOCOMPLETE}:contains(Peti):first`, run: "click"},
    {trigger: "div[name=type_id] input:value(Peti)"},
    {trigger: BACK, run: "click"},
    {trigger: ".modal .modal-footer .btn-secondary"},
];

registry.category("web_tour.tours").add("sig_pqrs_leave_unfiled", {
    url: "/odoo/pqrs-my-day",
    steps: () => [
        ...begin("Se quedó a medias"),
        {trigger: ".modal .btn-close", run: "click"},
        {trigger: "body:not(:has(.modal)) div[name=subject] textarea:value(Se quedó a medias)"},
        {trigger: BACK, run: "click"},
        {trigger: ".modal .modal-footer .btn-secondary", run: "click"},
        {trigger: ".o_sig_tiles"},
        ...begin("Sí se radica"),
        {trigger: ".modal .modal-footer .btn-primary", run: "click"},
        {trigger: ".o_sig_tiles .o_sig_row:contains(Sí se radica)"},
    ],
});

registry.category("web_tour.tours").add("sig_pqrs_chatter", {
    steps: () => [
        {trigger: ".o-mail-Chatter-logNote"},
        {trigger: "body:not(:has(.o-mail-Chatter-sendMessage))"},
        // What the client wrote is neither answered nor passed on from here.
        {trigger: ".o-mail-Message:contains(Siguen igual)", run: "hover"},
        {trigger: ".o-mail-Message:contains(Siguen igual) .o-mail-Message-actions button:last", run: "click"},
        {trigger: "[name=copy-link]"},
        {trigger: "body:not(:has([name=reply-all], [name=forward]))"},
        {trigger: ".o-mail-Chatter-logNote", run: "click"},
        {trigger: ".o-mail-Composer-input", run: "edit @"},
        {trigger: ".o-mail-Composer-suggestion:contains(Líder de Operaciones)"},
        {trigger: "body:not(:has(.o-mail-Composer-suggestion:contains(Ana Ruiz)))"},
        {trigger: ".o-mail-Composer-input", run: "edit Hay que llamar"},
        {trigger: ".o-mail-Composer-send:enabled", run: "click"},
        {trigger: ".o-mail-Message:contains(Hay que llamar)"},
        // What is written to the client is seen as it will leave.
        {trigger: ".o_sig_more_steps", run: "click"},
        {trigger: ".o-dropdown-item[data-step=write_to_client]", run: "click"},
        {trigger: ".modal div[name=reason] textarea", run: "edit La visita es el jueves && press Tab"},
        {trigger: ".modal .o_field_widget[name=mail_to]:contains(ana@example.com)"},
        {trigger: ".modal .o_field_widget[name=mail_body] :iframe p:contains(La visita es el jueves)"},
        {trigger: ".modal button[name=action_confirm]:visible", run: "click"},
        {trigger: "body:not(:has(.modal))"},
    ],
});

registry.category("web_tour.tours").add("sig_pqrs_reply_from_inbox", {
    steps: () => [
        {trigger: ".o-mail-Message:contains(Siguen igual)", run: "hover"},
        {trigger: ".o-mail-Message:contains(Siguen igual) .o-mail-Message-actions button:last", run: "click"},
        {trigger: "[name=reply-to]", run: "click"},
        {trigger: ".o-mail-Composer-input", run: "edit Respuesta de la bandeja"},
        {trigger: ".o-mail-Composer-input", run: "press Enter"},
        {trigger: ".o_notification"},
    ],
});
