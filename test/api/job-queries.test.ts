import { expect } from 'chai';
import { PROCEDURES } from '../../nodes/api/procedures/index.js';
import { EXECUTION_ROUTES } from '../../nodes/api/rest/execution-routes.js';
import { JOB_ROUTES } from '../../nodes/api/rest/job-routes.js';
import { EXECUTION_QUERY } from '../../nodes/manager/jobs/execution-schemas.js';
import { JOB_LIST_QUERY, JOB_QUERY } from '../../nodes/manager/jobs/job-schemas.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import { parser } from '../../nodes/manager/shared/validate.js';
import { parseExecutionQuery, parseJobQuery } from '../../nodes/tpe-job/job-queries.js';

type Parse = (query: object) => unknown;

const ASKED: Record<string, unknown> = {
  ...{ state: 'COMPLETED', waitingFor: 'offline', site: 'Brea', reason: 'nobody-listens', sinceChange: 3 },
  ...{ model: 'UC-8220', firmware: '2.3', isRetriedAlone: true, part: 'failed' },
  ...{ order: 'clientid', name: 'nightly', cursor: '7', before: '7', limit: 5 },
};
const WRONG: Record<string, unknown> = {
  ...{ state: 'LOST', waitingFor: 'rain', site: 3, reason: 'x'.repeat(201), sinceChange: -1 },
  ...{ model: 3, firmware: 'x'.repeat(201), isRetriedAlone: 'yes', part: 'all' },
  ...{ order: 'newest', name: ' ', cursor: 'x'.repeat(2001), before: 'x', limit: 501 },
};

/** Of REST, the query of the route that lists. */
function byRest(routes: readonly { operationId: string; query?: object }[], operationId: string): Parse {
  return parser(routes.find((route) => route.operationId === operationId)?.query ?? {}, 'query');
}

describe('queries for jobs', () => {
  const executions = { ...ASKED, state: 'FAILED' };
  const doors: [string, Parse, object, Record<string, unknown>][] = [
    ['jobs by REST', byRest(JOB_ROUTES, 'listJobs'), JOB_LIST_QUERY, ASKED],
    [
      'jobs by the dashboard',
      (query) => PROCEDURES['jobs.list'].parse({ limit: 1, ...query }),
      JOB_LIST_QUERY,
      ASKED,
    ],
    ['jobs by tpe-job', parseJobQuery, JOB_QUERY, ASKED],
    ['gateways by REST', byRest(EXECUTION_ROUTES, 'listExecutions'), EXECUTION_QUERY, executions],
    [
      'gateways by the dashboard',
      (query) => PROCEDURES['jobs.executions'].parse({ id: '1', limit: 1, ...query }),
      { properties: { ...EXECUTION_QUERY.properties, sinceChange: undefined } },
      executions,
    ],
    ['gateways by tpe-job', parseExecutionQuery, EXECUTION_QUERY, executions],
  ];

  for (const [door, parse, { properties }, asked] of doors as [
    string,
    Parse,
    { properties: object },
    typeof ASKED,
  ][]) {
    it(`for ${door} can ask for all that is described, and for nothing else`, () => {
      for (const [field, schema] of Object.entries(properties)) {
        if (schema !== undefined) {
          expect(() => parse({ [field]: asked[field] }), field).not.to.throw();
          expect(() => parse({ [field]: WRONG[field] }), `wrong ${field}`).to.throw(TpeError);
        }
      }
      for (const field of Object.keys(ASKED)) {
        if ((properties as Record<string, unknown>)[field] !== undefined) continue;
        expect(() => parse({ [field]: asked[field] }), field).to.throw(TpeError);
      }
    });
  }
});
