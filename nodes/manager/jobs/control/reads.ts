import type { Database } from '../../database/database.js';
import type { Page } from '../../shared/page.js';
import type { Execution } from '../execution.js';
import type { ExecutionQuery, Jobs } from '../job.js';
import type { JobGuard } from '../job-guard.js';
import type { JobPlanner } from '../planner.js';
import { readDecided } from '../store/decided.js';
import { withDoing } from '../store/doing.js';
import { givenOf } from '../store/drafts.js';
import { type HeldAbove, listExecutions } from '../store/execution-list.js';
import { type JobRow, toJob } from '../store/job-row.js';
import { readDefinition, readNamed } from '../store/job-targets.js';
import {
  failureClusters,
  listJobs,
  openOfGateway,
  readExecution,
  readJob,
  readProgress,
} from '../store/lists.js';
import { countWaiting, siteShares } from '../store/shares.js';
import { notFound, notNow } from './lock-for.js';
import { writeReport } from './report.js';
import { heldAbove, noneWaiting, seen, waitsAbove } from './view.js';

export type JobReads = Omit<
  Jobs,
  'create' | 'change' | 'remove' | 'submit' | 'pause' | 'resume' | 'cancel' | 'retry' | 'skip'
>;

export interface ReadOptions {
  database: Database;
  planner: JobPlanner;
  guard: Pick<JobGuard, 'stops'>;
}

/** By changes: nobody changes the job meanwhile, so that all numbers up to the last one are there. */
async function listByQuery(
  database: Database,
  id: string,
  query: ExecutionQuery,
  above: HeldAbove,
): Promise<Page<Execution>> {
  if (query.sinceChange === undefined) return await listExecutions(database, id, query, above);
  return await database.transaction(async (transaction) => {
    await transaction.query('select from tpe_job where id = $1::bigint for share', [id]);
    return await listExecutions(transaction, id, query, above);
  });
}

/** Creates what is read of jobs. */
export function createReads({ database, planner, guard }: ReadOptions): JobReads {
  async function found(id: string): Promise<JobRow> {
    const row = await readJob(database, id);
    if (row === null) throw notFound(id);
    return row;
  }

  return {
    preview: async (definition) => await planner.preview(await planner.parse(definition)),
    async previewDraft(id) {
      const row = await found(id);
      if (row.state !== 'DRAFT') throw notNow(row);
      return await planner.preview(await planner.parse(await givenOf(database, row)));
    },
    async get(id) {
      const row = await readJob(database, id);
      return row === null ? null : { ...toJob(row), definition: await readDefinition(database, row) };
    },
    async brief(id) {
      const row = await readJob(database, id);
      return row === null ? null : { ...toJob(row), named: await readNamed(database, row) };
    },
    list: (query) => listJobs(database, query),
    async executions(id, query) {
      const job = await found(id);
      const stops = await guard.stops(database);
      const page = await listByQuery(database, id, query, heldAbove(job, stops));
      const items = await withDoing(database, job, page.items);
      return { ...page, items: items.map((one) => seen(one, job, stops)) };
    },
    async decided(id, since) {
      const page = await database.transaction((transaction) => readDecided(transaction, id, since));
      if (page === null) throw notFound(id);
      return page;
    },
    async execution(id, clientid) {
      const job = await found(id);
      const one = await readExecution(database, id, clientid);
      if (one === null) return null;
      const [execution = one.execution] = await withDoing(database, job, [one.execution]);
      return { ...one, execution: seen(execution, job, await guard.stops(database)) };
    },
    async ofGateway(clientid) {
      const all = await openOfGateway(database, clientid);
      const stops = all.length === 0 ? [] : await guard.stops(database);
      return all.map(({ execution, job }) => ({ ...seen(execution, job, stops), name: job.name }));
    },
    async waiting(id) {
      const job = await found(id);
      const stops = await guard.stops(database);
      const counts = noneWaiting();
      for await (const { waiting_for, site, model, count } of countWaiting(database, id)) {
        counts[waitsAbove(job, { site, model }, stops)?.waitingFor ?? waiting_for ?? 'rate'] += count;
      }
      return counts;
    },
    async failures(id) {
      await found(id);
      return await failureClusters(database, id);
    },
    async progress(id) {
      await found(id);
      return await readProgress(database, id);
    },
    async sites(id) {
      await found(id);
      return await siteShares(database, id);
    },
    async *report(id) {
      await found(id);
      yield* writeReport(database, id);
    },
  };
}
