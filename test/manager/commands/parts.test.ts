import { mock } from 'node:test';
import { expect } from 'chai';
import { createAdvanceQueue } from '../../../nodes/manager/commands/advance-queue.js';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import type { CommandEnd, Obstacle } from '../../../nodes/manager/commands/command-store.js';
import { createDeadlines } from '../../../nodes/manager/commands/deadlines.js';
import {
  createGatewayQueues,
  dropWaiting,
  waitingOf,
} from '../../../nodes/manager/commands/gateway-queue.js';
import { patience } from '../../support/patience.js';

const RECORD: CommandRecord = {
  requestId: '7',
  clientid: 'gw-1',
  operation: null,
  method: 'GET',
  path: '/device/general',
  requestBody: {},
  state: 'QUEUED',
  reason: null,
  cause: null,
  reasonCode: null,
  whenOffline: 'queue',
  whenGuarded: 'fail',
  timeoutMs: patience(1000),
  requestedBy: 'test',
  instance: 'here',
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T00:00:01.000Z',
  sentAt: null,
  endedAt: null,
  latencyMs: null,
  answer: null,
  faults: [],
  risk: null,
  classes: [],
  job: null,
};

const READ: CommandRecord = { ...RECORD, risk: 'read' };

describe('commands: the queue of a gateway', () => {
  it('is one for each gateway, and forgotten when nothing is left in it', () => {
    const queues = createGatewayQueues();
    const queue = queues.of('gw-1');
    expect(queues.of('gw-1')).to.equal(queue);
    queue.waiting.push(waitingOf(RECORD));
    queues.tidy(queue);
    expect(queues.find('gw-1')).to.equal(queue);
    dropWaiting(queue, '7');
    queues.tidy(queue);
    expect(queues.find('gw-1')).to.equal(undefined);
  });

  it('is freed by the command in flight alone', () => {
    const queues = createGatewayQueues();
    const queue = queues.of('gw-1');
    queue.inFlight = '7';
    queues.free('gw-1', '8');
    expect(queue.inFlight).to.equal('7');
    queues.free('gw-1', '7');
    expect(queue.inFlight).to.equal(null);
  });
});

describe('commands: deadlines', () => {
  it('end what waited too long, and keep one deadline for each command', async () => {
    const ends: CommandEnd[] = [];
    let isOver = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    const deadlines = createDeadlines((_clientid, ending) => {
      ends.push(ending);
      isOver();
    });
    deadlines.expire(RECORD, null);
    deadlines.timeOut({ ...RECORD, state: 'SENT' }, 1, null);
    await over;
    expect(ends.map(({ requestId, from, to }) => [requestId, from, to])).to.deep.equal([
      ['7', 'SENT', 'TIMED_OUT'],
    ]);
    expect(ends[0]!.reason).to.deep.equal(commandReason('no-answer', { seconds: 1 }));
  });

  it('are tried again where the end could not be written, and only there', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const ends: CommandEnd[] = [];
      const deadlines = createDeadlines((_clientid, ending) => ends.push(ending));
      deadlines.timeOut(RECORD, 1000, null);
      deadlines.retry('7');
      mock.timers.tick(1000);
      expect(ends, 'its deadline').to.have.length(1);
      mock.timers.tick(60_000);
      expect(ends, 'nothing failed').to.have.length(1);
      deadlines.retry('7');
      mock.timers.tick(60_000);
      expect(ends, 'the write had failed').to.have.length(2);
      expect(ends[1]).to.deep.equal(ends[0]);
      deadlines.retry('7');
      deadlines.clear('7');
      mock.timers.tick(60_000);
      expect(ends, 'it has ended').to.have.length(2);
    } finally {
      mock.timers.reset();
    }
  });

  it('end nothing that was cleared, and know nothing of it any more', async () => {
    const ends: CommandEnd[] = [];
    const deadlines = createDeadlines((_clientid, ending) => ends.push(ending));
    const redaction = { names: new Set<string>(), values: ['secret'] };
    deadlines.timeOut(RECORD, 1, redaction);
    expect([...deadlines.requestIds()]).to.deep.equal(['7']);
    expect(deadlines.clear('7')?.redaction).to.equal(redaction);
    expect(deadlines.has('7')).to.equal(false);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(ends).to.deep.equal([]);
  });
});

describe('commands: moving a queue on', () => {
  function rig(claims: boolean, obstacle: Obstacle | null = null) {
    const queues = createGatewayQueues();
    const queue = queues.of('gw-1');
    queue.waiting.push(
      waitingOf({ ...READ, requestId: '7', whenOffline: 'fail' }),
      waitingOf({ ...READ, requestId: '8', whenOffline: 'queue' }),
    );
    const sent: string[] = [];
    const ended: string[] = [];
    const advance = createAdvanceQueue({
      broker: { canPublish: () => true },
      store: {
        claim: async (requestId) =>
          claims
            ? {
                record: { ...RECORD, requestId, state: 'SENT' },
                request: { method: 'GET', path: '/a', requestBody: {} },
              }
            : null,
        standing: async () => ({ record: RECORD, obstacle, stopped: null }),
      },
      slots: { take: async () => null, giveBack: async () => undefined },
      hold: () => undefined,
      looks: () => 0,
      queues,
      deadlines: { get: () => undefined },
      endings: {
        async end(_clientid, { requestId, code }) {
          ended.push(`${requestId} ${code}`);
          return null;
        },
      },
      send: async ({ requestId }) => void sent.push(requestId),
      instance: 'here',
      isClosed: () => false,
      onRecord: () => undefined,
    });
    return { queue, advance, sent, ended };
  }

  it('sends the first that waits, and no other while it is in flight', async () => {
    const { queue, advance, sent } = rig(true);
    await advance(queue);
    await advance(queue);
    expect(sent).to.deep.equal(['7']);
    expect(queue).to.deep.include({ inFlight: '7', lookAgain: true });
    expect(queue.waiting.map(({ requestId }) => requestId)).to.deep.equal(['8']);
  });

  it('ends what does not wait for a gateway that is offline, and leaves the others', async () => {
    const { queue, advance, sent, ended } = rig(false, 'offline');
    await advance(queue);
    expect(sent).to.deep.equal([]);
    expect(ended).to.deep.equal(['7 OFFLINE']);
    expect(queue.inFlight).to.equal(null);
  });

  it('leaves all where the gateway is busy with a command of another manager', async () => {
    const { queue, advance, sent, ended } = rig(false, 'busy');
    await advance(queue);
    expect([...sent, ...ended]).to.deep.equal([]);
    expect(queue.waiting).to.have.length(2);
  });
});
