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

/** The editor has this text instead of a stored password, and sends it if the password was not changed. */
const UNCHANGED = '__PWRD__';

/**
 * Reads the request of the Test button. Takes unchanged passwords from the deployed node, and replaces `${X}` as a deploy does. Throws
 * INVALID_INPUT.
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
