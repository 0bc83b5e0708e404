import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { migrate } from '../../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../../nodes/manager/database/open-database.js';
import { lockFolder } from '../../../nodes/manager/database/pglite/folder-lock.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import { opener } from '../../support/databases.js';
import { errorOf } from '../../support/errors.js';
import type { HoldFolderMessage } from '../../support/hold-folder.js';
import { patience } from '../../support/patience.js';

describe('database: the folder of the embedded one', () => {
  const open = opener('pglite');
  const children: ChildProcess[] = [];
  let folder: string;

  before(async () => {
    const options = await open.options();
    if (options.kind === 'embedded') folder = options.folder;
  });
  after(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  function start(): ChildProcess {
    const child = fork(join(__dirname, '../../support/hold-folder.js'), [folder], { stdio: 'inherit' });
    children.push(child);
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async function next(child: ChildProcess): Promise<HoldFolderMessage> {
    const [message] = await once(child, 'message');
    return message as HoldFolderMessage;
  }

  it('is refused to a second process, and free again after kill -9', async () => {
    const holder = start();
    expect(await next(holder)).to.deep.equal({ type: 'open' });
    const error = await errorOf(openDatabase({ kind: 'embedded', folder }));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'CONFLICT');
    expect(error.message).to.include(folder).and.to.include(`process ${holder.pid}`);
    await kill(holder);
    const database = await openDatabase({ kind: 'embedded', folder });
    expect(await createRegistry(database).get('acknowledged')).to.have.property('clientid', 'acknowledged');
    await database.close();
  });

  it('has all or nothing of an import that kill -9 ended, and all that was acknowledged before', async () => {
    await createRegistryIn(folder, (registry) => registry.retire('acknowledged'));
    const importer = start();
    expect(await next(importer)).to.deep.equal({ type: 'open' });
    importer.send('import');
    expect(await next(importer)).to.deep.equal({ type: 'importing' });
    const log = join(folder, 'pgdata/pg_wal');
    await changeOf(log);
    await kill(importer);
    const counts = await createRegistryIn(folder, (registry) => registry.counts());
    expect(counts.total).to.be.oneOf([1, 10_001]);
    const credentials = await createRegistryIn(folder, async (registry, database) => {
      expect(await registry.get('acknowledged')).to.not.equal(null);
      return await database.query<{ count: number }>('select count(*) as count from mqtt_user');
    });
    expect(credentials).to.deep.equal([{ count: counts.total }]);
  });

  /** Resolves with the first write to a file of the folder. */
  async function changeOf(path: string): Promise<void> {
    const state = () =>
      readdirSync(path)
        .map((name) => statSync(join(path, name)).mtimeMs)
        .join();
    const before = state();
    const end = Date.now() + patience(60_000);
    while (state() === before) {
      if (Date.now() > end) throw new Error('nothing was written');
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('cannot be opened twice in one process either', async () => {
    const database = await openDatabase({ kind: 'embedded', folder });
    const error = await errorOf(openDatabase({ kind: 'embedded', folder }));
    expect(error.message).to.match(/in use by this process already/);
    await database.close();
    expect(existsSync(join(folder, 'tpedm.lock'))).to.equal(false);
    await (await openDatabase({ kind: 'embedded', folder })).close();
  });

  it('says which folder cannot be written', async () => {
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    const error = await errorOf(openDatabase({ kind: 'embedded', folder: join(file, 'data') }));
    expect(error).to.be.instanceOf(TpeError).with.property('code', 'INVALID_INPUT');
    expect(error.message)
      .to.include(join(file, 'data'))
      .and.to.match(/ENOTDIR/);
  });

  it('does not only grow, although PGlite has nobody who cleans up', async () => {
    await createRegistryIn(folder, async (_, database) => {
      await database.execute('create table busy (id integer primary key, round integer)');
      await database.execute('create index on busy (round)');
      await database.execute('insert into busy select id, 0 from generate_series(1, 1000) id');
      for (let round = 1; round <= 400; round += 1)
        await database.query('update busy set round = $1', [round]);
      const [sizes] = await database.query<{ table: number; log: number }>(
        `select pg_total_relation_size('busy') / 1e6::float8 as table,
          (select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) / 1e6::float8 from pg_control_checkpoint()) as log`,
      );
      // With nobody who cleans up: 17 MB and 110 MB.
      expect(sizes!.table).to.be.lessThan(10);
      expect(sizes!.log).to.be.lessThan(90);
    });
  });
});

describe('database: the first start in a folder', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tpedm-first-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts a process that makes the database, and kills it with -9 while it does; resolves with whether it was in time. */
  async function killWhileMaking(): Promise<boolean> {
    const child = fork(join(__dirname, '../../support/hold-folder.js'), [folder], { stdio: 'inherit' });
    const ended = once(child, 'exit');
    const deadline = Date.now() + patience(60_000);
    const isThere = (name: string) => existsSync(join(folder, name));
    while (!isThere('pgdata.new') && !isThere('pgdata') && Date.now() < deadline) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    child.kill('SIGKILL');
    await ended;
    return isThere('pgdata.new');
  }

  it('begins anew after kill -9 in its middle', async () => {
    let attempts = 0;
    while (!(await killWhileMaking())) {
      attempts += 1;
      expect(attempts).to.be.below(20);
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    }
    expect(existsSync(join(folder, 'pgdata'))).to.equal(false);
    await createRegistryIn(folder, async (registry, database) => {
      await migrate(database, { info: () => undefined });
      await registry.register({ clientid: 'after' });
      expect(await registry.get('after')).to.have.property('clientid', 'after');
    });
    expect(readdirSync(folder)).to.deep.equal(['pgdata']);
  });

  it('makes files that nobody else can read', async () => {
    await (await openDatabase({ kind: 'embedded', folder })).close();
    const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
    expect(paths).to.have.length.above(500);
    expect(paths.filter((path) => (statSync(path).mode & 0o077) !== 0)).to.deep.equal([]);
  });
});

describe('database: the lock of a folder', () => {
  let folder: string;
  const lock = () => join(folder, 'tpedm.lock');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tpedm-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function holder(): Promise<Record<string, unknown>> {
    const unlock = await lockFolder(folder);
    const content = JSON.parse(readFileSync(lock(), 'utf8'));
    unlock();
    return content;
  }

  it('is stale when its pid belongs to another process by now', async () => {
    const content = await holder();
    writeFileSync(lock(), JSON.stringify({ ...content, pid: 1 }));
    (await lockFolder(folder))();
    writeFileSync(lock(), JSON.stringify({ ...content, started: '1' }));
    (await lockFolder(folder))();
    expect(existsSync(lock())).to.equal(false);
  });

  it('is stale when the machine was started again', async () => {
    const content = await holder();
    writeFileSync(lock(), JSON.stringify({ ...content, boot: 'an earlier one' }));
    (await lockFolder(folder))();
  });

  it('of another container is respected while it gives a sign of life, and no longer', async () => {
    const content = await holder();
    writeFileSync(lock(), JSON.stringify({ ...content, namespace: 'pid:[1]', host: 'other' }));
    const sign = setInterval(() => utimesSync(lock(), new Date(), new Date()), 50);
    const error = await errorOf(lockFolder(folder, 5000));
    clearInterval(sign);
    expect(error.message).to.include('on other');
    (await lockFolder(folder, 300))();
  });

  it('is taken by one of many that find it stale', async () => {
    const content = await holder();
    writeFileSync(lock(), JSON.stringify({ ...content, started: '1' }));
    const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)));
    const taken = attempts.filter((attempt) => attempt.status === 'fulfilled');
    expect(taken).to.have.length(1);
    taken[0]!.value();
  });
});

async function createRegistryIn<T>(
  folder: string,
  work: (
    registry: ReturnType<typeof createRegistry>,
    database: Awaited<ReturnType<typeof openDatabase>>,
  ) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ kind: 'embedded', folder });
  try {
    return await work(createRegistry(database), database);
  } finally {
    await database.close();
  }
}
