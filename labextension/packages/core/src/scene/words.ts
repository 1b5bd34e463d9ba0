/** Short forms for the little room a box has; the inspector shows the whole. */

import type { Heat, Measure } from "../model";

/** Cuts a word in the middle, where names differ least. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 3);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** `f32[1, 3, 64, 64]` → `1×3×64×64`, another type than f32 before it: `i64 8`. */
export function shortShape(observed: string): string {
  const match = /^(\w+)\[([^\]]*)\](.*)$/.exec(observed);
  if (!match) return observed;
  const [, type = "", sizes = "", rest = ""] = match;
  const shape = sizes === "" ? "scalar" : sizes.split(/,\s*/).join("×");
  return (type === "f32" ? shape : `${type} ${shape}`) + rest;
}

const UNITS = ["", "k", "M", "G", "T", "P"];

/** 18_874_368 → `18.9 M`. */
export function shortNumber(number: number): string {
  let unit = 0;
  let value = number;
  while (Math.abs(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return Number.isInteger(value) ? String(value) : value.toPrecision(4);
  return `${value.toPrecision(3)} ${UNITS[unit]!}`;
}

/** Nanoseconds in the unit that suits them: `12.3 ms`. */
export function shortTime(nanoseconds: number): string {
  const units = ["ns", "µs", "ms", "s"];
  let unit = 0;
  let value = nanoseconds;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const whole = unit === 0 || value >= 99.95;
  return `${whole ? Math.round(value) : value.toPrecision(3)} ${units[unit]!}`;
}

/** `41%`, `0.3%`, `<0.1%`; never rounded up to all; "" where there is no whole. */
export function shortShare(amount: number, whole: number): string {
  const percent = (100 * amount) / whole;
  if (!Number.isFinite(percent)) return "";
  if (percent > 0 && percent < 0.1) return "<0.1%";
  if (percent > 99 && percent < 100) return percent < 99.9 ? `${floored(percent)}%` : ">99.9%";
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)}%`;
}

const floored = (percent: number) => (Math.floor(10 * percent) / 10).toFixed(1);

/** What something took: nanoseconds, or bytes. */
export function shortAmount(measure: Measure, amount: number): string {
  if (Number.isNaN(amount)) return "";
  return measure === "memory" ? shortBytes(Math.round(amount)) : shortTime(amount);
}

/** `12.3 ms · 41%`. */
export function heatWords({ measure, whole }: Heat, amount: number): string {
  const share = shortShare(amount, whole);
  return shortAmount(measure, amount) + (share === "" ? "" : ` · ${share}`);
}

/** Bytes in binary units: 1792 → `1.8 KiB`. */
export function shortBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const digits = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));
  let unit = 0;
  let value = bytes;
  // Not 1024: what would be rounded up to it is said in the next unit.
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : digits(value)} ${units[unit]!}`;
}
