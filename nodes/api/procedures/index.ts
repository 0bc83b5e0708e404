import type { Procedure } from '../procedure.js';
import { ALARM_PROCEDURES } from './alarms.js';
import { COMMAND_PROCEDURES } from './commands.js';
import { FINDING_PROCEDURES } from './finding.js';
import { FLEET_PROCEDURES } from './fleet.js';
import { FLOW_PROCEDURES } from './flow.js';
import { GATEWAY_PROCEDURES } from './gateways.js';
import { MANY_GATEWAYS_PROCEDURES } from './gateways-many.js';
import { GUARD_PROCEDURES } from './guard.js';
import { JOB_ACT_PROCEDURES } from './job-acts.js';
import { JOB_PROCEDURES } from './jobs.js';
import { OPERATION_PROCEDURES } from './operations.js';
import { PEOPLE_PROCEDURES } from './people.js';
import { PRESENT_VALUE_PROCEDURES } from './present-values.js';
import { REGISTRATION_PROCEDURES } from './registration.js';
import { SITE_PROCEDURES } from './sites.js';
import { STOP_PROCEDURES } from './stops.js';
import { TIMELINE_PROCEDURES } from './timeline.js';
import { TOKEN_PROCEDURES } from './tokens.js';
import { UPDATE_PROCEDURES } from './updates.js';
import { VIEW_PROCEDURES } from './views.js';
import { WALL_PROCEDURES } from './wall.js';

/** All procedures by name. */
export const PROCEDURES = {
  ...GATEWAY_PROCEDURES,
  ...MANY_GATEWAYS_PROCEDURES,
  ...TIMELINE_PROCEDURES,
  ...FLEET_PROCEDURES,
  ...FINDING_PROCEDURES,
  ...COMMAND_PROCEDURES,
  ...PRESENT_VALUE_PROCEDURES,
  ...OPERATION_PROCEDURES,
  ...UPDATE_PROCEDURES,
  ...REGISTRATION_PROCEDURES,
  ...PEOPLE_PROCEDURES,
  ...FLOW_PROCEDURES,
  ...TOKEN_PROCEDURES,
  ...JOB_PROCEDURES,
  ...JOB_ACT_PROCEDURES,
  ...STOP_PROCEDURES,
  ...GUARD_PROCEDURES,
  ...SITE_PROCEDURES,
  ...ALARM_PROCEDURES,
  ...WALL_PROCEDURES,
  ...VIEW_PROCEDURES,
} as const;

export type ProcedureName = keyof typeof PROCEDURES;
type Types<Name extends ProcedureName> =
  (typeof PROCEDURES)[Name] extends Procedure<infer Input, infer Answer>
    ? { input: Input; answer: Answer }
    : never;
export type InputOf<Name extends ProcedureName> = Types<Name>['input'];
export type AnswerOf<Name extends ProcedureName> = Types<Name>['answer'];
