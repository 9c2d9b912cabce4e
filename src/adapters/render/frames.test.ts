import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeFrame, FrameReader } from './frames.ts';

it('puts messages together however the stream cuts them', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (messages, step) => {
      const stream = Buffer.concat(messages.map(encodeFrame));
      const reader = new FrameReader();
      const read: unknown[] = [];
      for (let at = 0; at < stream.length; at += step) read.push(...reader.take(stream.subarray(at, at + step)));
      expect(read).toEqual(messages.map((message) => JSON.parse(JSON.stringify(message))));
    }),
  );
});
