/** The plugins that JupyterLab and Notebook 7 load. */

import { cells } from "./cells";
import { compare } from "./compare";
import { course } from "./course";
import { files } from "./files";
import { notebooks } from "./notebooks";
import { policy } from "./policy";
import { side } from "./side";
import { stored } from "./stored";

export default [stored, files, compare, notebooks, side, cells, course, policy];
