import { registry } from "@web/core/registry";

// Texts differ by language: steps go by names of fields and buttons. Days are typed as so many from today.
const NO_DIALOG = "body:not(:has(.modal))";
const tours = registry.category("web_tour.tours");

function pick(scope, text) {
    return [
        { trigger: `${scope} input`, run: `edit ${text}` },
        { trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) > a:contains(${text})`, run: "click" },
        { trigger: `${scope} input:value(${text})` },
    ];
}

// The month is confirmed in its grid, once what is off target has its analysis, and registered.
tours.add("sig_pqrs_record_month", {
    url: "/odoo/sig-indicator-month",
    steps: () => [
        { trigger: ".o_data_row td[name=analysis]", run: "click" },
        { trigger: ".o_data_row td[name=analysis] textarea", run: "edit Vacante del analista" },
        { trigger: "button[name=action_confirm]", run: "click" },
        { trigger: "button[name=action_register]", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit QVO, acta 31" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: `${NO_DIALOG}:not(:has(button[name=action_register]))` },
    ],
});

// What missed its target becomes a plan, with causes, an activity of somebody else and its criterion.
tours.add("sig_pqrs_finding_to_plan", {
    url: "/odoo/sig-findings",
    steps: () => [
        { trigger: ".o_data_row:first button[name=action_open_step]:first", run: "click" },
        { trigger: ".modal div[name=name] input", run: "edit Respuestas a tiempo en Operaciones" },
        ...pick(".modal div[name=user_id]", "Líder de Operaciones"),
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: `${NO_DIALOG} div[name=line_ids] .o_field_x2many_list_row_add a`, run: "click" },
        { trigger: "div[name=line_ids] .o_selected_row td[name=name] input", run: "edit Nombrar suplente" },
        ...pick("div[name=line_ids] .o_selected_row td[name=user_id]", "Colaborador de Operaciones"),
        { trigger: "div[name=line_ids] .o_selected_row td[name=date_due] input, div[name=line_ids] .o_selected_row td[name=date_due] button", run: "click" },
        { trigger: "div[name=line_ids] .o_selected_row td[name=date_due] input", run: "edit +5d && press Tab" },
        { trigger: "div[name=verification_date] input, div[name=verification_date] button", run: "click" },
        { trigger: "div[name=verification_date] input", run: "edit +20d && press Tab" },
        { trigger: "a[name=causes]", run: "click" },
        { trigger: "div[name=cause_analysis] textarea", run: "edit No hay quien reemplace al analista" },
        { trigger: "a[name=effectiveness]", run: "click" },
        { trigger: "div[name=verification_criterion] textarea", run: "edit Tres meses seguidos en meta" },
        { trigger: "button[name=action_start]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=in_progress]" },
    ],
});

tours.add("sig_pqrs_plan_activity", {
    url: "/odoo/sig-plan-activities",
    steps: () => [
        { trigger: ".o_data_row button[name=action_open_step]", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit Acta 12" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: `${NO_DIALOG} .o_list_view:not(:has(.o_data_row button[name=action_open_step]))` },
    ],
});

tours.add("sig_pqrs_plan_finish", {
    url: "/odoo/sig-action-plans",
    steps: () => [
        { trigger: ".o_kanban_record:contains(Respuestas a tiempo)", run: "click" },
        { trigger: "button[name=action_finish]", run: "click" },
        { trigger: ".o_arrow_button_current[data-value=to_verify]" },
    ],
});

tours.add("sig_pqrs_plan_verify", {
    url: "/odoo/sig-action-plans",
    steps: () => [
        { trigger: ".o_kanban_record:contains(Respuestas a tiempo)", run: "click" },
        { trigger: ".o_statusbar_buttons button.btn-primary[name=action_open_step]", run: "click" },
        { trigger: ".modal div[name=effective] input[data-value=yes]", run: "click" },
        { trigger: ".modal div[name=reason] textarea", run: "edit Agosto a octubre en 96 %" },
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        { trigger: `${NO_DIALOG} .o_arrow_button_current[data-value=closed]` },
    ],
});
