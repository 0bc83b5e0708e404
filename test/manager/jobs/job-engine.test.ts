import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { AttemptResult, Execution } from '../../../nodes/manager/jobs/execution.js';
import type { Page } from '../../../nodes/manager/shared/page.js';
import { eachDatabase } from '../../support/databases.js';
import { addGateways, DONE, type JobRig, openJobRig, takenAway } from './job-rig.js';

const NEVER = 1_000_000_000;

eachDatabase('jobs: the engine itself', (open) => {
  let database: Database;
  let away: (is: boolean) => void;
  let rig: JobRig;
  beforeEach(async () => {
    const taken = takenAway(await open());
    ({ database, away } = taken);
    rig = await openJobRig(database, { starts: false });
  });
  afterEach(async () => {
    away(false);
    await rig.jobs.close();
    await database.close();
  });

  it('takes up its work when the database was away at its start', async () => {
    await addGateways(database, 2);
    const { id } = await rig.begin({ all: true });
    away(true);
    rig.jobs.start();
    await rig.until(() => rig.faults.length > 0);
    away(false);
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  });

  it('closes while the database is away, with an end that is not written', async () => {
    await addGateways(database, 1);
    let end: ((result: AttemptResult) => void) | null = null;
    rig.run = () =>
      new Promise((resolve) => {
        end = resolve;
      });
    rig.jobs.start();
    const { id } = await rig.begin({ all: true });
    await rig.until(() => end !== null);
    away(true);
    end!(DONE);
    await new Promise<void>((resolve) => setImmediate(resolve));
    await rig.jobs.close();
    away(false);
    rig = await openJobRig(database);
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    expect(rig.begun.map(({ attempt }) => attempt)).to.deep.equal([1]);
  });

  it('pauses a job whose gateways cannot be recorded, and tries again when a person says so', async () => {
    await addGateways(database, 3);
    await database.query(
      "alter table tpe_job_execution add constraint broken check (clientid <> 'gw-2') not valid",
    );
    rig.jobs.start();
    const { id } = await rig.begin({ all: true });
    const paused = await rig.when(id, ({ state }) => state === 'PAUSED');
    expect(paused).to.include({ pauseReason: 'recording' });
    expect(paused.reason).to.contain('broken');
    expect(rig.faults).to.have.length(1);
    await database.query('alter table tpe_job_execution drop constraint broken');
    await rig.jobs.resume(id, { by: 'me' });
    expect((await rig.when(id, ({ state }) => state === 'COMPLETED')).counts).to.include({ SUCCEEDED: 3 });
  });

  it('notes how far a job came with its end', async () => {
    await rig.jobs.close();
    rig = await openJobRig(database, { timing: { controlMs: NEVER } });
    await addGateways(database, 3);
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'COMPLETED');
    const points = await rig.jobs.progress(id);
    expect(points.at(-1)).to.include({ succeeded: 3, failed: 0 });
  });

  it('waits no longer for a gateway that was disabled', async () => {
    const [clientid] = await addGateways(database, 1, { online: false });
    rig.jobs.start();
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    await database.query('update mqtt_user set enabled = false');
    rig.jobs.gatewayDisabled(clientid!);
    expect((await rig.when(id, ({ state }) => state === 'COMPLETED')).counts).to.include({ REMOVED: 1 });
  });

  it('misses no change that is committed after a later one', async () => {
    if (database.kind === 'pglite') return;
    await addGateways(database, 1, { online: false });
    rig.jobs.start();
    const { id } = await rig.begin({ all: true });
    await rig.when(id, ({ state }) => state === 'RUNNING');
    const [before] = await rig.executions(id);
    let reading: Promise<Page<Execution>> | undefined;
    await database.transaction(async (transaction) => {
      await transaction.query('select from tpe_job where id = $1::bigint for update', [id]);
      await transaction.query("update tpe_job_execution set changed_no = nextval('tpe_job_change')");
      let isRead = false;
      reading = rig.jobs.executions(id, { sinceChange: before!.changedNo }).finally(() => {
        isRead = true;
      });
      await rig.until(async () => {
        const waiting = await transaction.query('select from pg_locks where not granted');
        return isRead || waiting.length > 0;
      });
    });
    expect((await reading)?.items).to.have.length(1);
  });
});
