import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Broker, BrokerMessage } from '../../../nodes/manager/broker/broker.js';
import { createCatalogue } from '../../../nodes/manager/catalogue/create-catalogue.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { createSoftwareSources } from '../../../nodes/manager/catalogue/software-sources.js';
import { createBus } from '../../../nodes/manager/cluster/bus.js';
import { createHeartbeat, type Heartbeat } from '../../../nodes/manager/cluster/heartbeat.js';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import { hasEnded } from '../../../nodes/manager/commands/command.js';
import { type CommandEngine, createCommands } from '../../../nodes/manager/commands/create-commands.js';
import { applyClusterMessage } from '../../../nodes/manager/composition/apply-cluster-message.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import type { ManagerEvents } from '../../../nodes/manager/device-manager.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { connected, disconnected } from '../../support/client-events.js';
import { opener } from '../../support/databases.js';
import { OPEN_GUARD } from '../../support/open-guard.js';
import { patience, runsOut } from '../../support/patience.js';

const topics = makeTopics(DEFAULT_TOPICS);

/** The commands of one of several managers; what they publish goes to `published`, by the name of the manager. */
interface Instance {
  name: string;
  database: Database;
  commands: CommandEngine;
  /** Commands that were waited for here and ended elsewhere. */
  endedElsewhere: CommandRecord[];
  heartbeat: Heartbeat;
  close(): Promise<void>;
  /** Ends without a word to the others, as a process does that is killed. */
  die(): Promise<void>;
}

