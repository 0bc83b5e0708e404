import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import type { Broker } from '../../../nodes/manager/broker/broker.js';
import { TPE_OPERATIONS } from '../../../nodes/manager/catalogue/operation-set.js';
import { createSoftwareSources } from '../../../nodes/manager/catalogue/software-sources.js';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import { type CommandEngine, createCommands } from '../../../nodes/manager/commands/create-commands.js';
import type { Database, Row } from '../../../nodes/manager/database/database.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { applyPresenceEvents } from '../../../nodes/manager/presence/apply-events.js';
import { DEFAULT_TOPICS, makeTopics } from '../../../nodes/manager/protocol/topics.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { connected } from '../../support/client-events.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import { OPEN_GUARD } from '../../support/open-guard.js';
import { patience, runsOut } from '../../support/patience.js';

describe('commands: the database goes away with a commit', () => {
  const open = opener('postgresql');
  const told = new EventEmitter();
  let database: LosingDatabase;
  let commands: CommandEngine;

  before(async () => {
    database = losing(await openDatabase(await open.options()));
    commands = createCommands({
      database,
      broker: listening(told),
      catalogue: TPE_OPERATIONS,
      sources: createSoftwareSources(null, []),
      topics: makeTopics(DEFAULT_TOPICS),
      standing: async () => null,
      guard: OPEN_GUARD,
      instance: 'test',
      timeoutMs: patience(60_000),
      queueForMs: patience(60_000),
      othersCanSend: () => false,
      onWaiting: () => undefined,
      onRecord: (record) => told.emit(record.state, record),
      onEndedElsewhere: () => undefined,
      onWritten: () => undefined,
      onFault(text) {
        throw new Error(text);
      },
    });
    await commands.start();
    await createRegistry(database).register({ clientid: 'gateway' });
    await applyPresenceEvents(database, [connected('gateway', Date.now())], true);
  });
  after(async () => {
    await commands.close();
    await database.close();
  });

  const request = { clientid: 'gateway', path: '/device/time', method: 'GET' as const };

  it('withdraws a new command when the database is back, so that the gateway is free for the next one', async () => {
    database.loseWith(/insert into tpe_command/);
    expect(await errorOf(commands.submit(request))).to.have.property('code', 'UNAVAILABLE');

    const withdrawn = once(told, 'REJECTED') as Promise<[CommandRecord]>;
    database.comeBack();
    const [record] = await withdrawn;
    expect(record).to.include({ state: 'REJECTED', reasonCode: 'UNAVAILABLE', path: '/device/time' });
    expect(await commands.waitFor(record.requestId, patience(60_000))).to.include({ state: 'REJECTED' });

    const published = once(told, 'published');
    const { requestId, state } = await commands.submit(request);
    expect(state).to.equal('SENT');
    await published;
    await answer(requestId);
  });

  it('refuses one that was to be sent next when the database is back, and sends the one behind it', async () => {
    const flying = await commands.submit(request);
    const lost = await commands.submit(request);
    const behind = await commands.submit(request);
    expect([lost.state, behind.state]).to.deep.equal(['QUEUED', 'QUEUED']);
    database.loseWith(/set state = 'SENT'/);
    const published = once(told, 'published');
    await answer(flying.requestId);
    await database.lost();
    database.comeBack();
    const refused = await commands.waitFor(lost.requestId, patience(60_000));
    expect(refused).to.include({ state: 'REJECTED', reasonCode: 'UNAVAILABLE' });
    await published;
    await answer(behind.requestId);
    expect(await commands.get(behind.requestId)).to.include({ state: 'SUCCEEDED' });
  });

  it('tells a late answer once, also when what was written with it could not be read behind', async () => {
    const { requestId: answered } = await commands.submit(request);
    await answer(answered);
    const timedOut = once(told, 'TIMED_OUT') as Promise<[CommandRecord]>;
    await commands.submit({ ...request, timeoutMs: runsOut(1000) });
    const [{ requestId: late }] = await timedOut;
    database.loseWith(/^select .* from tpe_command command where request_id = any/s);
    const taken = Promise.all([answer(answered), answer(late)]);
    await database.lost();
    database.comeBack();
    const [again, first] = await taken;
    expect(again).to.include({ duplicate: true });
    expect(first).to.include({ duplicate: false });
    expect(await commands.get(late)).to.include({ state: 'SUCCEEDED' });
  });

  function answer(requestId: string) {
    const parsed = { ok: true as const, requestId, answer: { status: 200, payload: { data: {} } } };
    return commands.takeAnswer('gateway', parsed, Date.now());
  }
});

interface LosingDatabase extends Database {
  /** The next such statement is carried out, but nobody hears of it, and nothing is heard from then on. */
  loseWith(sql: RegExp): void;
  /** Resolves when that has happened. */
  lost(): Promise<void>;
  comeBack(): void;
}

function losing(real: Database): LosingDatabase {
  let losesWith: RegExp | null = null;
  let isAway = false;
  const news = new EventEmitter();
  const gone = (code: string) => Object.assign(new Error('the connection was lost'), { code });
  async function query<R extends Row = Row>(sql: string, parameters?: readonly unknown[]) {
    if (isAway) throw gone('ECONNREFUSED');
    const rows = await real.query<R>(sql, parameters);
    if (losesWith?.test(sql) !== true) return rows;
    isAway = true;
    news.emit('lost');
    throw gone('ECONNRESET');
  }
  return {
    kind: real.kind,
    listen: real.listen,
    query,
    queryKept: query,
    queryBatch: (_items, sql, parameters) => query(sql, parameters),
    execute: (script) => real.execute(script),
    transaction: (work) => real.transaction(work),
    close: () => real.close(),
    loseWith(sql) {
      losesWith = sql;
    },
    async lost() {
      if (!isAway) await once(news, 'lost');
    },
    comeBack() {
      losesWith = null;
      isAway = false;
    },
  };
}

/** A broker on which the gateway listens. */
function listening(told: EventEmitter): Broker {
  return {
    knowsPresence: true,
    canPublish: () => true,
    async publish() {
      told.emit('published');
      return { accepted: true as const, noSubscriber: false };
    },
  } as Partial<Broker> as Broker;
}
