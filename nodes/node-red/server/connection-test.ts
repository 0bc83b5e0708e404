import type { FromSchema } from 'json-schema-to-ts';
import type { NodeAPI } from 'node-red';
import { parser } from '../runtime/message-values.js';
import type { ServerConfig, ServerCredentials } from './options.js';
import { findServer } from './server-node.js';

const values = { type: 'object', additionalProperties: { type: 'string', maxLength: 10_000 } } as const;
const requestSchema = {
  type: 'object',
  properties: { id: { type: 'string' }, config: values, credentials: values },
  required: ['id', 'config', 'credentials'],
  additionalProperties: false,
} as const;
const parseRequest = parser<FromSchema<typeof requestSchema>>(requestSchema, 'request');

/** The editor shows this in place of a stored password, and sends it back when it was not changed. */
const UNCHANGED = '__PWRD__';

/**
 * Reads what the Test button sends. Passwords that were not changed come from the deployed node, and `${X}` is
 * replaced as deploying would do it. Throws INVALID_INPUT.
 */
export function readTestRequest(
  RED: NodeAPI,
  body: unknown,
): { id: string; config: ServerConfig; credentials: ServerCredentials } {
  const { id, config, credentials } = parseRequest(body);
  const deployed = findServer(RED, id);
  const stored: Record<string, string | undefined> = { ...deployed?.credentials };
  const resolve = (value: string) => {
    const name = /^\$\{(\S+)\}$/.exec(value)?.[1];
    if (name === undefined) return value;
    const found: unknown = deployed ? RED.util.getSetting(deployed, name) : process.env[name];
    return found === undefined ? value : String(found);
  };
  const entries = Object.entries(credentials).map(([name, value]) => [
    name,
    value === UNCHANGED ? stored[name] : resolve(value),
  ]);
  return {
    id,
    config: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, resolve(value)])),
    credentials: Object.fromEntries(entries),
  };
}
