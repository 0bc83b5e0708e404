/**
 * The English texts of all faults of fields. `__name__` stands for a value. The locales have the same texts in each language, as
 * `tpe-server.fault.RULE`.
 */
export const FAULT_TEXTS = {
  choice: '"__value__" is unknown: use one of __choices__',
  number: '"__value__" is not a number: enter __least__ to __most__',
  whole: '"__value__" is not a whole number from __least__ to __most__',
  seconds: '"__value__" is out of range: enter __least__ to __most__ seconds',
  port: '"__value__" is not a port: enter 0 to 65535',
  samePort: 'port __value__ is already used by another listener of this server',
  host: '"__value__" is not an address: enter an IP address or host name, without a port',
  url: '"__value__" is not a valid URL: it must look like __like__',
  secure: 'must begin with __like__, because a TLS configuration is selected',
  missing: 'is missing: __like__',
  beside: 'is missing: certificate and key are required together',
  group: '"__value__" is invalid: enter 1 to 100 characters, without spaces and / + #',
  hosts: '"__value__" is not a host: enter names separated by commas, such as mirror.example.com:8443',
  restPath: '"__value__" is invalid: enter a path such as /api',
  webhookPath: '"__value__" is invalid: enter a path such as /api/emqx/hook',
  topicFilter:
    '"__value__" is not a valid MQTT filter: + matches one level, # all remaining levels, and it must not begin with $',
  names:
    '"__value__" is not a valid prefix for client ids: at most 60 characters, without / + #, and no $ or space at the start',
  ownTopic: '"__value__" is not the topic of one gateway: it must contain {clientid}, and no + or #',
  schedule: '"__value__" is not a schedule: use cron syntax, such as 0 3 * * *',
  json: 'is not valid JSON: __reason__',
  expression: 'cannot be evaluated: __reason__',
  roles: 'enter one user per line: ada = operator; the roles are viewer, operator and administrator',
  newerForm:
    'saved by a newer version of this pack: update the pack here (form __version__, known up to __newest__)',
  /** The reason is an English text of the manager. */
  reason: '__reason__',
} as const;

export type FaultRule = keyof typeof FAULT_TEXTS;

/** Fills values into a text, as the editor does it with its locales. Placeholders without a value stay. */
export function filledIn(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(/__(\w+?)__/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
