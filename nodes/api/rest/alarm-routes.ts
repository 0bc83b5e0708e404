import {
  ALARM,
  ALARM_ACT,
  ALARM_QUERY,
  type AlarmAct,
  OWN_ALARM,
  OWN_CLEAR,
  parseAlarmAct,
  parseOwnAlarm,
} from '../../manager/alarms/alarm.js';
import { ALARM_RULE, NEW_RULE, parseNewRule } from '../../manager/alarms/alarm-rule.js';
import { unknownAlarm } from '../../manager/alarms/store/acts.js';
import { CURSOR } from '../../manager/shared/page.js';
import { isPlainObject } from '../../manager/shared/validate.js';
import { listOf } from '../../manager/shared/value-schemas.js';
import { actSubject, ownSubject, ruleSubject } from '../alarm-subject.js';
import { ALARM_OF_FLOW, ALARM_OPEN, RULE_SET } from './alarm-examples.js';
import { defineRoute, objectIn } from './route.js';

const { state, severity, kind, clientid, site, assignedTo, limit } = ALARM_QUERY.properties;
const { clientid: gateway, key, text, advice } = ALARM_OF_FLOW;
const ids = [ALARM_OPEN.id];

/** The REST routes for alarms and their rules. */
export const ALARM_ROUTES = [
  defineRoute({
    method: 'GET',
    path: '/alarm',
    operationId: 'listAlarms',
    tag: 'Alarms',
    summary: 'List alarms, newest first',
    description: 'Without `state`, those that are open.',
    role: 'viewer',
    isPaged: true,
    query: {
      type: 'object',
      properties: { state, severity, kind, clientid, site, assignedTo, cursor: CURSOR, limit },
      additionalProperties: false,
    },
    data: listOf(ALARM),
    examples: { data: [ALARM_OPEN] },
    async answer({ alarms }, { query: { cursor: before, ...query } }) {
      const { items, next } = await alarms.list({ ...query, ...(before !== undefined && { before }) });
      return { data: items, next };
    },
  }),

  defineRoute({
    method: 'GET',
    path: '/alarm/{id}',
    operationId: 'readAlarm',
    tag: 'Alarms',
    summary: 'Read an alarm',
    role: 'viewer',
    errors: ['NOT_FOUND'],
    data: ALARM,
    examples: { data: ALARM_OPEN },
    async answer({ alarms }, { params: { id = '' } }) {
      const alarm = await alarms.get(id);
      if (alarm === null) throw unknownAlarm(id);
      return { data: alarm };
    },
  }),

  actRoute('acknowledge', 'Acknowledge open alarms', 'Somebody cares: they are not reminded of any more.', {
    body: { ids, note: 'on my way' },
    done: { state: 'acknowledged', acknowledgedBy: 'REST', acknowledgedAt: '2025-11-29T22:05:00.000Z' },
  }),
  actRoute('assign', 'Say who cares for open alarms', '`to` is a name, or null for nobody.', {
    body: { ids, to: 'ada' },
    done: { assignedTo: 'ada' },
  }),
  actRoute('shelve', 'Put open alarms aside for some time', 'When it is over, they are told of again.', {
    body: { ids, seconds: 3600, note: 'being rebuilt' },
    done: { state: 'shelved', shelvedBy: 'REST', shelvedUntil: '2025-11-29T23:05:00.000Z' },
  }),
  actRoute(
    'unshelve',
    'Take back open alarms that were put aside',
    'For those that were not, nothing changes.',
    {
      body: { ids },
      done: {},
    },
  ),

  defineRoute({
    method: 'POST',
    path: '/alarm',
    operationId: 'raiseAlarm',
    tag: 'Alarms',
    summary: 'Raise an alarm of your own',
    description: 'While one with this key, and gateway, is open, it says of that one what is so now.',
    role: 'operator',
    action: 'alarm.raise',
    subject: async ({ body }) => ownSubject(body),
    errors: ['NOT_FOUND', 'BUSY'],
    body: { kind: 'json', isRequired: true, schema: OWN_ALARM },
    data: ALARM,
    examples: {
      body: { key, clientid: gateway, severity: ALARM_OF_FLOW.severity, text, advice },
      data: ALARM_OF_FLOW,
    },
    answer: async ({ alarms }, { body }, caller) => ({
      data: await alarms.raise(parseOwnAlarm(objectIn(body)), caller.requestedBy),
    }),
  }),

  defineRoute({
    method: 'DELETE',
    path: '/alarm',
    operationId: 'clearAlarm',
    tag: 'Alarms',
    summary: 'Clear an alarm of your own',
    description: 'The answer is null if none is open. Alarms of rules clear by themselves.',
    role: 'operator',
    action: 'alarm.clear',
    subject: async ({ query }) => ownSubject(query),
    query: OWN_CLEAR,
    data: { ...ALARM, type: ['object', 'null'] },
    examples: {
      data: {
        ...ALARM_OF_FLOW,
        ...{ state: 'cleared', clearedAt: '2025-11-29T22:40:00.000Z', clearedBy: 'REST' },
      },
    },
    answer: async ({ alarms }, { query }, caller) => ({
      data: await alarms.clear(query, caller.requestedBy),
    }),
  }),

  defineRoute({
    method: 'GET',
    path: '/alarm/rule',
    operationId: 'listAlarmRules',
    tag: 'Alarms',
    summary: 'List the rules by which alarms are raised',
    role: 'viewer',
    data: listOf(ALARM_RULE),
    examples: { data: [RULE_SET] },
    answer: async ({ alarms }) => ({ data: await alarms.rules() }),
  }),

  defineRoute({
    method: 'PUT',
    path: '/alarm/rule',
    operationId: 'setAlarmRule',
    tag: 'Alarms',
    summary: 'Add a rule, or set the one with this id',
    description:
      'What is left out is as the rule of its kind that comes with the pack has it. The id of that one is the kind.',
    role: 'administrator',
    action: 'alarm.rule',
    subject: async ({ body }) => ruleSubject(body),
    errors: ['CONFLICT'],
    body: { kind: 'json', isRequired: true, schema: NEW_RULE },
    data: ALARM_RULE,
    examples: {
      body: {
        ...{ id: RULE_SET.id, kind: RULE_SET.kind, name: RULE_SET.name, severity: RULE_SET.severity },
        ...{ delaySeconds: RULE_SET.delaySeconds, repeatSeconds: RULE_SET.repeatSeconds },
        filter: RULE_SET.filter,
      },
      data: RULE_SET,
    },
    answer: async ({ alarms }, { body }, caller) => ({
      data: await alarms.setRule(parseNewRule(objectIn(body)), caller.requestedBy),
    }),
  }),

  defineRoute({
    method: 'DELETE',
    path: '/alarm/rule/{id}',
    operationId: 'removeAlarmRule',
    tag: 'Alarms',
    summary: 'Remove a rule, and clear its alarms',
    description: 'One that came with the pack can only be turned off.',
    role: 'administrator',
    action: 'alarm.rule',
    detail: ({ params: { id = '' } }) => ({ id: id.slice(0, 100), removed: true }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    data: { type: 'null' },
    examples: { data: null },
    async answer({ alarms }, { params: { id = '' } }, caller) {
      await alarms.removeRule(id, caller.requestedBy);
      return { data: null };
    },
  }),
];

/** A route that acts on open alarms: on all of them, or on none. */
function actRoute(
  name: AlarmAct['act'],
  summary: string,
  description: string,
  { body, done }: { body: object; done: object },
) {
  return defineRoute({
    method: 'POST',
    path: `/alarm/${name}`,
    operationId: `${name}Alarms`,
    tag: 'Alarms',
    summary,
    description,
    role: 'operator',
    action: `alarm.${name}`,
    subject: ({ body }, manager) => actSubject(manager, isPlainObject(body) ? body : {}),
    errors: ['NOT_FOUND', 'CONFLICT'],
    body: { kind: 'json', isRequired: true, schema: bodyOf(name) },
    data: listOf(ALARM),
    examples: { body, data: [{ ...ALARM_OPEN, ...done }] },
    answer: async ({ alarms }, call, caller) => ({
      data: await alarms.act(parseAlarmAct({ ...objectIn(call.body), act: name }), caller.requestedBy),
    }),
  });
}

/** The path says which act it is. */
function bodyOf(name: AlarmAct['act']): object {
  const schema = ALARM_ACT.oneOf.find(({ properties }) => properties.act.const === name)!;
  const { act: _act, ...properties } = schema.properties;
  return { ...schema, properties, required: schema.required.filter((field) => field !== 'act') };
}
