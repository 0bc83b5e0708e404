import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import { recorded } from '../../manager/audit/audited.js';
import { parser } from '../runtime/message-values.js';
import { readOperationsText } from '../runtime/operations-text.js';
import { postRoute } from './admin-routes.js';
import { runningManager } from './command-routes.js';

const importSchema = {
  type: 'object',
  properties: {
    server: { type: 'string' },
    /** The content of a file, or its bytes in Base64. */
    text: { type: 'string' },
    isBase64: { type: 'boolean' },
    dryRun: { type: 'boolean' },
    prefix: { type: 'string' },
  },
  required: ['server', 'text', 'dryRun'],
} as const;
const serverSchema = {
  type: 'object',
  properties: { server: { type: 'string' } },
  required: ['server'],
} as const;
const removeSchema = {
  type: 'object',
  properties: { server: { type: 'string' }, id: { type: 'string' } },
  required: ['server', 'id'],
} as const;
const parseImport = parser<FromSchema<typeof importSchema>>(importSchema, 'request');
const parseServer = parser<FromSchema<typeof serverSchema>>(serverSchema, 'request');
const parseRemove = parser<FromSchema<typeof removeSchema>>(removeSchema, 'request');

/** The routes by which the editor looks after the users' own operations. */
export function serveOwnOperations(RED: NodeAPI): void {
  postRoute(RED, '/tpe/operations/import', 'tpe.write', async (body, asker) => {
    const { server, text: given, isBase64, ...options } = parseImport(body);
    const { catalogue, audit } = await runningManager(RED, server);
    const work = async () => {
      const { text, told } = await readOperationsText(isBase64 ? Buffer.from(given, 'base64') : given);
      return { ...(await catalogue.importOperations(text, options)), ...told };
    };
    return await (options.dryRun ? work() : recorded(audit, asker, { action: 'operation.import' }, work));
  });

  postRoute(RED, '/tpe/operations/export', 'tpe.read', async (body) => {
    const { server } = parseServer(body);
    return (await runningManager(RED, server)).catalogue.exportOperations();
  });

  postRoute(RED, '/tpe/operations/remove', 'tpe.write', async (body, asker) => {
    const { server, id } = parseRemove(body);
    const { catalogue, audit } = await runningManager(RED, server);
    const deed = { action: 'operation.remove', detail: { operation: id } };
    await recorded(audit, asker, deed, () => catalogue.removeOperation(id));
    return { removed: id };
  });
}
