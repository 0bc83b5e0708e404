import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Node, NodeStatus } from 'node-red';
import { fanOut } from '../../../nodes/node-red/runtime/fan-out.js';
import { globMatcher } from '../../../nodes/node-red/runtime/glob.js';
import { shortText, statusLine } from '../../../nodes/node-red/runtime/node-status.js';
import { costOf } from '../../support/thread-time.js';

describe('fan-out', () => {
  const signal = new AbortController().signal;

  async function* numbers(count: number): AsyncIterable<number> {
    for (let number = 0; number < count; number += 1) yield number;
  }

  it('takes items only as fast as they are worked on', async () => {
    let taken = 0;
    let done = 0;
    async function* counted(): AsyncIterable<number> {
      for await (const number of numbers(50)) {
        taken += 1;
        yield number;
      }
    }
    await fanOut(counted(), 4, signal, async () => {
      await new Promise(setImmediate);
      done += 1;
      // One more is held back to see whether there is one.
      expect(taken - done).to.be.at.most(5);
    });
    expect(done).to.equal(50);
  });

  it('knows the number of items when the last one is worked on, even a single one', async () => {
    for (const count of [1, 2, 7]) {
      let known: number | undefined;
      const work = async (item: number, place: { count(): number | undefined }) => {
        if (item === count - 1) known = place.count();
      };
      expect(await fanOut(numbers(count), 1, signal, work)).to.equal(count);
      expect(known).to.equal(count);
    }
  });

  it('starts nothing more after a fault, waits for what runs, and throws the fault', async () => {
    const started: number[] = [];
    let finished = 0;
    const fault = await fanOut(numbers(100), 3, signal, async (item) => {
      started.push(item);
      if (item === 1) throw new Error('broken');
      await new Promise(setImmediate);
      finished += 1;
    }).catch((error: Error) => error.message);
    expect(fault).to.equal('broken');
    expect(started.length).to.be.lessThan(10);
    expect(finished).to.equal(started.length - 1);
  });

  it('throws what the source throws, after what runs has finished', async () => {
    let finished = 0;
    async function* failing(): AsyncIterable<number> {
      yield* numbers(3);
      throw new Error('no database');
    }
    const fault = await fanOut(failing(), 10, signal, async () => {
      await new Promise(setImmediate);
      finished += 1;
    }).catch((error: Error) => error.message);
    expect(fault).to.equal('no database');
    expect(finished).to.equal(2);
  });

  it('starts nothing more once it is aborted', async () => {
    const abort = new AbortController();
    const started = await fanOut(numbers(100), 1, abort.signal, async (item) => {
      if (item === 4) abort.abort();
    });
    expect(started).to.equal(5);
  });
});

describe('patterns', () => {
  it('know * and ? and take everything else as it is', () => {
    expect(globMatcher('gw-*')('gw-1')).to.equal(true);
    expect(globMatcher('gw-?')('gw-12')).to.equal(false);
    expect(globMatcher('a.b(c)[d]+$')('a.b(c)[d]+$')).to.equal(true);
    expect(globMatcher('a.b')('axb')).to.equal(false);
    expect(globMatcher('?')('😀')).to.equal(true);
    expect(globMatcher('')(null)).to.equal(true);
    expect(globMatcher('gw*')(null)).to.equal(false);
  });

  it('stay fast on hostile text', () => {
    const match = globMatcher(`${'*a'.repeat(3)}${'*'.repeat(50)}b`);
    expect(costOf(() => match('a'.repeat(2000)))).to.be.lessThan(2000);
  });
});

describe('status line', () => {
  function fakeNode(): { node: Node; shown: NodeStatus[]; close(): void } {
    const events = new EventEmitter();
    const shown: NodeStatus[] = [];
    const node = Object.assign(events, {
      status: (status: NodeStatus) => shown.push(status),
    }) as unknown as Node;
    return { node, shown, close: () => void events.emit('close') };
  }
  const green = { fill: 'green', text: 'connected' } as const;

  it('shows the first change at once and of many that follow the newest', async () => {
    const { node, shown } = fakeNode();
    const line = statusLine(node, 20);
    line.connection(green, true);
    for (let count = 1; count <= 100; count += 1) line.activity({ text: `${count}` });
    expect(shown).to.deep.equal([green]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(shown).to.deep.equal([green, { text: '100' }]);
  });

  it('hides what the node does behind a lost connection', async () => {
    const { node, shown } = fakeNode();
    const line = statusLine(node, 1);
    line.connection({ text: 'database gone' }, false);
    line.activity({ fill: 'red', text: 'failed' });
    await new Promise((resolve) => setTimeout(resolve, 10));
    line.connection(green, true);
    expect(shown).to.deep.equal([{ text: 'database gone' }, green]);
  });

  it('is empty and silent once the node is closed', async () => {
    const { node, shown, close } = fakeNode();
    const line = statusLine(node, 1);
    line.connection(green, true);
    close();
    line.connection({ text: 'late' }, true);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(shown).to.deep.equal([green, {}]);
  });

  it('shortens long sentences', () => {
    expect(shortText('short')).to.equal('short');
    expect(shortText(`line one\n${'x'.repeat(100)}`)).to.have.length(60);
  });
});
