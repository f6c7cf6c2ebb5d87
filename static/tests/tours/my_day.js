import {registry} from "@web/core/registry";

const TILE = (key) => `.o_sig_tile[data-key=${key}]`;

registry.category("web_tour.tours").add("sig_pqrs_my_day", {
    url: "/odoo/pqrs-my-day",
    steps: () => [
        {trigger: `${TILE("unassigned")} .o_sig_row`},
        // From what was filed to who drafts it: two clicks when the reason proposes the process.
        {trigger: `${TILE("unassigned")} .o_sig_tile_method`, run: "click"},
        {trigger: ".modal .o_field_widget[name=line_ids] .o_data_row td[name=process_id]:contains(Operaciones)"},
        {trigger: ".modal button[name=action_assign_and_next]", run: "click"},
        {trigger: ".o_notification"},
        {trigger: "body:not(:has(.modal))"},
        {trigger: `.o_sig_tiles:not(:has(${TILE("unassigned")}))`},
        {trigger: `${TILE("unmeasured")} .o_sig_row`, run: "click"},
        {trigger: ".o_form_view .alert-danger button[data-step=immediate_measure]", run: "click"},
        {trigger: ".modal div[name=reason] textarea", run: "edit Se reforzó el puesto."},
        {trigger: ".modal button[name=action_confirm]", run: "click"},
        {trigger: "body:not(:has(.modal)) .o_form_view:not(:has(.alert-danger button))"},
        {trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a", run: "click"},
        {trigger: `.o_sig_tiles:not(:has(${TILE("unmeasured")}))`},
    ],
});
