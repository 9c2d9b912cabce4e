/** Messages on a stream: a length of four bytes, big-endian, then so many bytes of JSON. */

export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
}

/** Puts messages together from chunks of a stream. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /** @returns the messages that `chunk` completes. @throws SyntaxError where one is not JSON */
  take(chunk: Buffer): unknown[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: unknown[] = [];
    for (let body = this.#next(); body !== undefined; body = this.#next()) messages.push(JSON.parse(body.toString('utf8')));
    return messages;
  }

  #next(): Buffer | undefined {
    if (this.#length < 4) return undefined;
    const size = this.#peekSize();
    if (this.#length < 4 + size) return undefined;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined.subarray(4 + size)];
    this.#length -= 4 + size;
    return joined.subarray(4, 4 + size);
  }

  #peekSize(): number {
    if ((this.#chunks[0] as Buffer).length < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    return (this.#chunks[0] as Buffer).readUInt32BE();
  }
}
