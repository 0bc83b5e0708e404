import type { FromSchema } from 'json-schema-to-ts';
import type { Catalogue } from '../manager/catalogue/catalogue.js';
import { DOOR_CHOICES } from '../manager/commands/asked-by.js';
import {
  BAD_ENDS,
  COMMAND_STATES,
  type CommandQuery,
  type CommandState,
} from '../manager/commands/command.js';
import { operationsCalled } from './operations-called.js';

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
    description:
      'Words of what operations of the catalogue do, as the dashboard shows it in any of its languages, or of their names, ids and paths.',
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
  { operation = '', outcome, state, who = '', gateway = '', ...others }: Filter,
): Omit<Filter, 'operation' | 'outcome' | 'state' | 'who' | 'gateway'> & CommandQuery {
  const states = statesOf(outcome, state);
  return {
    ...others,
    ...(who.trim() !== '' && { who }),
    ...(gateway.trim() !== '' && { gateway }),
    ...(states !== undefined && { states }),
    ...(operation.trim() !== '' && {
      operations: operationsCalled(catalogue.operations(), operation).map(({ id }) => id),
    }),
  };
}

/** Of an outcome and a state both count: a state that is no part of the outcome leaves none. */
function statesOf(
  outcome: Given['outcome'],
  state: CommandState | undefined,
): readonly CommandState[] | undefined {
  if (outcome === undefined) return state && [state];
  return STATES[outcome].filter((one) => state === undefined || one === state);
}
