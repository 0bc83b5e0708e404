import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import type { Ask, CatalogueAsk } from '../../api/procedure.js';
import { ASKS } from '../../api/procedures/index.js';
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
 * The routes by which the forms of nodes pick operations and gateways, check and try commands, and look after the users' own
 * operations. The body of each is the input of one procedure, with the id of a tpe-server beside it.
 */
export function serveProcedures(RED: NodeAPI): void {
  procedureRoute(RED, '/tpe/gateways', ASKS['gateways.search']);
  procedureRoute(RED, '/tpe/operations', ASKS['commands.operations'], (operations) => ({ operations }));
  procedureRoute(RED, '/tpe/operation', ASKS['commands.operation']);
  procedureRoute(RED, '/tpe/check', ASKS['commands.check']);
  procedureRoute(RED, '/tpe/try', ASKS['commands.sendOne']);
  procedureRoute(RED, '/tpe/command', ASKS['commands.wait']);
  procedureRoute(RED, '/tpe/operations/import', ASKS['operations.import']);
  procedureRoute(RED, '/tpe/operations/export', ASKS['operations.export']);
  procedureRoute(RED, '/tpe/operations/remove', ASKS['operations.remove']);
}

/** Serves one procedure; `bodyOf` makes the body of its answer. */
function procedureRoute<Input, Answer>(
  RED: NodeAPI,
  path: string,
  ask: Ask<Input, Answer>,
  bodyOf: (answer: Answer) => unknown = (answer) => answer,
): void {
  const permission = ask.role === 'viewer' ? 'tpe.read' : 'tpe.write';
  postRoute(RED, path, permission, async (body, asker) => {
    const { server, ...given } = parseServer(body);
    const input = ask.parse(given);
    const answer = needsCatalogue(ask)
      ? await runBeforeOpen(ask, input, asker, await knownTo(RED, server))
      : await runProcedure(ask, input, asker, () => runningManager(RED, server));
    return bodyOf(answer);
  });
}

function needsCatalogue<Input, Answer>(ask: Ask<Input, Answer>): ask is CatalogueAsk<Input, Answer> {
  return ask.needs === 'catalogue';
}
