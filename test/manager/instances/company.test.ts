import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { type Cluster, joinCluster } from '../../../nodes/manager/cluster/cluster.js';
import { createCompany } from '../../../nodes/manager/cluster/company.js';
import type { ClusterMessage } from '../../../nodes/manager/cluster/messages.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import { opener } from '../../support/databases.js';

describe('instances: news of commands (postgresql)', () => {
  const open = opener('postgresql');
  const closing: (() => Promise<void>)[] = [];
  let options: DatabaseOptions;

  before(async () => {
    options = await open.options();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function openOne(): Promise<Database> {
    const database = await openDatabase(options);
    closing.push(() => database.close());
    await migrate(database, { info: () => undefined });
    return database;
  }

  /** A manager that is only a member; what it hears is emitted by kind. */
  async function join(instance: string): Promise<{ cluster: Cluster; heard: EventEmitter }> {
    const heard = new EventEmitter();
    const cluster = joinCluster({
      database: await openOne(),
      instance,
      onMessage: async ({ kind, items }) => void heard.emit(kind, items),
      maintain: async () => void heard.emit('look'),
      reachesBroker: () => true,
      onFault(text) {
        throw new Error(text);
      },
    });
    closing.push(() => cluster.close());
    const listens = once(heard, 'look');
    await cluster.start();
    await listens;
    return { cluster, heard };
  }

  /** Hears what all say, without being a manager. */
  async function listen(): Promise<{ said: string[]; until(text: string, times: number): Promise<void> }> {
    const said: string[] = [];
    const news = new EventEmitter();
    const database = await openOne();
    const begun = once(news, 'listening');
    const listening = database.listen!('tpedm', {
      onNotification(text) {
        const { from, kind } = JSON.parse(text) as ClusterMessage & { from: string };
        said.push(`${from}: ${kind}`);
        news.emit('said');
      },
      onListening: () => void news.emit('listening'),
    });
    closing.push(() => listening.close());
    await begun;
    return {
      said,
      async until(text, times) {
        while (said.filter((one) => one === text).length < times) await once(news, 'said');
      },
    };
  }

  it('goes out once another manager is there, who first is told to look', async () => {
    const { said, until } = await listen();
    const one = await join('one');
    one.cluster.broadcast('command', '1', 'gw-1');
    one.cluster.broadcast('device', 'gw-1', 'updated');
    await until('one: device', 1);
    expect(said).to.deep.equal(['one: waiting', 'one: device']);

    const two = await join('two');
    await until('one: waiting', 2);
    const ended = once(two.heard, 'command');
    one.cluster.broadcast('command', '2', 'gw-1');
    expect(await ended).to.deep.equal([[['2', 'gw-1']]]);
  });

  it('goes out to one that has been alive before, from the start', async () => {
    await join('one');
    const two = await join('two');
    const three = await join('three');
    const ended = [once(two.heard, 'command'), once(three.heard, 'command')];
    three.cluster.broadcast('command', '3', 'gw-1');
    two.cluster.broadcast('command', '4', 'gw-1');
    expect(await Promise.all(ended)).to.deep.equal([[[['3', 'gw-1']]], [[['4', 'gw-1']]]]);
  });
});

describe('instances: company', () => {
  let now: number;
  let found: number;
  const begin = () =>
    createCompany(
      () => {
        found += 1;
      },
      () => now,
    );

  beforeEach(() => {
    now = 0;
    found = 0;
  });

  it('is there until it is known that nobody is', () => {
    const company = begin();
    expect(company.isAlone()).to.equal(false);
    company.counted(0);
    expect([company.isAlone(), found]).to.deep.equal([true, 0]);
  });

  it('is found once, by the database or by its voice', () => {
    for (const show of [
      (of: ReturnType<typeof begin>) => of.counted(1),
      (of: ReturnType<typeof begin>) => of.heard(),
    ]) {
      found = 0;
      const company = begin();
      company.counted(0);
      show(company);
      show(company);
      expect([company.isAlone(), found]).to.deep.equal([false, 1]);
    }
  });

  it('may be there after a time in which it could not be heard, until it is known that nobody is', () => {
    const company = begin();
    company.unsure();
    expect(found).to.equal(0);
    company.counted(0);
    company.unsure();
    company.unsure();
    expect([company.isAlone(), found]).to.deep.equal([false, 1]);
    company.counted(0);
    expect(company.isAlone()).to.equal(true);
  });

  it('stays for 90 s after it was heard, though its heartbeat is missing', () => {
    const company = begin();
    company.heard();
    now = 90_000;
    company.counted(0);
    expect(company.isAlone()).to.equal(false);
    now = 90_001;
    company.counted(0);
    expect(company.isAlone()).to.equal(true);
  });
});
