/** Words around an explorer that a notebook keeps; small, since each kept one carries them. */

export const keptStrings = {
  title: (summary: string) => `tsviz explorer: ${summary}`,
  damaged: (detail: string) =>
    `The explorer kept here could not be opened (${detail}); run this cell to explore.`,
};
