/** The parts of a WebSocket frame's head, RFC 6455, 5.2. */
const FIN = 0x80;
const OPCODE = 0x0f;
const CONTROL = 0x08;
const MASKED = 0x80;
const LENGTH = 0x7f;

export interface FrameReaderOptions {
  /** Largest message now, bytes. */
  most(): number;
  /** Called with each complete message; returns false to refuse it. */
  onMessage(message: Buffer): boolean;
}

interface Frame {
  isControl: boolean;
  isLast: boolean;
  mask: Buffer | null;
  length: number;
  /** Bytes of the payload that have been read. */
  read: number;
}

/**
 * Creates a reader that follows the frames of a WebSocket's client, chunk by chunk, while somebody else serves the socket. The returned
 * function is false when the chunk must not be passed on: a frame in it announces a message that is too large, or a message was refused.
 */
export function createFrameReader({ most, onMessage }: FrameReaderOptions): (chunk: Buffer) => boolean {
  let head = Buffer.alloc(0);
  let frame: Frame | null = null;
  /** Payloads of the message under way, which may have several frames. */
  let parts: Buffer[] = [];
  let size = 0;

  const begin = (): boolean => {
    frame = frameOf(head);
    if (!frame.isControl) size += frame.length;
    head = Buffer.alloc(0);
    return Math.max(size, frame.length) <= most();
  };

  /** Returns true unless the message is refused. */
  const end = ({ isControl, isLast }: Frame): boolean => {
    frame = null;
    if (isControl || !isLast) return true;
    const message = Buffer.concat(parts);
    parts = [];
    size = 0;
    return onMessage(message);
  };

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (frame === null) {
        const more = chunk.subarray(at, at + headLength(head) - head.length);
        at += more.length;
        head = Buffer.concat([head, more]);
        if (head.length < headLength(head)) continue;
        if (!begin()) return false;
      }
      const current: Frame = frame!;
      const piece = chunk.subarray(at, at + current.length - current.read);
      at += piece.length;
      if (!current.isControl) parts.push(unmasked(piece, current));
      current.read += piece.length;
      if (current.read === current.length && !end(current)) return false;
    }
    return true;
  };
}

/** Length of a frame's head, bytes, as far as its first bytes tell. */
function headLength(head: Buffer): number {
  if (head.length < 2) return 2;
  const second = head[1]!;
  const length = second & LENGTH;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + ((second & MASKED) !== 0 ? 4 : 0);
}

function frameOf(head: Buffer): Frame {
  const [first = 0, second = 0] = head;
  const opcode = first & OPCODE;
  return {
    isControl: (opcode & CONTROL) !== 0,
    isLast: (first & FIN) !== 0,
    mask: (second & MASKED) === 0 ? null : head.subarray(-4),
    length: payloadLength(head),
    read: 0,
  };
}

function payloadLength(head: Buffer): number {
  const length = head[1]! & LENGTH;
  if (length === 126) return head.readUInt16BE(2);
  return length === 127 ? Number(head.readBigUInt64BE(2)) : length;
}

/** A copy, because the server of the socket unmasks the chunk in place. */
function unmasked(piece: Buffer, { mask, read }: Frame): Buffer {
  const copy = Buffer.from(piece);
  if (mask === null) return copy;
  for (let at = 0; at < copy.length; at += 1) copy[at] = copy[at]! ^ mask[(read + at) & 3]!;
  return copy;
}
