/**
 * What can be wrong with what a field holds, in English: `__name__` stands for a value. The editor has the same in its
 * languages, as `tpe-server.fault.RULE`.
 */
export const FAULT_TEXTS = {
  choice: '"__value__" is not known: give one of __choices__',
  number: '"__value__" is no number: give __least__ to __most__',
  whole: '"__value__" is no whole number from __least__ to __most__',
  seconds: '"__value__" is out of range: give __least__ to __most__ seconds',
  port: '"__value__" is no port: give 0 to 65535',
  samePort: 'port __value__ is taken by another listener of this server: give each its own',
  host: '"__value__" is no address: give an IP address or a host name, without a port',
  url: '"__value__" is no URL that can be used: it must look like __like__',
  secure: 'a TLS configuration is chosen, so it must begin with __like__',
  missing: 'is missing: __like__',
  beside: 'is missing: certificate and key are needed together',
  group: '"__value__" cannot be used: give 1 to 100 characters, none of them a space or one of / + #',
  hosts: '"__value__" is no host: give names with commas between them, such as mirror.example.com:8443',
  webhookPath: '"__value__" cannot be used: give a path such as /api/emqx/hook',
  topicFilter:
    '"__value__" is no valid MQTT filter: + stands for one level, # for all the levels at its end; none begins with $',
  names:
    '"__value__" cannot begin client ids: give at most 60 characters, none of them one of / + #, and no $ or space in front',
  ownTopic: '"__value__" is no topic of one gateway: it needs {clientid}, and no + or #',
  schedule: '"__value__" is no schedule: write it as cron does, such as 0 3 * * *',
  json: 'is no JSON: __reason__',
  expression: 'cannot be evaluated: __reason__',
  roles: 'write one user a line: ada = operator; the roles are viewer, operator and administrator',
  newerForm:
    'saved by a newer version of this pack: update the pack here (form __version__, known up to __newest__)',
  /** With a reason in English, of the manager. */
  reason: '__reason__',
} as const;

export type FaultRule = keyof typeof FAULT_TEXTS;

/** A text with its values filled in, as the editor's catalogues do it. */
export function filledIn(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(/__(\w+?)__/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
