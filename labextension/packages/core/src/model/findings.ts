/** What was found when a program was held against its Python code, by the document's own files. */

import type {
  ComparisonPayload,
  FindingPayload,
  PlacePayload,
  SourceFilePayload,
} from "../protocol.generated";

/** What the gutter of the source shows of the findings of a line. */
export interface Mark {
  /** The finding of which most is known. */
  readonly finding: number;
  readonly status: string;
  /** The sentences of all of them. */
  readonly words: string;
}

interface Files {
  readonly payload: { readonly files: readonly SourceFilePayload[] };
}

export class Findings {
  /** The document's row of each file; -1 where it has none. */
  private readonly rows: readonly number[];
  private readonly known = new Map<number, ReadonlyMap<number, Mark>>();

  constructor(
    readonly payload: ComparisonPayload,
    private readonly document: Files,
  ) {
    const { files } = document.payload;
    this.rows = payload.files.map((path) => files.findIndex((file) => file.path === path));
  }

  fileOf(place: PlacePayload): number {
    return this.rows[place.file] ?? -1;
  }

  /** `gate.py:7`; "" for no place. */
  title(place: PlacePayload | null): string {
    if (!place) return "";
    const file = this.document.payload.files[this.fileOf(place)];
    return `${file?.title ?? this.payload.files[place.file] ?? "?"}:${place.line}`;
  }

  /** Lines of a file → what was found there, or follows from it. */
  marks(file: number): ReadonlyMap<number, Mark> {
    let marks = this.known.get(file);
    if (!marks) this.known.set(file, (marks = this.marksOf(file)));
    return marks;
  }

  private marksOf(file: number): ReadonlyMap<number, Mark> {
    const marks = new Map<number, Mark>();
    this.payload.findings.forEach((finding, at) => {
      for (const place of placesOf(finding)) {
        if (this.fileOf(place) !== file) continue;
        const before = marks.get(place.line);
        const words = `${finding.status}, ${finding.variant}: ${finding.sentence}`;
        if (!before) marks.set(place.line, { finding: at, status: finding.status, words });
        else if (!before.words.includes(words))
          marks.set(place.line, { ...before, words: `${before.words}\n${words}` });
      }
    });
    return marks;
  }
}

function placesOf(finding: FindingPayload): readonly PlacePayload[] {
  return finding.place ? [finding.place, ...finding.affected] : finding.affected;
}
