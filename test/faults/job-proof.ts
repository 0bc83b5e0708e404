import { expect } from 'chai';
import type { Execution, ExecutionState } from '../../nodes/manager/jobs/execution.js';
import type { Received } from './counting-gateway.js';
import type { JobSite } from './job-site.js';

/** The stamps of the POST requests that a gateway received, in order. */
export function postsOf(received: readonly Received[], clientid: string): string[] {
  return received
    .filter((request) => request.clientid === clientid && request.method === 'POST')
    .map(({ requestBody }) => (requestBody as { stamp: string }).stamp);
}

/** All executions of a job, as the managers tell them. */
export async function executionsOf(site: JobSite, id: string): Promise<Execution[]> {
  const all: Execution[] = [];
  let cursor: string | undefined;
  do {
    const from = cursor;
    const page = await site.ask((manager) =>
      manager.jobs('executions', id, { limit: 500, ...(from !== undefined && { cursor: from }) }),
    );
    all.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** The counters of a job that is at rest are what a count of its executions gives, each of them is there once. */
export async function expectSameCounts(site: JobSite, id: string): Promise<void> {
  const all = await executionsOf(site, id);
  const job = (await site.ask((manager) => manager.jobs('get', id)))!;
  expect(new Set(all.map(({ clientid }) => clientid)).size, 'gateways').to.equal(all.length);
  expect(job.total, 'total').to.equal(all.length);
  for (const [state, count] of Object.entries(job.counts) as [ExecutionState, number][]) {
    expect(count, state).to.equal(all.filter((one) => one.state === state).length);
  }
}
