import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { LARGEST_UPLOAD } from '../../nodes/api/upload-sizes.js';
import type { DashboardSocket } from '../../nodes/dashboard/server/caller.js';
import { createUploads, type Uploads } from '../../nodes/dashboard/server/uploads.js';
import { LARGEST_PART } from '../../nodes/dashboard/wire/message-sizes.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import { runsOut } from '../support/patience.js';

const PART = 'x'.repeat(LARGEST_PART);
const PARTS = Math.floor(LARGEST_UPLOAD / LARGEST_PART);

class Socket extends EventEmitter implements DashboardSocket {
  readonly connected = true;
  constructor(readonly id: string) {
    super();
  }
}

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof TpeError ? error.code : String(error);
  }
}

function sendMuch(uploads: Uploads, socket: DashboardSocket, number: number, person: string, parts = PARTS) {
  for (let part = 0; part < parts; part += 1) uploads.add(socket, number, person, PART);
}

describe('what browsers send in parts', () => {
  it('is put together, once, and for its own question and connection', () => {
    const uploads = createUploads();
    const [one, other] = [new Socket('a'), new Socket('b')];
    uploads.add(one, 1, 'Ada', 'half of \ud83d');
    uploads.add(other, 1, 'Bob', 'something else');
    uploads.add(one, 1, 'Ada', '\ude00 a text');
    expect(codeOf(() => uploads.take(one, 2, 1))).to.equal('INVALID_INPUT');
    expect(uploads.take(one, 1, 2)).to.equal('half of 😀 a text');
    expect(codeOf(() => uploads.take(one, 1, 2))).to.equal('INVALID_INPUT');
    expect(codeOf(() => uploads.take(other, 1, 2))).to.equal('INVALID_INPUT');
  });

  it('has a bound for one text, and for all of a person, whatever connections they come by', () => {
    const uploads = createUploads();
    const sockets = ['a', 'b', 'c'].map((id) => new Socket(id));
    const [first, second, third] = sockets as [Socket, Socket, Socket];
    sendMuch(uploads, first, 1, 'Ada');
    expect(codeOf(() => uploads.add(first, 1, 'Ada', PART))).to.equal('INVALID_INPUT');
    // What was too large is gone.
    for (const [index, socket] of [first, second].entries()) sendMuch(uploads, socket, index + 5, 'Ada');
    expect(codeOf(() => sendMuch(uploads, third, 7, 'Ada', 2))).to.equal('BUSY');
    sendMuch(uploads, third, 8, 'Bob', 2);
    expect(uploads.take(first, 5, PARTS)).to.have.lengthOf(PARTS * LARGEST_PART);
    sendMuch(uploads, third, 9, 'Ada', 2);
    expect(uploads.take(third, 9, 2)).to.have.lengthOf(2 * LARGEST_PART);
  });

  it('ends with its connection', () => {
    const uploads = createUploads();
    const socket = new Socket('a');
    sendMuch(uploads, socket, 1, 'Ada');
    sendMuch(uploads, socket, 2, 'Ada');
    socket.emit('disconnecting');
    expect(codeOf(() => uploads.take(socket, 1, PARTS))).to.equal('INVALID_INPUT');
    sendMuch(uploads, new Socket('b'), 1, 'Ada');
    sendMuch(uploads, new Socket('c'), 1, 'Ada');
  });

  it('ends after a pause', async () => {
    const uploads = createUploads(runsOut(20));
    const socket = new Socket('a');
    uploads.add(socket, 1, 'Ada', 'x');
    // Begun later, it ends later.
    await once(AbortSignal.timeout(runsOut(60)), 'abort');
    expect(codeOf(() => uploads.take(socket, 1, 1))).to.equal('INVALID_INPUT');
  });
});
