import type { FromSchema } from 'json-schema-to-ts';
import type { Catalogue } from '../manager/catalogue/catalogue.js';
import type { CommandRecord } from '../manager/commands/command.js';
import { COMMAND_RECORD } from '../manager/commands/command-record.js';
import type { WithCauses } from '../manager/shared/reason.js';
import { count, objectOf, text } from '../manager/shared/value-schemas.js';

const { requestBody: _body, answer: _answer, faults: _faults, ...kept } = COMMAND_RECORD.properties;

/** JSON Schema of a command in a list. */
export const LISTED_COMMAND = {
  ...objectOf({
    ...kept,
    name: { ...text, description: 'The name of the operation; method and path if the catalogue has none.' },
    answerStatus: { type: ['integer', 'null'], description: 'HTTP status of the gateway.' },
    warnings: { ...count, description: 'In how many places it deviates from the catalogue.' },
  }),
  description: 'A command as lists have it: without body and answer.',
} as const;
export type ListedCommand = FromSchema<typeof LISTED_COMMAND, WithCauses>;

/** A command as lists show it: without its body and answer, which may be long. */
export function listedCommand(record: CommandRecord, catalogue: Pick<Catalogue, 'get'>): ListedCommand {
  const { requestBody: _body, answer, faults, ...row } = record;
  const name = catalogue.get(row.operation ?? '')?.name ?? `${row.method} ${row.path}`;
  return { ...row, name, answerStatus: answer?.status ?? null, warnings: faults.length };
}
