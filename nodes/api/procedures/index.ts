import type { Procedure } from '../procedure.js';
import { COMMAND_PROCEDURES } from './commands.js';
import { FLEET_PROCEDURES } from './fleet.js';
import { FLOW_PROCEDURES } from './flow.js';
import { GATEWAY_PROCEDURES } from './gateways.js';
import { OPERATION_PROCEDURES } from './operations.js';
import { PEOPLE_PROCEDURES } from './people.js';
import { REGISTRATION_PROCEDURES } from './registration.js';
import { TOKEN_PROCEDURES } from './tokens.js';
import { UPDATE_PROCEDURES } from './updates.js';

/** All procedures by name. */
export const PROCEDURES = {
  ...GATEWAY_PROCEDURES,
  ...FLEET_PROCEDURES,
  ...COMMAND_PROCEDURES,
  ...OPERATION_PROCEDURES,
  ...UPDATE_PROCEDURES,
  ...REGISTRATION_PROCEDURES,
  ...PEOPLE_PROCEDURES,
  ...FLOW_PROCEDURES,
  ...TOKEN_PROCEDURES,
} as const;

export type ProcedureName = keyof typeof PROCEDURES;
type Types<Name extends ProcedureName> =
  (typeof PROCEDURES)[Name] extends Procedure<infer Input, infer Answer>
    ? { input: Input; answer: Answer }
    : never;
export type InputOf<Name extends ProcedureName> = Types<Name>['input'];
export type AnswerOf<Name extends ProcedureName> = Types<Name>['answer'];
