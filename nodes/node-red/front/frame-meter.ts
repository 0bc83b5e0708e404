/** The parts of a WebSocket frame's head, RFC 6455, 5.2. */
const FIN = 0x80;
const OPCODE = 0x0f;
const CONTROL = 0x08;
const MASKED = 0x80;
const LENGTH = 0x7f;

/**
 * Follows what a WebSocket's client sends, chunk by chunk. The returned function is false as soon as a frame announces that its
 * message will have more than `most` bytes.
 */
export function createFrameMeter(): (chunk: Buffer, most: number) => boolean {
  let head = Buffer.alloc(0);
  let left = 0;
  /** Of the message under way, whose frames may come in pieces. */
  let message = 0;

  return (chunk, most) => {
    for (let at = 0; at < chunk.length; ) {
      if (left > 0) {
        const skipped = Math.min(left, chunk.length - at);
        left -= skipped;
        at += skipped;
        continue;
      }
      const needed = headLength(head) - head.length;
      head = Buffer.concat([head, chunk.subarray(at, at + needed)]);
      at += needed;
      if (head.length < headLength(head)) continue;
      left = payloadLength(head);
      const [first = 0] = head;
      head = Buffer.alloc(0);
      if ((first & CONTROL) !== 0) {
        if (left > most) return false;
        continue;
      }
      message = ((first & OPCODE) === 0 ? message : 0) + left;
      if (message > most) return false;
      if ((first & FIN) !== 0) message = 0;
    }
    return true;
  };
}

/** Of what is known of it. */
function headLength(head: Buffer): number {
  if (head.length < 2) return 2;
  const second = head[1]!;
  const length = second & LENGTH;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & MASKED) !== 0 ? 4 : 0);
}

function payloadLength(head: Buffer): number {
  const length = head[1]! & LENGTH;
  if (length === 126) return head.readUInt16BE(2);
  return length === 127 ? Number(head.readBigUInt64BE(2)) : length;
}
