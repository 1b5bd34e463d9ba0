import { LabIcon } from "@jupyterlab/ui-components";

/** Two nodes that one leads to; drawn in the colours of Jupyter's own icons. */
export const icon = new LabIcon({
  name: "tsviz:graph",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 22 22">
  <g class="jp-icon3" fill="none" stroke="#616161" stroke-width="1.6">
    <path d="M11 7v3.5M11 10.5 6 15M11 10.5l5 4.5"/>
  </g>
  <g class="jp-icon3" fill="#616161">
    <rect x="7" y="2.5" width="8" height="5" rx="1.5"/>
    <rect x="2" y="14.5" width="7" height="5" rx="1.5"/>
    <rect x="13" y="14.5" width="7" height="5" rx="1.5"/>
  </g>
</svg>`,
});
