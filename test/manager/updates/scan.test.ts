import { expect } from 'chai';
import { packageUrlRule } from '../../../nodes/manager/catalogue/package-url.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import { createRegistry } from '../../../nodes/manager/registry/create-registry.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import type { SoftwareRepository } from '../../../nodes/manager/updates/repository/repository.js';
import { createUpdates, type UpdatesEngine } from '../../../nodes/manager/updates/scan/scanner.js';
import type { DeviceUpdate, ScanProgress } from '../../../nodes/manager/updates/scan/updates.js';
import type { SoftwarePackage } from '../../../nodes/manager/updates/software-package.js';
import { eachDatabase } from '../../support/databases.js';

const PACKAGE: SoftwarePackage = {
  category: 'tpe',
  packageName: '<img src=x onerror=alert(1)>',
  displayName: null,
  version: '2.3.0-3571',
  minFirmwareVersion: null,
  size: 5,
  yamlUrl: 'https://tpe2.thingspro.io/p.yaml',
};

eachDatabase('scanning for updates', (open) => {
  let database: Database;
  const engines: UpdatesEngine[] = [];
  const asked: string[] = [];
  let answer: SoftwareRepository['packages'];

  beforeEach(async () => {
    database = await open();
    asked.length = 0;
    answer = async (category) => ({ packages: category === 'tpe' ? [PACKAGE] : [], faults: [] });
  });
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
    await database.close();
  });

  function engine(instance = 'one', hasRepository = true) {
    const told: ScanProgress[] = [];
    const found: DeviceUpdate[] = [];
    const faults: string[] = [];
    const updates = createUpdates({
      database,
      registry: createRegistry(database),
      openRepository: () =>
        hasRepository
          ? {
              place: 'test',
              packages(category, model, signal) {
                asked.push(`${category} ${model}`);
                return answer(category, model, signal);
              },
              close: () => undefined,
            }
          : null,
      packageUrl: packageUrlRule(null, []),
      instance,
      onScan: (progress) => told.push(progress),
      onUpdate: (update) => found.push(update),
      onFault: (text) => faults.push(text),
    });
    engines.push(updates);
    return { updates, told, found, faults };
  }

  /** Gateways `gw-00001` and so on; each of the models in turn. */
  async function fleet(count: number, models: (string | null)[], tpeVersion = '2.2.0-1'): Promise<void> {
    await database.query(
      `insert into clientid_profile (clientid, model_name, firmware_version, tpe_version)
       select 'gw-' || lpad(number::text, 5, '0'), ($2::text[])[1 + number % cardinality($2::text[])], '1.5', $3
       from generate_series(1, $1::integer) as number`,
      [count, models, tpeVersion],
    );
  }
  async function refusal(work: Promise<unknown>): Promise<TpeError> {
    const error: unknown = await work.catch((fault: unknown) => fault);
    if (error instanceof TpeError) return error;
    throw new Error('not refused');
  }

  it('asks once for each category and model, however many gateways there are', async () => {
    const models = Array.from({ length: 8 }, (_, index) => `UC-${index}`);
    await fleet(10_000, models);
    const { updates, told, found } = engine();
    const begun = await updates.scan({}, 'Ada');
    expect(begun).to.include({ state: 'RUNNING', total: 10_000, requestedBy: 'Ada' });
    const last = await updates.waitForScan(begun.id);
    expect(last).to.include({ state: 'DONE', done: 10_000, found: 10_000, failed: 0 });
    expect(asked).to.have.length(16);
    expect(told.at(-1)).to.deep.equal(last);
    expect(found).to.have.length(10_000);
    expect(await updates.lastScan()).to.deep.equal(last);
  });

  it('keeps what it found, by pages, and where TPEDM looks for it', async () => {
    await fleet(5, ['UC-1', 'UC-2']);
    const { updates } = engine();
    answer = async (category, model) => ({
      packages: category === 'tpe' && model === 'UC-1' ? [PACKAGE] : [],
      faults: [],
    });
    const { id } = await updates.scan({}, 'Ada');
    expect(await updates.waitForScan(id)).to.include({ done: 5, found: 2 });
    const first = await updates.results({ limit: 1 });
    expect(first.updates[0]).to.deep.include({
      clientid: 'gw-00002',
      tpeVersion: '2.2.0-1',
      path: [PACKAGE],
    });
    const second = await updates.results({ limit: 1, cursor: first.next! });
    expect(second.updates[0]?.clientid).to.equal('gw-00004');
    expect((await updates.results({ limit: 5, available: false })).updates).to.have.length(5);
    expect((await updates.result('gw-00001'))?.candidates).to.deep.equal([]);
    expect(await updates.result('nobody')).to.equal(null);
    const [row] = await database.query<{ package: string }>(
      `select new_scaned_package as package from clientid_profile where clientid = 'gw-00002'`,
    );
    expect(JSON.parse(row!.package)).to.deep.equal({
      ...{ category: 'tpe', packageName: PACKAGE.packageName, version: PACKAGE.version, displayName: null },
      ...{ size: 5, yamlUrl: PACKAGE.yamlUrl },
    });
    expect((await refusal(updates.results({ limit: 0 }))).code).to.equal('INVALID_INPUT');
  });

  it('scans the other models where the repository fails for one, and keeps what was known of that', async () => {
    await fleet(4, ['UC-1', 'UC-2']);
    const { updates } = engine();
    await updates.waitForScan((await updates.scan({}, 'Ada')).id);
    answer = async (_category, model) => {
      if (model === 'UC-1') throw new TpeError('UNAVAILABLE', 'It is away.');
      return { packages: [], faults: [] };
    };
    const { id } = await updates.scan({}, 'Ada');
    const last = await updates.waitForScan(id);
    expect(last).to.deep.include({
      state: 'DONE',
      done: 4,
      found: 0,
      failed: 2,
      faults: { 'UC-1': 'It is away.' },
      faultCauses: { 'UC-1': null },
    });
    expect((await updates.results({})).updates.map(({ clientid }) => clientid)).to.deep.equal([
      'gw-00002',
      'gw-00004',
    ]);
  });

  it('says of each package why, also without words, and of results from before causes were kept', async () => {
    await fleet(1, ['UC-1']);
    const { updates } = engine();
    await updates.waitForScan((await updates.scan({}, 'Ada')).id);
    const [candidate] = (await updates.result('gw-00001'))!.candidates;
    expect(candidate).to.deep.equal({
      ...{ package: PACKAGE, fits: true, reason: 'recommended' },
      cause: { code: 'package-recommended', params: {} },
    });
    await database.query(`update tpe_update_plan set candidates = $1`, [
      JSON.stringify([{ package: PACKAGE, fits: true, reason: 'recommended' }]),
    ]);
    const [old] = (await updates.result('gw-00001'))!.candidates;
    expect(old).to.include({ reason: 'recommended', cause: null });
  });

  it('says of gateways that never told their model what to do', async () => {
    await fleet(2, [null]);
    await database.query("update tpe_presence set status = 'offline'");
    const { updates } = engine();
    const last = await updates.waitForScan((await updates.scan({}, 'Ada')).id);
    expect(last?.failed).to.equal(2);
    expect(last?.faults['(no model)']).to.contain('refresh their profiles');
    expect(last?.faultCauses).to.deep.equal({ '(no model)': { code: 'scan-model-untold', params: {} } });
    expect(await updates.lastScan()).to.deep.equal(last);
  });

  it('counts gateways that were never connected, and calls that no failure', async () => {
    await fleet(2, [null]);
    const { updates } = engine();
    const last = await updates.waitForScan((await updates.scan({}, 'Ada')).id);
    expect(last).to.deep.include({ done: 2, unseen: 2, failed: 0, faults: {} });
    expect(await updates.lastScan()).to.deep.equal(last);
  });

  it('is one at a time: the same is joined, another is refused, also from another manager', async () => {
    await fleet(3, ['UC-1']);
    const releases: (() => void)[] = [];
    answer = () =>
      new Promise((resolve) => {
        releases.push(() => resolve({ packages: [], faults: [] }));
      });
    const [one, other] = [engine('one'), engine('other')];
    const begun = await one.updates.scan({ model: 'UC' }, 'Ada');
    expect((await other.updates.scan({ model: 'UC' }, 'Bob')).id).to.equal(begun.id);
    const fault = await refusal(other.updates.scan({}, 'Bob'));
    expect(fault.code).to.equal('CONFLICT');
    expect(fault.message).to.contain('Another scan is running since');
    expect(fault.reason.cause).to.deep.equal({
      code: 'scan-other-runs-since',
      params: { time: begun.startedAt },
    });
    await other.updates.stopScan('Bob');
    for (const release of releases) release();
    const [last, seen] = await Promise.all([
      one.updates.waitForScan(begun.id),
      other.updates.waitForScan(begun.id),
    ]);
    expect(last).to.deep.include({
      ...{ state: 'STOPPED', reason: 'stopped by Bob' },
      cause: { code: 'scan-stopped-by', params: { who: 'Bob' } },
    });
    expect(seen).to.deep.equal(last);
    expect((await refusal(other.updates.stopScan('Bob'))).code).to.equal('NOT_FOUND');
  });

  it('does not run for ever when its manager dies', async () => {
    await fleet(3, ['UC-1']);
    await database.query(
      `insert into tpe_update_scan (instance, filter, requested_by) values ('one', '{}', 'x')`,
    );
    const other = engine('other');
    await other.updates.start();
    expect((await other.updates.lastScan())?.state).to.equal('RUNNING');
    const one = engine('one');
    await one.updates.start();
    expect(await one.updates.lastScan()).to.deep.include({
      ...{ state: 'FAILED', reason: 'its device manager ended' },
      cause: { code: 'scan-manager-ended', params: {} },
    });
    await database.query(
      `insert into tpe_update_scan (instance, filter, requested_by, seen_at) values ('gone', '{"tag":"x"}', 'x', now() - interval '1 hour')`,
    );
    const { id } = await other.updates.scan({}, 'Ada');
    expect(await other.updates.waitForScan(id)).to.include({ state: 'DONE' });
  });

  it('ends with the manager', async () => {
    await fleet(3, ['UC-1']);
    answer = (_category, _model, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    const { updates } = engine();
    const { id } = await updates.scan({}, 'Ada');
    await updates.close();
    expect(await updates.waitForScan(id)).to.include({ state: 'FAILED', reason: 'its device manager ended' });
  });

  it('says what to do where no repository is configured', async () => {
    const fault = await refusal(engine('one', false).updates.scan({}, 'Ada'));
    expect(fault.code).to.equal('INVALID_INPUT');
    expect(fault.message).to.contain('TPE_REPO_URL');
  });
});
