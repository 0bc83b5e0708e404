import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import type { CatalogueProcedure, Procedure } from '../../api/procedure.js';
import { PROCEDURES } from '../../api/procedures/index.js';
import { runBeforeOpen, runProcedure } from '../../api/run-procedure.js';
import { parser } from '../runtime/message-values.js';
import { postRoute } from './admin-routes.js';
import { knownTo, runningManager } from './server-of-form.js';

const SCHEMA = {
  type: 'object',
  properties: { server: { type: 'string' } },
  required: ['server'],
} as const;
const parseServer = parser<FromSchema<typeof SCHEMA>>(SCHEMA, 'request');

/**
 * Adds the routes that the forms of nodes use to pick operations and gateways, to check and try commands, to preview jobs, and to manage the rules of
 * alarms and the users' own operations. The body of each call is the input of one procedure together with `server`, the id of a tpe-server.
 */
export function serveProcedures(RED: NodeAPI): void {
  procedureRoute(RED, '/tpe/gateways', PROCEDURES['gateways.search']);
  procedureRoute(RED, '/tpe/operations', PROCEDURES['commands.operations'], (operations) => ({ operations }));
  procedureRoute(RED, '/tpe/operation-words', PROCEDURES['commands.words']);
  procedureRoute(RED, '/tpe/operation', PROCEDURES['commands.operation']);
  procedureRoute(RED, '/tpe/check', PROCEDURES['commands.check']);
  procedureRoute(RED, '/tpe/try', PROCEDURES['commands.sendOne']);
  procedureRoute(RED, '/tpe/job/preview', PROCEDURES['jobs.preview']);
  procedureRoute(RED, '/tpe/command', PROCEDURES['commands.wait']);
  procedureRoute(RED, '/tpe/alarms/rules', PROCEDURES['alarms.rules'], (rules) => ({ rules }));
  procedureRoute(RED, '/tpe/alarms/rule', PROCEDURES['alarms.setRule']);
  procedureRoute(RED, '/tpe/alarms/rule/remove', PROCEDURES['alarms.removeRule']);
  procedureRoute(RED, '/tpe/operations/import', PROCEDURES['operations.import']);
  procedureRoute(RED, '/tpe/operations/export', PROCEDURES['operations.export']);
  procedureRoute(RED, '/tpe/operations/remove', PROCEDURES['operations.remove']);
}

/** Serves one procedure. `bodyOf` converts its answer to the body that is sent. */
function procedureRoute<Input, Answer>(
  RED: NodeAPI,
  path: string,
  ask: Procedure<Input, Answer>,
  bodyOf: (answer: Answer) => unknown = (answer) => answer,
): void {
  const permission = ask.role === 'viewer' ? 'tpe.read' : 'tpe.write';
  postRoute(RED, path, permission, async (body, actor) => {
    const { server, ...given } = parseServer(body);
    const input = ask.parse(given);
    const answer = needsCatalogue(ask)
      ? await runBeforeOpen(ask, input, actor, await knownTo(RED, server))
      : await runProcedure(ask, input, actor, () => runningManager(RED, server));
    return bodyOf(answer);
  });
}

function needsCatalogue<Input, Answer>(
  procedure: Procedure<Input, Answer>,
): procedure is CatalogueProcedure<Input, Answer> {
  return procedure.needs === 'catalogue';
}
