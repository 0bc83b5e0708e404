import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { createDeadlines } from '../../../nodes/manager/shared/deadlines.js';
import { type BodyBounds, readBody } from '../../../nodes/node-red/http/read-body.js';

describe('a body over HTTP', () => {
  function begin(bounds: BodyBounds) {
    const sent = new PassThrough();
    return { sent, body: readBody(sent as unknown as IncomingMessage, bounds) };
  }

  it('is read as UTF-8, also where a character comes in two pieces', async () => {
    const { sent, body } = begin({ mostBytes: 10 });
    const bytes = Buffer.from('größer');
    sent.write(bytes.subarray(0, 3));
    sent.end(bytes.subarray(3));
    expect(await body).to.deep.equal({ text: 'größer' });
  });

  it('may have as many bytes as its bound says, and no more', async () => {
    const fits = begin({ mostBytes: 4 });
    fits.sent.end('1234');
    expect(await fits.body).to.deep.equal({ text: '1234' });
    const large = begin({ mostBytes: 4 });
    large.sent.write('12345');
    expect(await large.body).to.deep.equal({ fault: 'too large' });
    expect(large.sent.listenerCount('data')).to.equal(0);
  });

  it('may come late only where its time has no bound', async () => {
    const { body } = begin({ mostBytes: 4, deadline: createDeadlines(10) });
    expect(await body).to.deep.equal({ fault: 'too late' });
  });

  it('may be cut off, with a fault or without, and before anybody reads it', async () => {
    for (const fault of [undefined, new Error('reset')]) {
      const { sent, body } = begin({ mostBytes: 4 });
      sent.destroy(fault);
      expect(await body).to.deep.equal({ fault: 'cut off' });
      expect(await readBody(sent as unknown as IncomingMessage, { mostBytes: 4 })).to.deep.equal({
        fault: 'cut off',
      });
    }
  });

  it('is empty where somebody else has read it to its end', async () => {
    const sent = new PassThrough();
    sent.end('{}');
    for await (const _ of sent);
    expect(sent.destroyed).to.equal(true);
    expect(await readBody(sent as unknown as IncomingMessage, { mostBytes: 4 })).to.deep.equal({ text: '' });
  });
});
