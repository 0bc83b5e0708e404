import { Ajv } from 'ajv';
import type { FromSchema } from 'json-schema-to-ts';
import { TpeError } from '../../tpe-error.js';
import { inferSchema } from './infer-schema.js';

/** A request in TPEDM's catalogue; `{expired-time}` and `{request-id}` in its headers are for the sender to fill in. */
const COMMAND = {
  type: 'object',
  required: ['path', 'method'],
  properties: {
    path: { type: 'string', minLength: 2, maxLength: 500 },
    method: {
      type: 'string',
      pattern:
        '^ *(?:[gG][eE][tT]|[pP][oO][sS][tT]|[pP][uU][tT]|[pP][aA][tT][cC][hH]|[dD][eE][lL][eE][tT][eE]) *$',
    },
    headers: {},
    requestBody: {},
  },
} as const;

const isCommand = new Ajv({ allErrors: true }).compile<FromSchema<typeof COMMAND>>(COMMAND);

/** What an operation of TPEDM's is for readOperation. Throws INVALID_INPUT. */
export function fromTpedmCommand(category: string, name: string, command: unknown): Record<string, unknown> {
  if (!isCommand(command)) {
    const [fault] = isCommand.errors ?? [];
    const what = `${fault?.instancePath.slice(1) || 'it'} ${fault?.message ?? 'is not valid'}`;
    throw new TpeError('INVALID_INPUT', `The command is none of TPEDM's: ${what}.`);
  }
  const [path = '', query = ''] = command.path
    .trim()
    .replace(/^\/api\/v1(?=\/)/i, '')
    .split('?');
  const { requestBody } = command;
  const hasBody =
    typeof requestBody === 'object' && requestBody !== null && Object.keys(requestBody).length > 0;
  return {
    category,
    name,
    method: command.method.trim().toUpperCase(),
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
    ...(hasBody ? { bodyExample: requestBody, bodySchema: inferSchema(requestBody) } : {}),
  };
}
