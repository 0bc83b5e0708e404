import { expect } from 'chai';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { AttemptResult } from '../../../nodes/manager/jobs/execution.js';
import { eachDatabase } from '../../support/databases.js';
import { addGateways, DONE, type JobRig, openJobRig, takenAway } from './job-rig.js';

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
});
