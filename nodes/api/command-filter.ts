import type { FromSchema } from 'json-schema-to-ts';
import type { Catalogue } from '../manager/catalogue/catalogue.js';
import { DOOR_CHOICES } from '../manager/commands/asked-by.js';
import {
  BAD_ENDS,
  COMMAND_STATES,
  type CommandQuery,
  type CommandState,
} from '../manager/commands/command.js';

/** What became of commands, for who does not look for one state: under way, as it was wanted, or not. */
export const OUTCOMES_OF_COMMANDS = ['open', 'succeeded', 'failed'] as const;
const STATES: Record<(typeof OUTCOMES_OF_COMMANDS)[number], readonly CommandState[]> = {
  open: ['QUEUED', 'SENT'],
  succeeded: ['SUCCEEDED'],
  failed: BAD_ENDS,
};

/** What the history of commands is narrowed by, at every door. */
export const COMMAND_FILTER = {
  clientid: { type: 'string', minLength: 1, maxLength: 200 },
  gateway: {
    type: 'string',
    maxLength: 200,
    description: 'A part of the id or the name of gateways, in any case.',
  },
  state: { enum: COMMAND_STATES },
  outcome: {
    enum: OUTCOMES_OF_COMMANDS,
    description: '`open`: under way or queued; `failed`: ended in any other way than SUCCEEDED.',
  },
  operation: {
    type: 'string',
    maxLength: 200,
    description: 'A part of the name, the id or the path of operations of the catalogue, in any case.',
  },
  who: {
    type: 'string',
    maxLength: 200,
    description: 'A part of who asked, in any case; what a person did by a job is found, too.',
  },
  door: {
    enum: DOOR_CHOICES,
    description:
      'By which door it came; `people`: all but the own traffic of the device manager (profiles, probes, readings, steps of installations), which is `system`.',
  },
  since: { type: 'string', maxLength: 40, description: 'ISO 8601, included.' },
  until: { type: 'string', maxLength: 40, description: 'ISO 8601, not included.' },
} as const;

type Given = FromSchema<{ type: 'object'; properties: typeof COMMAND_FILTER; additionalProperties: false }>;

/** The query of the commands for what somebody has asked. Texts that are empty narrow nothing. */
export function commandQueryOf<Filter extends Given>(
  catalogue: Pick<Catalogue, 'operations'>,
  { operation = '', outcome, who = '', gateway = '', ...others }: Filter,
): Omit<Filter, 'operation' | 'outcome' | 'who' | 'gateway'> & CommandQuery {
  const wanted = operation.trim().toLowerCase();
  return {
    ...others,
    ...(who.trim() !== '' && { who }),
    ...(gateway.trim() !== '' && { gateway }),
    ...(outcome !== undefined && others.state === undefined && { states: STATES[outcome] }),
    ...(wanted !== '' && {
      operations: catalogue
        .operations()
        .filter(({ id, name, path }) => [id, name, path].some((text) => text.toLowerCase().includes(wanted)))
        .map(({ id }) => id),
    }),
  };
}
