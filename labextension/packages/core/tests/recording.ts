/** A 2D context that writes down what is drawn on it, in screen coordinates of its transform. */

export interface Drawn {
  readonly kind: "shape" | "text" | "line" | "fill";
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  readonly width: number;
  readonly alpha: number;
}

export class RecordingContext {
  readonly drawn: Drawn[] = [];
  fillStyle = "";
  strokeStyle = "";
  lineWidth = 1;
  globalAlpha = 1;
  font = "";
  textAlign = "left";
  private scale = 1;
  private shift = { x: 0, y: 0 };
  private at = { x: 0, y: 0 };
  private path: "shape" | "line" = "line";

  setTransform(a: number, _b: number, _c: number, _d: number, x: number, y: number): void {
    this.scale = a;
    this.shift = { x, y };
  }
  clearRect(x: number, y: number, width: number, height: number): void {
    const isGone = (one: Drawn) =>
      one.x >= x && one.x < x + width && one.y >= y && one.y < y + height;
    if (x === 0 && y === 0)
      this.drawn.length = 0; // the whole canvas
    else this.drawn.splice(0, Infinity, ...this.drawn.filter((one) => !isGone(one)));
  }
  save(): void {
    // what is outside of a part is painted, too; here that is no harm
  }
  restore(): void {
    // as above
  }
  clip(): void {
    // as above
  }
  rect(): void {
    // as above
  }
  setLineDash(): void {
    // looks are told by colour and width
  }
  closePath(): void {
    // only where a path starts is told
  }
  beginPath(): void {
    this.path = "line";
  }
  moveTo(x: number, y: number): void {
    this.at = { x, y };
  }
  lineTo(): void {
    // only where a path starts is told
  }
  bezierCurveTo(): void {
    // as above
  }
  arc(x: number, y: number): void {
    this.at = { x, y };
  }
  roundRect(x: number, y: number): void {
    this.at = { x, y };
    this.path = "shape";
  }
  fillRect(x: number, y: number): void {
    this.record("shape", { x, y }, this.fillStyle);
  }
  strokeRect(x: number, y: number): void {
    this.record("line", { x, y }, this.strokeStyle);
  }
  fill(): void {
    this.record(this.path === "shape" ? "shape" : "fill", this.at, this.fillStyle);
  }
  stroke(): void {
    this.record("line", this.at, this.strokeStyle);
  }
  fillText(text: string, x: number, y: number): void {
    this.record("text", { x, y }, this.fillStyle, text);
  }

  private record(
    kind: Drawn["kind"],
    { x, y }: { x: number; y: number },
    colour: string,
    text = "",
  ): void {
    const { scale, shift, lineWidth: width, globalAlpha: alpha } = this;
    const place = { x: x * scale + shift.x, y: y * scale + shift.y };
    this.drawn.push({ kind, text, ...place, colour, width, alpha });
  }
}
