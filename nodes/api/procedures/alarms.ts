import { ALARM_ACT, ALARM_QUERY, type AlarmAct, OWN_ALARM, OWN_CLEAR } from '../../manager/alarms/alarm.js';
import { NEW_RULE, RULE_ID } from '../../manager/alarms/alarm-rule.js';
import { actSubject, ownSubject, ruleSubject } from '../alarm-subject.js';
import type { Change } from '../changes.js';
import { defineProcedure } from '../procedure.js';
import { id, nothing, pageOfNewest } from './inputs.js';

const { state, severity, kind, clientid, site, assignedTo } = ALARM_QUERY.properties;

/** The procedures for alarms and their rules. */
export const ALARM_PROCEDURES = {
  /** Lists alarms, newest first; without a state, those that are open. */
  'alarms.list': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { state, severity, kind, clientid, site, assignedTo, ...pageOfNewest },
      required: ['limit'],
      additionalProperties: false,
    },
    handler: ({ alarms }, { cursor: before, ...query }) =>
      alarms.list({ ...query, ...(before !== undefined && { before }) }),
    invalidatedBy: isOfAlarms,
  }),

  /** Lists what is worst now; what was put aside is not in it. */
  'alarms.worst': defineProcedure({
    role: 'viewer',
    input: {
      type: 'object',
      properties: { limit: { type: 'integer', minimum: 1, maximum: 100 } },
      required: ['limit'],
      additionalProperties: false,
    },
    handler: ({ alarms }, { limit }) => alarms.worst(limit),
    invalidatedBy: isOfAlarms,
  }),

  /** Returns null if there is no such alarm. */
  'alarms.get': defineProcedure({
    role: 'viewer',
    input: { type: 'object', properties: { id }, required: ['id'], additionalProperties: false },
    handler: ({ alarms }, input) => alarms.get(input.id),
    invalidatedBy: isOfAlarms,
  }),

  'alarms.counts': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: ({ alarms }) => alarms.counts(),
    invalidatedBy: isOfAlarms,
  }),

  /** Acknowledges, assigns or puts aside alarms, or takes that back. */
  'alarms.act': defineProcedure({
    role: 'operator',
    input: ALARM_ACT,
    handler: ({ alarms }, input, caller) => alarms.act(input as AlarmAct, caller.requestedBy),
    audit: async (input, manager) => ({
      action: `alarm.${(input as AlarmAct).act}`,
      ...(await actSubject(manager, input as AlarmAct)),
    }),
  }),

  'alarms.rules': defineProcedure({
    role: 'viewer',
    input: nothing,
    handler: ({ alarms }) => alarms.rules(),
    invalidatedBy: (change) => change.kind === 'alarmRules',
  }),

  /** Adds a rule, or sets the one with its id. */
  'alarms.setRule': defineProcedure({
    role: 'administrator',
    input: NEW_RULE,
    handler: ({ alarms }, input, caller) => alarms.setRule(input, caller.requestedBy),
    audit: (input) => ({ action: 'alarm.rule', ...ruleSubject(input) }),
  }),

  /** Removes a rule that did not come with the pack. */
  'alarms.removeRule': defineProcedure({
    role: 'administrator',
    input: { type: 'object', properties: { id: RULE_ID }, required: ['id'], additionalProperties: false },
    async handler({ alarms }, input, caller) {
      await alarms.removeRule(input.id, caller.requestedBy);
      return null;
    },
    audit: (input) => ({ action: 'alarm.rule', detail: { id: input.id, removed: true } }),
  }),

  /** Raises an alarm as flows do. */
  'alarms.raise': defineProcedure({
    role: 'operator',
    input: OWN_ALARM,
    handler: ({ alarms }, input, caller) => alarms.raise(input, caller.requestedBy),
    audit: (input) => ({ action: 'alarm.raise', ...ownSubject(input) }),
  }),

  /** Clears such an alarm; returns null if none is open. */
  'alarms.clear': defineProcedure({
    role: 'operator',
    input: OWN_CLEAR,
    handler: ({ alarms }, input, caller) => alarms.clear(input, caller.requestedBy),
    audit: (input) => ({ action: 'alarm.clear', ...ownSubject(input) }),
  }),
} as const;

function isOfAlarms(change: Change): boolean {
  return change.kind === 'alarm';
}
