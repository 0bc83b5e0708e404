import { expect } from 'chai';
import { commandReason } from '../../../nodes/manager/commands/command-reasons.js';
import type { Database } from '../../../nodes/manager/database/database.js';
import type { AttemptResult } from '../../../nodes/manager/jobs/execution.js';
import { eachDatabase } from '../../support/databases.js';
import { addGateways, DONE, type JobRig, openJobRig } from './job-rig.js';

const UNHEARD: AttemptResult = {
  waitingFor: 'offline',
  reason: commandReason('nobody-listens', { topic: 'x' }),
};

interface Try {
  /** When it ended, ms after the first one did. */
  ended: number;
  /** When the next one began, in the same way; null: there is none yet. */
  next: number | null;
}

/** Clocks of a database tell µs, which a difference in floating point may miss. */
const NEARLY_MS = 1;

eachDatabase('jobs: a gateway that nobody hears, where the broker does not tell who is connected', (open) => {
  let database: Database;
  let rig: JobRig;
  beforeEach(async () => {
    database = await open();
    await addGateways(database, 2);
  });
  afterEach(async () => {
    await rig.jobs.close();
    await database.close();
  });

  async function openRig(unheardMs: number): Promise<void> {
    rig = await openJobRig(database, { knowsPresence: false, timing: { unheardMs } });
    rig.run = async () => UNHEARD;
  }

  const triesOf = (id: string) =>
    database.query<Try & Record<string, unknown>>(
      `select extract(epoch from ended_at - min(ended_at) over ())::float8 * 1000 as ended,
         extract(epoch from lead(started_at) over (order by no) - min(ended_at) over ())::float8 * 1000 as next
       from tpe_job_attempt where job = $1::bigint and clientid = 'gw-1' and ended_at is not null order by no`,
      [id],
    );
  const begun = (clientid: string) => rig.begun.filter((work) => work.clientid === clientid).length;

  /** The sweep has looked at all gateways since: it is what finds that one was retired. */
  async function untilSwept(): Promise<void> {
    const { id } = await rig.begin({ ids: ['gw-2'] });
    await rig.until(() => begun('gw-2') > 0);
    await database.query("delete from clientid_profile where clientid = 'gw-2'");
    await rig.when(id, ({ state }) => state === 'COMPLETED');
  }

  it('rests before each try for as long as it has been waited for', async () => {
    await openRig(3_600_000);
    const { id } = await rig.begin({ ids: ['gw-1'] });
    await rig.until(async () => (await triesOf(id)).length >= 6);
    for (const { ended, next } of await triesOf(id))
      if (next !== null) expect(next - ended).to.be.at.least(ended - NEARLY_MS);
  });

  it('rests no longer than some minutes', async () => {
    await openRig(100);
    const { id } = await rig.begin({ ids: ['gw-1'] });
    // Without a bound, the last of these rests would be an hour.
    await rig.until(async () => (await triesOf(id)).length >= 16);
  });

  for (const [how, hear] of Object.entries({
    'answers something': () => rig.jobs.gatewayOnline(['gw-1']),
    'is found to be online': () =>
      database.query("update tpe_presence set since = now() where clientid = 'gw-1'"),
  })) {
    it(`is tried at once when it ${how}`, async () => {
      await openRig(3_600_000);
      await database.query("update tpe_presence set since = now() - interval '1 day'");
      const { id } = await rig.begin({ ids: ['gw-1'] });
      await rig.until(async () => (await triesOf(id)).length >= 2);
      // As if it had been waited for since half an hour ago.
      await database.query(
        `with gone as (
           update tpe_job_attempt set ended_at = ended_at - interval '30 minutes' where job = $1::bigint and no = 1)
         update tpe_job_execution set deadline = deadline - interval '30 minutes' where job = $1::bigint`,
        [id],
      );
      const before = begun('gw-1');
      await untilSwept();
      expect(begun('gw-1') - before).to.be.at.most(1);
      rig.run = async () => DONE;
      await hear();
      expect((await rig.when(id, ({ state }) => state === 'COMPLETED')).counts).to.include({ SUCCEEDED: 1 });
    });
  }
});
