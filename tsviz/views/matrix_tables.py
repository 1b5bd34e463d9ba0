"""The variant matrix as a table of numbers."""

from typing import TYPE_CHECKING

from tsviz.comparison.matrix import VariantMatrix, VariantRow

if TYPE_CHECKING:
    import pandas


def matrix_frame(found: VariantMatrix) -> "pandas.DataFrame":
    """One row a variant; what was not measured is missing.

    Columns: `variant` (the index), `works`, `failure`, `control_flow_kept`, `control_flow_total`,
    `inputs_tried`, `inputs_wrong`, `inputs_raised`, `error_absolute`, `error_relative`,
    `error_ulp`, `latency_ms_median`, `latency_ms_quartile_1`, `latency_ms_quartile_3`,
    `repetitions`, `first_call_ms`, `warm_up_ms`, `warm_up_calls`, `plan_is_stable`, `file_bytes`,
    `is_loaded`, `is_same_after_loading`.
    """
    import pandas

    frame = pandas.DataFrame([_matrix_row(row) for row in found.rows]).set_index("variant")
    numbers = ("control_flow_kept", "control_flow_total", "inputs_tried", "inputs_wrong")
    numbers += ("inputs_raised", "error_ulp", "repetitions", "warm_up_calls", "file_bytes")
    truths = ("plan_is_stable", "is_loaded", "is_same_after_loading")
    measures = [name for name in frame.columns if "_ms" in name]
    return frame.astype(
        dict.fromkeys(numbers, "Int64")
        | dict.fromkeys(truths, "boolean")
        | dict.fromkeys((*measures, "error_absolute", "error_relative"), "float64")
    )


def _matrix_row(row: VariantRow) -> dict[str, object]:
    errors, latency, saved, flow = row.errors, row.latency, row.saved, row.control_flow
    low, median, high = (latency and latency.quartiles) or (None, None, None)
    return {
        "variant": row.variant,
        "works": row.works,
        "failure": row.failure and row.failure.message,
        "control_flow_kept": flow and len(flow.kept),
        "control_flow_total": flow and flow.total,
        "inputs_tried": errors and errors.tried,
        "inputs_wrong": errors and errors.wrong,
        "inputs_raised": errors and errors.raised,
        "error_absolute": errors and errors.absolute,
        "error_relative": errors and errors.relative,
        "error_ulp": errors and errors.ulp,
        "latency_ms_median": _milliseconds(median),
        "latency_ms_quartile_1": _milliseconds(low),
        "latency_ms_quartile_3": _milliseconds(high),
        "repetitions": latency and len(latency.seconds),
        "first_call_ms": latency and _milliseconds(latency.first),
        "warm_up_ms": latency and _milliseconds(sum(latency.warm_ups)),
        "warm_up_calls": latency and len(latency.warm_ups),
        "plan_is_stable": latency and latency.is_stable,
        "file_bytes": saved and saved.file_bytes,
        "is_loaded": saved and saved.is_loaded,
        "is_same_after_loading": saved and saved.is_same,
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else 1e3 * seconds