describe('commands: several managers on one database (postgresql)', () => {
  const open = opener('postgresql');
  const instances: Instance[] = [];
  const published: { by: string; clientid: string; requestId: string }[] = [];
  const told = new EventEmitter().setMaxListeners(0);
  /** Those that do not reach the broker. */
  const without = new Set<string>();
  let options: DatabaseOptions;
  let first: Instance;
  let second: Instance;
  let number = 0;

  before(async () => {
    options = await open.options();
  });
  beforeEach(async () => {
    published.length = 0;
    without.clear();
    [first, second] = [await start('first'), await start('second')];
  });
  afterEach(async () => {
    for (const instance of instances.splice(0)) await instance.close();
  });

  async function start(name: string): Promise<Instance> {
    const database = await openDatabase(options);
    const onFault = (text: string) => {
      throw new Error(text);
    };
    const registry = createRegistry(database);
    const endedElsewhere: CommandRecord[] = [];
    const commands = createCommands({
      database,
      broker: brokerOf(name),
      catalogue: TPE_OPERATIONS,
      sources: createSoftwareSources(null, []),
      topics,
      standing: async () => null,
      guard: OPEN_GUARD,
      instance: name,
      timeoutMs: patience(60_000),
      queueForMs: patience(60_000),
      othersCanSend: () => heartbeat.othersReachBroker(),
      onWaiting: () => bus.broadcast('waiting', null, null),
      onRecord(record) {
        if (hasEnded(record.state)) bus.broadcast('command', record.requestId, record.clientid);
      },
      onEndedElsewhere: (record) => void endedElsewhere.push(record),
      onFault,
      onWritten: () => undefined,
    });
    const catalogue = createCatalogue(database);
    const events = new EventEmitter<ManagerEvents>();
    const installations = { changedElsewhere: async () => [] };
    const jobs = { changedElsewhere: async () => undefined };
    const alarms = jobs;
    const updates = { waitForScan: async () => null };
    const users = { reload: async () => undefined };
    const tokens = users;
    const hearing = once(told, `hearing ${name}`);
    const bus = createBus({
      database,
      instance: name,
      onMessage: (news) =>
        void applyClusterMessage(
          {
            database,
            registry,
            catalogue,
            commands,
            guard: OPEN_GUARD,
            jobs,
            onSites: () => undefined,
            alarms,
            installations,
            updates,
            users,
            tokens,
            events,
          },
          news,
        ),
      onGap() {
        void commands.maintain();
        told.emit(`hearing ${name}`);
      },
    });
    const heartbeat = createHeartbeat({
      database,
      instance: name,
      reachesBroker: () => !without.has(name),
      onBeat: async () => undefined,
      onOthers: () => undefined,
      onMissed: () => undefined,
      onFault,
    });
    await heartbeat.start();
    await commands.start();
    await hearing;
    const instance: Instance = {
      name,
      heartbeat,
      database,
      commands,
      endedElsewhere,
      async close() {
        await heartbeat.close();
        await instance.die();
      },
      async die() {
        await commands.close();
        await bus.close();
        await database.close();
        // It ends its timers; without the database it cannot take itself out of the list.
        await heartbeat.close();
      },
    };
    instances.push(instance);
    return instance;
  }

  /** Takes everything, and notes who sent it. */
  function brokerOf(name: string): Broker {
    const publish = async ({ topic, payload }: BrokerMessage) => {
      const { headers } = JSON.parse(payload) as { headers: Record<string, string>[] };
      const requestId = headers.find((header) => 'request-id' in header)!['request-id']!;
      published.push({ by: name, clientid: topic.split('/')[2]!, requestId });
      told.emit('published');
      return { accepted: true as const, noSubscriber: false };
    };
    const canPublish = () => !without.has(name);
    return { knowsPresence: true, publish, canPublish } as Partial<Broker> as Broker;
  }

  async function onlineGateway(): Promise<string> {
    number += 1;
    const clientid = `gw-${number}`;
    await createRegistry(first.database).register({ clientid });
    await applyPresenceEvents(first.database, [connected(clientid, Date.now())], true);
    return clientid;
  }

  /** Tells nobody of it; resolves with the time of the session's begin, ms. */
  async function disconnect(clientid: string): Promise<number> {
    const [{ session_connected_at: session }] = (await first.database.query<{ session_connected_at: number }>(
      'select session_connected_at from tpe_presence where clientid = $1',
      [clientid],
    )) as [{ session_connected_at: number }];
    await applyPresenceEvents(first.database, [disconnected(clientid, session, session + 1)], true);
    return session;
  }

  const request = (clientid: string) => ({ clientid, method: 'GET', path: '/device/general' });
  const answer = (requestId: string, status = 200) => ({
    ok: true as const,
    requestId,
    answer: { status, payload: { data: {} } },
  });

  async function untilPublished(count: number): Promise<void> {
    while (published.length < count) await once(told, 'published');
  }

  it('complete a command whose answer another one takes in', async () => {
    const clientid = await onlineGateway();
    const sent = first.commands.send(request(clientid));
    await untilPublished(1);
    const taken = await second.commands.takeAnswer(clientid, answer(published[0]!.requestId), Date.now());
    expect(taken).to.deep.include({ duplicate: false });
    expect(taken.command?.instance).to.equal('first');
    expect((await sent).state).to.equal('SUCCEEDED');
    expect(first.endedElsewhere.map(({ requestId }) => requestId)).to.deep.equal([published[0]!.requestId]);
    expect(second.endedElsewhere).to.deep.equal([]);
  });

  it('hide the secrets of an answer that another one takes in, by what is marked where it was asked', async () => {
    const clientid = await onlineGateway();
    const sent = first.commands.send({ clientid, method: 'GET', path: '/openvpn' });
    await untilPublished(1);
    const payload = { data: { profile: 'geheim', status: true }, text: 'password=geheim' };
    const { requestId } = published[0]!;
    const taken = { ...answer(requestId), answer: { status: 200, payload } };
    await second.commands.takeAnswer(clientid, taken, Date.now());
    expect((await sent).answer?.payload).to.deep.equal({
      data: { profile: '[redacted]', status: true },
      text: 'password=[redacted]',
    });
  });

  it('let everyone wait for a command, wherever it was asked for', async () => {
    const clientid = await onlineGateway();
    const { requestId } = await first.commands.submit(request(clientid));
    const waited = second.commands.waitFor(requestId, patience(60_000));
    await untilPublished(1);
    await first.commands.takeAnswer(clientid, answer(requestId), Date.now());
    expect((await waited)?.state).to.equal('SUCCEEDED');
  });

  it('have one command in flight to a gateway, and send the next when it is free', async () => {
    const clientid = await onlineGateway();
    const one = first.commands.send(request(clientid));
    await untilPublished(1);
    const other = second.commands.send(request(clientid));
    const third = first.commands.send(request(clientid));
    await first.commands.takeAnswer(clientid, answer(published[0]!.requestId), Date.now());
    expect((await one).state).to.equal('SUCCEEDED');
    await untilPublished(2);
    await first.commands.takeAnswer(clientid, answer(published[1]!.requestId), Date.now());
    await untilPublished(3);
    await second.commands.takeAnswer(clientid, answer(published[2]!.requestId), Date.now());
    expect([(await other).state, (await third).state]).to.deep.equal(['SUCCEEDED', 'SUCCEEDED']);
    expect(new Set(published.map(({ by }) => by))).to.deep.equal(new Set(['first', 'second']));
  });

  it("send the next of one's own when the answer to another's command is taken in here", async () => {
    const clientid = await onlineGateway();
    await first.commands.submit(request(clientid));
    await untilPublished(1);
    const waiting = second.commands.send(request(clientid));
    while ((await second.commands.list({ clientid })).length < 2) await new Promise(setImmediate);
    await second.commands.takeAnswer(clientid, answer(published[0]!.requestId), Date.now());
    await untilPublished(2);
    await second.commands.takeAnswer(clientid, answer(published[1]!.requestId), Date.now());
    expect((await waiting).state).to.equal('SUCCEEDED');
  });

  it('refuse after a restart what waited behind one in flight, when its gateway has gone, in whatever order they came', async () => {
    const clientid = await onlineGateway();
    const flying = await first.commands.submit({ ...request(clientid), timeoutMs: runsOut(5000) });
    const waiting = [];
    for (let count = 0; count < 3; count += 1) waiting.push(await first.commands.submit(request(clientid)));
    const ids = [flying, ...waiting].map(({ requestId }) => Number(requestId));
    // Ids are given before commands are recorded, so that a younger one may be in flight.
    const older = ids[0]! - 1000;
    await first.database.execute(`update tpe_command set request_id = ${older} where request_id = ${ids[1]}`);
    await disconnect(clientid);
    await instances.shift()!.close();
    const again = await start('first');
    for (const requestId of [older, ...ids.slice(2)]) {
      const ended = await again.commands.waitFor(String(requestId), patience(60_000));
      expect(ended, String(requestId)).to.deep.include({ state: 'REJECTED', reasonCode: 'OFFLINE' });
    }
    expect((await again.commands.get(flying.requestId))?.state).to.equal('TIMED_OUT');
  });

  it('refuse what does not wait for a gateway that has gone, though nothing told them of it', async () => {
    const clientid = await onlineGateway();
    await second.commands.submit(request(clientid));
    const { requestId } = await first.commands.submit(request(clientid));
    await disconnect(clientid);
    await first.database.execute(`delete from tpe_command where state = 'SENT'`);
    await first.commands.maintain();
    const ended = await first.commands.waitFor(requestId, patience(60_000));
    expect(ended).to.deep.include({ state: 'REJECTED', reasonCode: 'OFFLINE' });
  });

  it('never send two at once, however close they come', async () => {
    const clientids = await Promise.all(Array.from({ length: 30 }, () => onlineGateway()));
    const records = await Promise.all(
      clientids.flatMap((clientid) => [
        first.commands.submit(request(clientid)),
        second.commands.submit(request(clientid)),
      ]),
    );
    for (const clientid of clientids) {
      const states = records.filter((record) => record.clientid === clientid).map(({ state }) => state);
      expect(states.toSorted(), clientid).to.deep.equal(['QUEUED', 'SENT']);
    }
    await untilPublished(30);
    expect(new Set(published.map(({ clientid }) => clientid)).size).to.equal(30);
  });

  it('attribute an answer to a refused header to the command in flight of another one', async () => {
    const clientid = await onlineGateway();
    const sent = first.commands.send(request(clientid));
    await untilPublished(1);
    await second.commands.takeAnswer(clientid, answer('-1', 400), Date.now());
    const record = await sent;
    expect(record.state).to.equal('FAILED');
    expect(record.reason).to.match(/clock/);
  });

  it('send what waits when the connect comes in at another one', async () => {
    const clientid = await onlineGateway();
    const session = await disconnect(clientid);
    const { state } = await first.commands.submit({ ...request(clientid), whenOffline: 'queue' });
    expect(state).to.equal('QUEUED');
    await applyPresenceEvents(second.database, [connected(clientid, session + 5000)], true);
    // As the manager does that wrote it.
    await second.database.query("select pg_notify('tpedm', $1)", [
      JSON.stringify({ from: 'second', kind: 'presence', items: [[clientid, null]] }),
    ]);
    await untilPublished(1);
    expect(published[0]).to.include({ by: 'first', clientid });
  });

  it('tell who waits when another one cancels', async () => {
    const clientid = await onlineGateway();
    await first.commands.submit(request(clientid));
    const { requestId, state } = await first.commands.submit(request(clientid));
    expect(state).to.equal('QUEUED');
    const waiting = first.commands.waitFor(requestId, patience(60_000));
    await second.commands.cancel(requestId, 'Ada');
    expect(await waiting).to.include({ state: 'CANCELED', reason: 'Canceled by Ada.' });
  });

  it('go on with what one left that died', async () => {
    const third = await start('third');
    const [busy, free] = [await onlineGateway(), await onlineGateway()];
    const sent = await third.commands.submit({ ...request(busy), timeoutMs: runsOut(1000) });
    const queued = await third.commands.submit({ ...request(busy), whenOffline: 'queue' });
    await third.commands.submit({ ...request(free), timeoutMs: patience(60_000) });
    await instances.pop()!.die();
    await first.commands.maintain();
    expect((await first.commands.get(queued.requestId))?.instance, 'not dead yet').to.equal('third');

    await first.database.query(
      "update tpe_instance set seen_at = now() - interval '2 minutes' where instance = 'third'",
    );
    const ended = second.commands.waitFor(sent.requestId, patience(60_000));
    await Promise.all([first.commands.maintain(), second.commands.maintain()]);
    expect(await ended).to.include({ state: 'TIMED_OUT' });
    await untilPublished(3);
    expect(published.map(({ requestId }) => requestId)).to.include(queued.requestId);
    await second.commands.takeAnswer(busy, answer(queued.requestId), Date.now());
    const other = (await first.commands.list({ clientid: free }))[0]!;
    expect(other.instance).to.be.oneOf(['first', 'second']);
    await first.commands.takeAnswer(free, answer(other.requestId), Date.now());
    expect((await first.commands.get(other.requestId))?.state).to.equal('SUCCEEDED');
  });

  it('go on at once with what one left that was closed', async () => {
    const third = await start('third');
    const busy = await onlineGateway();
    await third.commands.submit({ ...request(busy), timeoutMs: patience(60_000) });
    const queued = await third.commands.submit({ ...request(busy), whenOffline: 'queue' });
    await instances.pop()!.close();
    await first.commands.maintain();
    expect((await first.commands.get(queued.requestId))?.instance).to.equal('first');
  });

  it('send for one that lives, but has lost the broker, and leave it what is sent already', async () => {
    const [clientid, other] = [await onlineGateway(), await onlineGateway()];
    const before = await first.commands.submit(request(other));
    await untilPublished(1);
    // It has seen the second one, which reaches the broker.
    await first.heartbeat.now();
    without.add('first');
    await first.heartbeat.now();
    const sent = first.commands.send(request(clientid));
    await untilPublished(2);
    expect(published[1]).to.include({ by: 'second', clientid });
    await second.commands.takeAnswer(clientid, answer(published[1]!.requestId), Date.now());
    expect((await sent).state, 'told to who asked').to.equal('SUCCEEDED');
    expect(await first.commands.get(before.requestId)).to.include({ state: 'SENT', instance: 'first' });

    // Where nobody else reaches it either, who wants it now is told so, and what may wait waits.
    without.add('second');
    await second.heartbeat.now();
    await first.heartbeat.now();
    const queued = await first.commands.submit({ ...request(clientid), whenOffline: 'queue' });
    expect(queued.state).to.equal('QUEUED');
    without.clear();
    await first.commands.brokerBack();
    await untilPublished(3);
    // By whichever was quicker, but once.
    expect(published[2]).to.include({ requestId: queued.requestId });
  });

  it('miss nothing of what was told while a connection was lost', async () => {
    const clientid = await onlineGateway();
    const sent = first.commands.send(request(clientid));
    await untilPublished(1);
    const deaf = once(told, 'hearing first');
    await second.database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and pid <> pg_backend_pid()",
    );
    await second.commands.takeAnswer(clientid, answer(published[0]!.requestId), Date.now());
    await deaf;
    expect((await sent).state).to.equal('SUCCEEDED');
  });
});
