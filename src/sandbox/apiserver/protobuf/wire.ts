/** The wire format of protobuf, for reading. Source: https://protobuf.dev/programming-guides/encoding/ */

/** One field of a message as it was sent. */
export interface WireField {
  number: number;
  /** A varint or fixed number, or the bytes of a length-delimited field. */
  value: bigint | Uint8Array;
  /** True for a 64-bit fixed field (a double). */
  fixed64: boolean;
}

/** Reads a message field by field. @throws RangeError where the bytes are no message */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const tag = Number(readVarint(reader));
    const number = tag >>> 3;
    yield { number, ...readValue(reader, tag & 7) };
  }
}

interface Reader {
  bytes: Uint8Array;
  at: number;
}

function readValue(reader: Reader, wireType: number): { value: bigint | Uint8Array; fixed64: boolean } {
  if (wireType === 0) return { value: readVarint(reader), fixed64: false };
  if (wireType === 1) return { value: take(reader, 8), fixed64: true };
  if (wireType === 2) return { value: take(reader, Number(readVarint(reader))), fixed64: false };
  if (wireType === 5) return { value: take(reader, 4), fixed64: false };
  throw new RangeError(`proto: illegal wireType ${wireType}`);
}

function readVarint(reader: Reader): bigint {
  let result = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw new RangeError('proto: unexpected end of message');
    result |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, result);
  }
  throw new RangeError('proto: integer overflow');
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length;
  if (length < 0 || end > reader.bytes.length) throw new RangeError('proto: unexpected end of message');
  const part = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return part;
}

/** The integers of a packed list. */
export function readPacked(bytes: Uint8Array): number[] {
  const reader = { bytes, at: 0 };
  const numbers: number[] = [];
  while (reader.at < bytes.length) numbers.push(Number(readVarint(reader)));
  return numbers;
}
