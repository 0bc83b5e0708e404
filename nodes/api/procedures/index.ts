import type { Ask } from '../procedure.js';
import { COMMAND_ASKS } from './commands.js';
import { FLEET_ASKS } from './fleet.js';
import { FLOW_ASKS } from './flow.js';
import { GATEWAY_ASKS } from './gateways.js';
import { OPERATION_ASKS } from './operations.js';
import { PEOPLE_ASKS } from './people.js';
import { REGISTRATION_ASKS } from './registration.js';
import { TOKEN_ASKS } from './tokens.js';
import { UPDATE_ASKS } from './updates.js';

/** All that may be asked, by name. */
export const ASKS = {
  ...GATEWAY_ASKS,
  ...FLEET_ASKS,
  ...COMMAND_ASKS,
  ...OPERATION_ASKS,
  ...UPDATE_ASKS,
  ...REGISTRATION_ASKS,
  ...PEOPLE_ASKS,
  ...FLOW_ASKS,
  ...TOKEN_ASKS,
} as const;

export type AskName = keyof typeof ASKS;
type Types<Name extends AskName> =
  (typeof ASKS)[Name] extends Ask<infer Input, infer Answer> ? { input: Input; answer: Answer } : never;
/** What an ask takes, and what it is answered with. */
export type InputOf<Name extends AskName> = Types<Name>['input'];
export type AnswerOf<Name extends AskName> = Types<Name>['answer'];
