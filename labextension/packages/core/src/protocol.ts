/**
 * What the generated decoders stand on: small checks that name the path of what is wrong.
 *
 * A payload arrives as JSON plus one binary blob. A column is a reference into the blob and becomes
 * a typed array over it, without a copy.
 */

export type Column = Uint8Array | Int32Array | Float64Array;

/** The bytes that came with a payload; starts at a multiple of eight bytes of its buffer. */
export type Blob = Uint8Array<ArrayBuffer>;

export type Decoder<T> = (raw: unknown, path: string, blob: Blob) => T;

export class DecodeError extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
    readonly got: unknown,
  ) {
    super(`${path}: expected ${expected}, got ${describe(got)}`);
    this.name = "DecodeError";
  }
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : typeof value;
}

export const asIs: Decoder<unknown> = (raw, path) => {
  if (raw === undefined) throw new DecodeError(path, "a value", raw);
  return raw;
};

export const asString: Decoder<string> = (raw, path) => {
  if (typeof raw !== "string") throw new DecodeError(path, "a string", raw);
  return raw;
};

export const asNumber: Decoder<number> = (raw, path) => {
  if (typeof raw !== "number") throw new DecodeError(path, "a number", raw);
  return raw;
};

export const asInteger: Decoder<number> = (raw, path) => {
  if (typeof raw !== "number" || !Number.isInteger(raw))
    throw new DecodeError(path, "an integer", raw);
  return raw;
};

export const asBoolean: Decoder<boolean> = (raw, path) => {
  if (typeof raw !== "boolean") throw new DecodeError(path, "a boolean", raw);
  return raw;
};

export const asRecord: Decoder<Record<string, unknown>> = (raw, path) => {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    throw new DecodeError(path, "an object", raw);
  return raw as Record<string, unknown>;
};

export const asList =
  <T>(item: Decoder<T>): Decoder<readonly T[]> =>
  (raw, path, blob) => {
    if (!Array.isArray(raw)) throw new DecodeError(path, "a list", raw);
    return raw.map((entry, i) => item(entry, `${path}[${i}]`, blob));
  };

const listOf =
  <T>(item: Decoder<T>): Decoder<readonly T[]> =>
  (raw, path, blob) => {
    if (!Array.isArray(raw)) throw new DecodeError(path, "a list", raw);
    const broken = raw.findIndex((entry) => !fits(item, entry, blob));
    if (broken >= 0) item(raw[broken], `${path}[${broken}]`, blob);
    return raw as T[];
  };

function fits(item: Decoder<unknown>, entry: unknown, blob: Blob): boolean {
  try {
    item(entry, "", blob);
    return true;
  } catch {
    return false;
  }
}

/** Like `asList(asString)`, but builds no path for each of perhaps 100,000 strings. */
export const asStrings = listOf(asString);
export const asIntegers = listOf(asInteger);

export const asDictionary =
  <T>(item: Decoder<T>): Decoder<Readonly<Record<string, T>>> =>
  (raw, path, blob) => {
    const entries = Object.entries(asRecord(raw, path, blob));
    return Object.fromEntries(
      entries.map(([key, entry]) => [key, item(entry, `${path}[${JSON.stringify(key)}]`, blob)]),
    );
  };

export const asNullable =
  <T>(item: Decoder<T>): Decoder<T | null> =>
  (raw, path, blob) =>
    raw === null ? null : item(raw, path, blob);

const ARRAYS = { u8: Uint8Array, i32: Int32Array, f64: Float64Array } as const;

export const asColumn: Decoder<Column> = (raw, path, blob) => {
  const { dtype, at, length } = asRecord(raw, path, blob);
  if (dtype !== "u8" && dtype !== "i32" && dtype !== "f64")
    throw new DecodeError(`${path}.dtype`, "u8, i32 or f64", dtype);
  const start = asInteger(at, `${path}.at`, blob);
  const count = asInteger(length, `${path}.length`, blob);
  const type = ARRAYS[dtype];
  if (start < 0 || count < 0 || start + count * type.BYTES_PER_ELEMENT > blob.byteLength)
    throw new DecodeError(path, `a column inside the blob of ${blob.byteLength} bytes`, raw);
  return new type(blob.buffer, blob.byteOffset + start, count);
};

/** Returns `bytes` such that columns can be mapped onto it: copied only if it starts unaligned. */
export function alignedBlob(bytes: Uint8Array): Blob {
  const aligned = bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer;
  return aligned ? (bytes as Blob) : new Uint8Array(bytes);
}
