"""How results reach faces without importing them.

A result lies low in the import order and must not know widgets, plots or tables. It asks here for
a renderer by name; the module behind the name is imported when it is first needed. Standard
library only.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

_RENDERERS = {
    "against_lines": "tsviz.views.against_tables:lines_frame",
    "against_mimebundle": "tsviz.against_page:against_mimebundle",
    "against_modules": "tsviz.views.against_tables:modules_frame",
    "against_text": "tsviz.against_page:against_text",
    "asset": "tsviz.widgets.assets:read_asset",
    "blame_dataframe": "tsviz.views.pass_tables:blame_frame",
    "catalog_dataframe": "tsviz.views.pass_tables:catalog_frame",
    "comparison_dataframe": "tsviz.views.tables:comparison_frame",
    "comparison_file": "tsviz.comparison_html:comparison_file",
    "comparison_mimebundle": "tsviz.comparison_html:comparison_mimebundle",
    "comparison_payload": "tsviz.views.comparison_payloads:comparison_payload",
    "comparison_text": "tsviz.comparison_page:comparison_text",
    "dataframe": "tsviz.views.tables:nodes_frame",
    "diagnosis_dataframe": "tsviz.views.tables:diagnosis_frame",
    "diagnosis_html": "tsviz.doctor_html:diagnosis_html",
    "diagnosis_text": "tsviz.doctor_page:diagnosis_text",
    "diff_dataframe": "tsviz.views.tables:diff_frame",
    "diff_text": "tsviz.diff_page:diff_text",
    "dot": "tsviz.views.dot:render_dot",
    "drift_dataframe": "tsviz.views.value_tables:drift_frame",
    "explorer": "tsviz.widgets.explorer:explore",
    "fixes_html": "tsviz.doctor_html:fixes_html",
    "fixes_text": "tsviz.doctor_page:fixes_text",
    "html": "tsviz.widgets.html:render_html",
    "lesson": "tsviz.passes.lessons.registry:lesson",
    "lesson_text": "tsviz.lesson_page:lesson_text",
    "matrix_dataframe": "tsviz.views.matrix_tables:matrix_frame",
    "matrix_figure": "tsviz.views.figures:matrix_figure",
    "matrix_mimebundle": "tsviz.matrix_html:matrix_mimebundle",
    "matrix_text": "tsviz.matrix_page:matrix_text",
    "mimebundle": "tsviz.widgets.explorer:mimebundle",
    "passes_dataframe": "tsviz.views.pass_tables:passes_frame",
    "profile_lines": "tsviz.views.profile_tables:lines_frame",
    "profile_mimebundle": "tsviz.profile_page:profile_mimebundle",
    "profile_modules": "tsviz.views.profile_tables:modules_frame",
    "profile_nodes": "tsviz.views.profile_tables:nodes_frame",
    "profile_origins": "tsviz.views.profile_tables:origins_frame",
    "profile_text": "tsviz.profile_page:profile_text",
    "record_dataframe": "tsviz.views.value_tables:record_frame",
    "sweep_dataframe": "tsviz.views.rates_tables:sweep_frame",
    "sweep_mimebundle": "tsviz.rates_page:sweep_mimebundle",
    "sweep_text": "tsviz.rates_page:sweep_text",
    "throughput_dataframe": "tsviz.views.rates_tables:throughput_frame",
    "throughput_mimebundle": "tsviz.rates_page:throughput_mimebundle",
    "throughput_text": "tsviz.rates_page:throughput_text",
    "svg": "tsviz.views.dot:render_svg",
    "types_dataframe": "tsviz.views.tables:types_frame",
    "types_html": "tsviz.doctor_html:types_html",
    "types_text": "tsviz.types_page:types_text",
    "values_dataframe": "tsviz.views.value_tables:values_frame",
    "weights_dataframe": "tsviz.views.tables:weights_frame",
}


def renderer(name: str) -> Callable[..., Any]:
    """The function that renders as `name`, imported now.

    Raises:
        KeyError: there is no renderer of that name.
    """
    module, _, function = _RENDERERS[name].partition(":")
    return getattr(import_module(module), function)
