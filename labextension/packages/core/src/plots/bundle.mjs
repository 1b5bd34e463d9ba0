/**
 * The plot library, with the kinds of plots that a profile has and no others: one script that is
 * fetched when a plot is first looked at. It leaves what it is at a name of its own, for it is run
 * as a module of a blob in a notebook, and as a script of the page in an HTML file.
 */

import bar from "plotly.js/lib/bar";
import Plotly from "plotly.js/lib/core";
import icicle from "plotly.js/lib/icicle";
import treemap from "plotly.js/lib/treemap";

Plotly.register([bar, icicle, treemap]);
globalThis.tsvizPlots = Plotly;
