import { expect } from 'chai';
import * as fc from 'fast-check';
import type { BrokerEvent } from '../../../nodes/manager/broker/events.js';
import { createWebhookReceiver, type WebhookLimits } from '../../../nodes/manager/intake/webhook-receiver.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { errorOf } from '../../support/errors.js';
import { patience, runsOut } from '../../support/patience.js';

const LIMITS: WebhookLimits = {
  patienceMs: runsOut(40),
  waiting: 5,
  waitingBytes: 64 * 1024,
  recentIds: 3,
  closeMs: runsOut(40),
};

const connect = (clientid: string, at = 1760160813688) => ({
  action: 'client_connected',
  clientid,
  connected_at: at,
});
const message = (id: string, payload = '{}') => ({
  event: 'message.publish',
  id,
  clientid: 'gw',
  topic: '/tpedm/gw/output',
  payload,
  qos: 1,
});
const away = () => new TpeError('UNAVAILABLE', 'The database cannot be reached.');

/** A door whose sink does what the test says, and tells of each event that it was offered. */
function open(sink: (event: BrokerEvent) => Promise<void>, limits: Partial<WebhookLimits> = {}) {
  const offered: BrokerEvent[] = [];
  const faults: string[] = [];
  const door = createWebhookReceiver(
    {
      sink: (event) => {
        offered.push(event);
        return sink(event);
      },
      payloads: 'auto',
      onFault: (text) => faults.push(text),
    },
    { ...LIMITS, ...limits },
  );
  return { door, offered, faults };
}

