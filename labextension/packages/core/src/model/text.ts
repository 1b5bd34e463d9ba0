/** The rows of a long text, cut only where they are looked at. */
export class TextLines {
  private readonly starts: Int32Array;

  constructor(private readonly text: string) {
    const starts = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    if (text.endsWith("\n")) starts.pop();
    this.starts = Int32Array.from(starts);
  }

  get count(): number {
    return this.text === "" ? 0 : this.starts.length;
  }

  row(index: number): string {
    const from = this.starts[index] ?? this.text.length;
    const next = this.starts[index + 1];
    const to = next === undefined ? this.text.length : next - 1;
    return this.text.slice(from, to).replace(/[\r\n]+$/, "");
  }
}
