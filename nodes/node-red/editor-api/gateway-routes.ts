import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import { parser } from '../runtime/message-values.js';
import { postRoute } from './admin-routes.js';
import { runningManager } from './command-routes.js';

const searchSchema = {
  type: 'object',
  properties: { server: { type: 'string' }, search: { type: 'string', maxLength: 200 } },
  required: ['server', 'search'],
} as const;
const parseSearch = parser<FromSchema<typeof searchSchema>>(searchSchema, 'request');

const MOST_SHOWN = 20;

/** The route by which the editor finds gateways. */
export function serveGateways(RED: NodeAPI): void {
  postRoute(RED, '/tpe/gateways', 'tpe.read', async (body) => {
    const { server, search } = parseSearch(body);
    const { registry } = await runningManager(RED, server);
    const { devices } = await registry.list({
      ...(search.trim() === '' ? {} : { search }),
      limit: MOST_SHOWN,
    });
    return devices.map(({ clientid, hostName, modelName, status }) => ({
      clientid,
      hostName,
      modelName,
      status,
    }));
  });
}