/** A sink that hangs until told to go on. */
function hanging() {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { sink: () => held, release: () => release() };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('intake: the webhook door', () => {
  it('says taken when the event is stored, and not before', async () => {
    const { sink, release } = hanging();
    const { door } = open(sink, { patienceMs: patience(60_000) });
    let isTaken = false;
    const taken = door.take(connect('gw')).then((result) => {
      isTaken = true;
      return result;
    });
    await new Promise(setImmediate);
    expect(isTaken).to.equal(false);
    release();
    expect(await taken).to.deep.equal({ outcome: 'taken', action: 'client_connected' });
    expect(door.counts()).to.include({ taken: 1, waiting: 0, late: 0 });
  });

  it('ignores and counts what concerns nobody, and refuses what is no webhook', async () => {
    const { door, offered, faults } = open(async () => undefined);
    expect(await door.take({ action: 'client_connack' })).to.deep.equal({
      outcome: 'ignored',
      action: 'client_connack',
    });
    const error = await errorOf(door.take({ action: 'client_connected' }));
    expect(error).to.be.instanceOf(TpeError);
    expect(error).to.deep.include({ code: 'INVALID_INPUT', details: { field: 'clientid' } });
    expect(faults).to.deep.equal([error.message]);
    expect(offered).to.be.empty;
    expect(door.counts()).to.deep.include({ ignored: 1, refused: 1, actions: { client_connack: 1 } });
  });

  it('answers within its patience while the database is away, keeps the event, and stores it afterwards', async () => {
    const { sink, release } = hanging();
    const { door } = open(sink);
    const began = Date.now();
    expect(await errorOf(door.take(connect('gw')))).to.include({ code: 'UNAVAILABLE' });
    expect(Date.now() - began).to.be.below(patience(4000));
    expect(door.counts()).to.include({ taken: 0, late: 1, waiting: 1 });
    release();
    await until(() => door.counts().waiting === 0);
    expect(door.counts()).to.include({ taken: 1, late: 1 });
  });

  it('offers an event again that the database could not take, until it can', async () => {
    let tries = 0;
    const { door, offered } = open(async () => {
      tries += 1;
      if (tries < 3) throw tries === 1 ? away() : new TpeError('BUSY', 'full');
    });
    expect(await errorOf(door.take(connect('gw')))).to.include({ code: 'UNAVAILABLE' });
    await until(() => door.counts().taken === 1);
    expect(offered).to.have.length(3);
  });

  it('keeps the order of one gateway, and lets others pass', async () => {
    const { sink, release } = hanging();
    let isHeld = true;
    const { door, offered } = open((event) =>
      isHeld && event.clientid === 'slow' ? sink() : Promise.resolve(),
    );
    const first = door.take(connect('slow', 1760160813000)).catch(() => undefined);
    const second = door.take(connect('slow', 1760160814000)).catch(() => undefined);
    await door.take(connect('quick'));
    expect(offered.map((event) => event.clientid)).to.deep.equal(['slow', 'quick']);
    isHeld = false;
    release();
    await Promise.all([first, second]);
    await until(() => door.counts().taken === 3);
    expect(offered.map((event) => event.clientid)).to.deep.equal(['slow', 'quick', 'slow']);
  });

  it('lets a repeat join what waits, and takes a message that it had without effect', async () => {
    const { sink, release } = hanging();
    const { door, offered } = open(sink);
    const bodies = [
      connect('gw'),
      { action: 'client_disconnected', clientid: 'g2', reason: 'normal', disconnected_at: 1760160904121 },
      message('A1'),
    ];
    for (const body of bodies) {
      expect(await errorOf(door.take(body))).to.include({ code: 'UNAVAILABLE' });
      expect(await errorOf(door.take(body))).to.include({ code: 'UNAVAILABLE' });
    }
    expect(door.counts()).to.include({ waiting: 3, repeated: 3 });
    const joined = door.take(bodies[2]);
    release();
    expect(await joined).to.include({ outcome: 'taken' });
    await until(() => door.counts().taken === 3);
    expect(await door.take(bodies[2])).to.include({ outcome: 'taken' });
    expect(offered.filter((event) => event.type === 'message')).to.have.length(1);
  });

  it('forgets the oldest ids of messages, and takes messages without one each time', async () => {
    const { door, offered } = open(async () => undefined);
    for (const id of ['1', '2', '3', '4', '4', '1']) await door.take(message(id));
    expect(offered).to.have.length(5);
    const plain = { action: 'message_publish', from_client_id: 'gw', topic: '/t', payload: 'x', qos: 0 };
    await door.take(plain);
    await door.take(plain);
    expect(offered).to.have.length(7);
  });

  it('says at once that it is full, by number and by bytes', async () => {
    const { sink, release } = hanging();
    const { door } = open(sink, { patienceMs: patience(60_000) });
    const kept = Array.from({ length: 5 }, (_, index) => door.take(connect(`gw${index}`)));
    const error = await errorOf(door.take(connect('one-more')));
    expect(error).to.include({ code: 'BUSY' });
    expect(door.counts()).to.include({ waiting: 5, refused: 1 });
    release();
    await Promise.all(kept);
    expect(await door.take(connect('one-more'))).to.include({ outcome: 'taken' });

    const other = hanging();
    const bytes = open(other.sink, { patienceMs: patience(60_000) });
    const big = bytes.door.take(message('1', 'x'.repeat(50_000)));
    expect(await errorOf(bytes.door.take(message('2', 'x'.repeat(50_000))))).to.include({ code: 'BUSY' });
    other.release();
    await big;
  });

  it('passes on what no retry can mend, and goes on', async () => {
    const { door, faults } = open(async (event) => {
      if (event.clientid === 'poison') throw new Error('invalid byte sequence');
    });
    expect((await errorOf(door.take(connect('poison')))).message).to.contain('invalid byte sequence');
    expect(faults[0]).to.contain('"poison" is lost: invalid byte sequence');
    expect(await door.take(connect('gw'))).to.include({ outcome: 'taken' });
    expect(door.counts()).to.include({ failed: 1, taken: 1, waiting: 0 });
  });

  it('waits briefly when it closes, gives up then, and takes nothing more', async () => {
    const { door, faults } = open(async () => {
      throw away();
    });
    const late = errorOf(door.take(connect('gw')));
    await door.close();
    expect(await late).to.include({ code: 'UNAVAILABLE' });
    await until(() => door.counts().waiting === 0);
    expect(faults.at(-1)).to.contain('is lost');
    expect(await errorOf(door.take(connect('gw')))).to.include({ code: 'CLOSED' });

    const quiet = open(async () => undefined);
    await quiet.door.close();
    await quiet.door.close();
  });

  it('never throws anything but its own errors and never grows, whatever comes', async () => {
    const { door } = open(async () => undefined, { patienceMs: patience(60_000) });
    const names = fc.oneof(
      fc.constantFrom('client_connected', 'message_publish'),
      fc.string({ maxLength: 200 }),
    );
    const fields = fc.dictionary(
      fc.constantFrom('clientid', 'from_client_id', 'connected_at', 'topic', 'payload', 'qos'),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fields), names, async (value, action) => {
        const body = typeof value === 'object' && value !== null ? { ...value, action } : value;
        try {
          expect((await door.take(body)).outcome).to.be.oneOf(['taken', 'ignored']);
        } catch (error) {
          expect(error).to.be.instanceOf(TpeError);
        }
      }),
    );
    for (let index = 0; index < 2000; index += 1) await door.take({ action: `hostile-${index}` });
    const { actions, waiting } = door.counts();
    expect(Object.keys(actions).length).to.be.at.most(51);
    expect(actions.other).to.be.greaterThan(1000);
    expect(waiting).to.equal(0);
  });
});
