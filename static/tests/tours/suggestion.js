import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sig_pqrs_suggestion", {
    steps: () => [
        {trigger: ".o_statusbar_buttons button.btn-primary", run: "click"},
        {trigger: ".modal div[name=suggestion_note] a:contains(PQRS-)"},
        {trigger: ".modal div[name=suggested_id] .o_selection_badge:contains(Hurtos)", run: "click"},
        {trigger: ".modal div[name=suggested_id] .o_selection_badge.active:contains(Hurtos)"},
        {trigger: ".modal div[name=reason_id] input:value(Hurtos)"},
        {trigger: ".modal footer button[name=action_assign]", run: "click"},
        {trigger: "body:not(:has(.modal))"},
    ],
});
