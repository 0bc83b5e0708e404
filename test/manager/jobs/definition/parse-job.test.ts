import { expect } from 'chai';
import fc from 'fast-check';
import { TPE_OPERATIONS } from '../../../../nodes/manager/catalogue/operation-set.js';
import type { JobDefinition } from '../../../../nodes/manager/jobs/definition/definition.js';
import { canonicalJson } from '../../../../nodes/manager/jobs/definition/hash.js';
import { parseJob } from '../../../../nodes/manager/jobs/definition/parse-job.js';
import { refuseUnexpected } from '../../../../nodes/manager/jobs/definition/targets.js';
import { TpeError } from '../../../../nodes/manager/shared/tpe-error.js';
import { errorOf } from '../../../support/errors.js';

const GENERAL = 'patch-device-general-set-device-general';
const REBOOT = 'put-system-reboot-reboot-device-now';
const WIFI = 'patch-device-wifi-id';
const read = { operation: 'get-device-general-get-device-general' };
const condition = { ...read, pointer: '/data/hostName', equals: 'pump' };
const write = { operation: GENERAL, requestBody: { hostName: 'pump' } };
const reboot = { operation: REBOOT, requestBody: { now: true } };
const GOOD = { name: 'a job', do: { command: write }, targets: { ids: ['gw-1', 'gw-2'] } };
const CSV = 'clientid,host name\ngw-1,pump-1\ngw-2,pump-2\n';
const packages = [{ category: 'tpe', version: '2.3.0-1', yamlUrl: 'https://x.example/a.yaml', size: 1000 }];

const lookUp = (name: string) => (name === 'wifi-psk' ? 'the secret itself' : undefined);
const parse = (given: unknown) => parseJob(given, TPE_OPERATIONS, { lookUp });
const withDo = (what: unknown, more: object = {}) => ({ ...GOOD, do: what, ...more });
const command = (what: object, more: object = {}) => withDo({ command: what }, more);
const steps = (...all: unknown[]) => withDo({ steps: all });
const fill = (text: string, more: object = { perTarget: CSV }) =>
  command({ operation: GENERAL, requestBody: { description: text } }, more);

/** What is wrong, the definition, the field that the error has to name, and where one belongs the rule. */
const WRONG: [what: string, given: unknown, field: string, rule?: string][] = [
  ['what is no object', 'a job', 'job'],
  ['a list', [GOOD], 'job'],
  ['no name', { do: GOOD.do, targets: GOOD.targets }, 'name', 'required'],
  ['an empty name', { ...GOOD, name: '' }, 'name', 'minLength'],
  ['a name that cannot be stored', { ...GOOD, name: 'a\u0000' }, 'name', 'storable'],
  [
    'a number that JSON would change',
    command({ operation: GENERAL, requestBody: { hostName: 2n ** 60n } }),
    'do',
    'storable',
  ],
  ['a name that is no text', { ...GOOD, name: 7 }, 'name', 'type'],
  ['an unknown field', { ...GOOD, rolout: {} }, 'rolout', 'additionalProperties'],
  ['nothing to do', { name: 'x', targets: GOOD.targets }, 'do', 'required'],
  ['an empty do', withDo({}), 'do', 'minProperties'],
  ['two things to do', withDo({ command: write, install: { to: 'newest' } }), 'do', 'maxProperties'],
  ['no targets', { name: 'x', do: GOOD.do }, 'targets', 'required'],
  ['targets without a kind', { ...GOOD, targets: {} }, 'targets', 'one-kind'],
  ['only a number that is expected', { ...GOOD, targets: { expect: 3 } }, 'targets', 'one-kind'],
  ['ids and a filter', { ...GOOD, targets: { ids: ['a'], filter: { site: 'x' } } }, 'targets', 'one-kind'],
  ['a filter and all', { ...GOOD, targets: { all: true, filter: { site: 'x' } } }, 'targets', 'one-kind'],
  ['all that is false', { ...GOOD, targets: { all: false } }, 'targets.all', 'const'],
  ['no ids in the list', { ...GOOD, targets: { ids: [] } }, 'targets.ids', 'minItems'],
  ['an id that is no text', { ...GOOD, targets: { ids: ['a', null] } }, 'targets.ids.1', 'type'],
  ['a filter without a condition', { ...GOOD, targets: { filter: {} } }, 'targets.filter'],
  ['a filter whose condition is blank', { ...GOOD, targets: { filter: { site: ' ' } } }, 'targets.filter'],
  ['an unknown condition', { ...GOOD, targets: { filter: { sites: 'x' } } }, 'targets.filter.sites'],
  ['a request without a path', command({ requestBody: {} }), 'do.command', 'no-request'],
  ['an operation and a path', command({ ...write, path: '/device/general' }), 'do.command', 'two-requests'],
  ['an operation and a method', command({ ...write, method: 'PUT' }), 'do.command.method', 'two-requests'],
  [
    'parameters without an operation',
    command({ path: '/device/wifi', params: { id: 1 } }),
    'do.command.params',
    'params',
  ],
  [
    'an unknown operation',
    command({ operation: 'get-device-genral' }),
    'do.command.operation',
    'operation-unknown',
  ],
  [
    'a body that does not fit',
    command({ operation: GENERAL, requestBody: { hostName: 7 } }),
    'do.command.requestBody.hostName',
    'type',
  ],
  ['a body that is a text', command({ operation: GENERAL, requestBody: 'pump' }), 'do.command.requestBody'],
  ['a missing parameter', command({ operation: WIFI, requestBody: {} }), 'do.command.params.id', 'required'],
  ['an unknown parameter', command({ ...write, params: { uuid: 1 } }), 'do.command.params.uuid'],
  [
    'a forbidden path',
    command({ path: '/auth', method: 'POST', requestBody: {} }),
    'do.command.path',
    'forbidden',
  ],
  [
    'a forbidden path in disguise',
    command({ path: '/device/%72oute', method: 'PUT' }),
    'do.command.path',
    'forbidden',
  ],
  [
    'a forbidden path below a placeholder',
    command({ path: '/auth/{{gateway.site}}', method: 'PUT' }),
    'do.command.path',
    'forbidden',
  ],
  [
    'what cannot be done over MQTT',
    command({ operation: 'put-system-httpserver' }),
    'do.command.path',
    'forbidden',
  ],
  ['a path without a slash', command({ path: 'device/general' }), 'do.command.path', 'request-rules'],
  [
    'a path that is a placeholder',
    command({ path: '{{value.host name}}' }, { perTarget: CSV }),
    'do.command.path',
  ],
  ['a method that there is not', command({ path: '/device/general', method: 'TRACE' }), 'do.command.method'],
  ['untilWell of a read', command({ ...read, untilWell: true }), 'do.command.untilWell', 'until-well'],
  [
    'verify of an installation',
    withDo({ install: { to: 'newest' } }, { verify: condition }),
    'verify',
    'verify-of-command',
  ],
  [
    'verify beside steps',
    withDo({ steps: [{ command: write }] }, { verify: condition }),
    'verify',
    'verify-of-command',
  ],
  [
    'verify that writes',
    withDo({ command: write }, { verify: { ...condition, ...write } }),
    'verify',
    'must-read',
  ],
  [
    'verify without a pointer',
    withDo({ command: write }, { verify: { ...read, equals: 1 } }),
    'verify.pointer',
    'required',
  ],
  [
    'a pointer that is none',
    withDo({ command: write }, { verify: { ...condition, pointer: 'data' } }),
    'verify.pointer',
    'json-pointer',
  ],
  [
    'a pause longer than the time',
    withDo({ command: write }, { verify: { ...condition, withinSeconds: 5, everySeconds: 9 } }),
    'verify.everySeconds',
    'every',
  ],
  [
    'a secret that is compared',
    withDo({ command: write }, { verify: { ...condition, equals: { $secret: 'wifi-psk' } } }),
    'verify.equals',
    'secret-place',
  ],
  ['no step', steps(), 'do.steps', 'minItems'],
  ['too many steps', steps(...Array.from({ length: 21 }, () => ({ command: read }))), 'do.steps', 'maxItems'],
  ['a step that does nothing', steps({ command: write }, { name: 'rest' }), 'do.steps.1', 'one-kind'],
  ['a step that does two things', steps({ command: write, waitOnline: {} }), 'do.steps.0', 'one-kind'],
  ['an unknown kind of step', steps({ reboot: {} }), 'do.steps.0.reboot', 'additionalProperties'],
  ['steps that are all always', steps({ command: write, always: true }), 'do.steps', 'only-always'],
  [
    'verify of a step that waits',
    steps({ command: write }, { waitOnline: {}, verify: condition }),
    'do.steps.1.verify',
    'verify-of-command',
  ],
  [
    'verify of a step that installs',
    steps({ install: { to: 'newest' }, verify: condition }),
    'do.steps.0.verify',
    'verify-of-command',
  ],
  [
    'a step that waits less than it settles',
    steps({ waitOnline: { settleSeconds: 60, withinSeconds: 60 } }),
    'do.steps.0.waitOnline.withinSeconds',
    'within',
  ],
  [
    'a step that reads by writing',
    steps({ readUntil: { ...condition, ...reboot } }),
    'do.steps.0.readUntil',
    'must-read',
  ],
  [
    'a forbidden path in a step',
    steps({ command: write }, { command: { path: '/device/route' } }),
    'do.steps.1.command.path',
    'forbidden',
  ],
  ['an installation of nothing', withDo({ install: {} }), 'do.install', 'what-to-install'],
  [
    'an installation of two things',
    withDo({ install: { to: 'newest', packages } }),
    'do.install',
    'what-to-install',
  ],
  [
    'a package without a URL',
    withDo({ install: { packages: [{ category: 'tpe', version: '1' }] } }),
    'do.install.packages.0',
    'packages',
  ],
  [
    'a package with a placeholder',
    withDo({ install: { packages: [{ ...packages[0], version: '{{value.x}}' }] } }),
    'do.install.packages.0.version',
    'placeholder-place',
  ],
  [
    'more of one site than at all',
    { ...GOOD, rollout: { perSite: 9, maxInProgress: 8 } },
    'rollout.perSite',
    'per-site',
  ],
  ['more of one site than by default', { ...GOOD, rollout: { perSite: 60 } }, 'rollout.perSite', 'per-site'],
  ['too high a rate', { ...GOOD, rollout: { maxPerMinute: 6001 } }, 'rollout.maxPerMinute', 'maximum'],
  ['too many at once', { ...GOOD, rollout: { maxInProgress: 501 } }, 'rollout.maxInProgress', 'maximum'],
  ['a rate as text', { ...GOOD, rollout: { maxPerMinute: '10' } }, 'rollout.maxPerMinute', 'type'],
  ['too many retries', { ...GOOD, retry: { failed: 11 } }, 'retry.failed', 'maximum'],
  [
    'a time of a year',
    { ...GOOD, timeouts: { offlineSeconds: 31_536_000 } },
    'timeouts.offlineSeconds',
    'maximum',
  ],
  ['too many placeholders in a text', fill('{{gateway.site}}'.repeat(201)), 'do', 'placeholders-many'],
  [
    'too many placeholders in all steps together',
    withDo({
      steps: Array.from({ length: 3 }, () => ({
        command: { ...write, requestBody: { description: '{{gateway.site}}'.repeat(50) } },
        verify: { ...condition, equals: ['{{job.name}}'.repeat(20)] },
      })),
    }),
    'do',
    'placeholders-many',
  ],
  [
    'an unknown placeholder',
    fill('{{gatway.site}}'),
    'do.command.requestBody.description',
    'placeholder-form',
  ],
  [
    'an unknown field of a gateway',
    fill('{{gateway.password}}'),
    'do.command.requestBody.description',
    'placeholder-form',
  ],
  [
    'a placeholder that is not closed',
    fill('a {{gateway.site'),
    'do.command.requestBody.description',
    'placeholder-form',
  ],
  [
    'a placeholder in a placeholder',
    fill('{{value.{{gateway.site}}}}'),
    'do.command.requestBody.description',
    'placeholder-form',
  ],
  [
    'a type within a text',
    fill('a {{value.host name:number}}'),
    'do.command.requestBody.description',
    'placeholder-type',
  ],
  [
    'a type in a path',
    command({ path: '/device/{{value.host name:number}}' }, { perTarget: CSV }),
    'do.command.path',
    'placeholder-type',
  ],
  ['an unknown column', fill('{{value.host}}'), 'do.command.requestBody.description', 'placeholder-column'],
  [
    'a column without values',
    fill('{{value.host name}}', {}),
    'do.command.requestBody.description',
    'placeholder-column',
  ],
  [
    'a column that is compared',
    { ...GOOD, verify: { ...condition, equals: '{{value.x}}' }, perTarget: CSV },
    'verify.equals',
    'placeholder-column',
  ],
  [
    'a placeholder in a name',
    command({ operation: GENERAL, requestBody: { '{{gateway.site}}': 1 } }),
    'do.command.requestBody.{{gateway.site}}',
    'placeholder-place',
  ],
  [
    'a placeholder as operation',
    command({ operation: '{{value.host name}}' }, { perTarget: CSV }),
    'do.command.operation',
    'placeholder-place',
  ],
  [
    'a secret that is not set',
    command({ operation: GENERAL, requestBody: { description: { $secret: 'nobody' } } }),
    'do.command.requestBody.description',
    'secret-unknown',
  ],
  [
    'a secret without a proper name',
    command({ operation: GENERAL, requestBody: { description: { $secret: 'a b' } } }),
    'do.command.requestBody.description.$secret',
    'secret-name',
  ],
  [
    'a secret with more beside it',
    command({ operation: GENERAL, requestBody: { description: { $secret: 'wifi-psk', x: 1 } } }),
    'do.command.requestBody.description',
    'secret-form',
  ],
  [
    'a secret in clear, by what the catalogue marks',
    command({ method: 'PUT', path: '/openvpn', requestBody: { x: { password: 'open sesame' } } }),
    'do.command.requestBody.x.password',
    'secret-in-clear',
  ],
  [
    'a secret in clear within a list',
    command({ method: 'PUT', path: '/openvpn', requestBody: { users: [{ psk: ['a', 'b'] }] } }),
    'do.command.requestBody.users.0.psk',
    'secret-in-clear',
  ],
  [
    'a secret in clear in a text',
    command({ method: 'PUT', path: '/openvpn', requestBody: { url: 'https://me:open-sesame@example.net/' } }),
    'do.command.requestBody.url',
    'secret-in-clear',
  ],
  ['values without client ids', { ...GOOD, perTarget: 'name,port\na,1\n' }, 'perTarget', 'no-clientid'],
  ['values that are no CSV', { ...GOOD, perTarget: 'clientid,x\ngw-1,"a\n' }, 'perTarget', 'no-csv'],
  ['no row of values', { ...GOOD, perTarget: 'clientid,x\n' }, 'perTarget', 'no-rows'],
  [
    'a client id twice',
    { ...GOOD, perTarget: 'clientid,x\ngw-1,1\ngw-2,1\ngw-1,2\n' },
    'perTarget.line 4',
    'clientid-twice',
  ],
  ['a column twice', { ...GOOD, perTarget: 'clientid,x,x\ngw-1,1,2\n' }, 'perTarget', 'column-twice'],
  [
    'a row that is too wide',
    { ...GOOD, perTarget: 'clientid,x\ngw-1,1,2\n' },
    'perTarget.line 2',
    'row-too-wide',
  ],
  ['a row without a client id', { ...GOOD, perTarget: 'clientid,x\n,1\n' }, 'perTarget.line 2', 'clientid'],
  [
    'a client id that a spreadsheet shortened',
    { ...GOOD, perTarget: 'clientid,x\n1.2E+11,1\n' },
    'perTarget.line 2',
    'clientid',
  ],
  [
    'a gateway that is not meant',
    { ...GOOD, perTarget: 'clientid,x\ngw-3,1\n' },
    'perTarget',
    'clientid-not-in-ids',
  ],
  ['a list with what is no object', { ...GOOD, perTarget: [{ clientid: 'gw-1' }, 7] }, 'perTarget', 'type'],
  ['a list without a client id', { ...GOOD, perTarget: [{ x: 1 }] }, 'perTarget.0', 'no-clientid'],
  [
    'a list with a client id twice',
    { ...GOOD, perTarget: [{ clientid: 'gw-1' }, { clientid: 'gw-1' }] },
    'perTarget.1',
    'clientid-twice',
  ],
  [
    'a value that cannot be stored',
    { ...GOOD, perTarget: [{ clientid: 'gw-1', x: 'a\u0000' }] },
    'perTarget.0',
    'storable',
  ],
  ['values as a number', { ...GOOD, perTarget: 7 }, 'perTarget'],
];

describe('jobs: a wrong definition', () => {
  for (const [what, given, field, rule] of WRONG) {
    it(`with ${what} is refused, naming ${field}`, async () => {
      const error = await errorOf(parse(given));
      expect(error, error.stack).to.be.instanceOf(TpeError);
      const { code, details, message } = error as TpeError;
      expect(code).to.equal('INVALID_INPUT');
      expect(details.field, message).to.equal(field);
      if (rule !== undefined) expect(details.rule, message).to.equal(rule);
      expect(message).not.to.include('the secret itself');
    });
  }

  it('too deep or too large to be read is refused at once', async () => {
    let deep: unknown = {};
    for (let level = 0; level < 10_000; level += 1) deep = { a: deep };
    expect((await errorOf(parse(command({ ...write, requestBody: deep })))).message).to.include('nested');
    const wide = { ...write, requestBody: { description: 'x'.repeat(5_000_000) } };
    expect((await errorOf(parse(command(wide)))).message).to.include('characters');
  });
});

describe('jobs: a definition', () => {
  it('of one command has one step, and the pace of a write', async () => {
    const parsed = await parse({ ...GOOD, verify: condition });
    expect(parsed.steps).to.deep.equal([
      {
        ...{ name: GENERAL, always: false, kind: 'command', command: write },
        verify: { ...condition, withinSeconds: 60, everySeconds: 5 },
      },
    ]);
    expect(parsed.rating).to.deep.equal({ risk: 'write', classes: [] });
    expect(parsed.targets).to.deep.equal({ kind: 'list', clientids: ['gw-1', 'gw-2'] });
    expect(parsed.values).to.equal(null);
    expect(parsed.pace).to.deep.include({
      maxPerMinute: 100,
      maxInProgress: 50,
      perSite: null,
      jitterSeconds: 0,
    });
    expect(parsed.pace).to.deep.include({ offlineSeconds: 14 * 86_400, retryFailed: 0, retryTimedOut: 0 });
  });

  it('goes by its risk where it does not say how', async () => {
    const paceOf = async (what: object, more: object = {}) => (await parse(withDo(what, more))).pace;
    expect(await paceOf({ command: read })).to.include({
      maxPerMinute: 1000,
      perSite: null,
      inProgressSeconds: 660,
    });
    expect(await paceOf({ command: reboot })).to.include({ maxPerMinute: 10, perSite: 1 });
    const erase = { operation: 'delete-device-wifi-id-client-networks-uuid', params: { id: 1, uuid: 'a' } };
    expect(await paceOf({ command: erase })).to.include({ maxPerMinute: 1, perSite: 1 });
    expect(await paceOf({ install: { packages } })).to.include({ maxPerMinute: 10, maxInProgress: 40 });
    const rollout = { maxPerMinute: 0.5, maxInProgress: 500, perSite: 2, jitterSeconds: 9 };
    expect(await paceOf({ command: reboot }, { rollout })).to.include(rollout);
  });

  it('has the highest risk of its steps, and all classes', async () => {
    const { rating, steps: all } = await parse(
      steps(
        { command: write },
        { waitOnline: {} },
        { readUntil: condition },
        { command: reboot, always: true, name: ' end ' },
      ),
    );
    expect(rating).to.deep.equal({ risk: 'disruptive', classes: ['cuts-mqtt'] });
    expect(all.map(({ name, kind, always }) => [name, kind, always])).to.deep.equal([
      [GENERAL, 'command', false],
      ['waitOnline', 'waitOnline', false],
      [read.operation, 'readUntil', false],
      ['end', 'command', true],
    ]);
    const install = await parse(withDo({ install: { to: 'newest' } }));
    expect(install.rating).to.deep.equal({ risk: 'disruptive', classes: ['changes-source', 'cuts-mqtt'] });
  });

  it('whose path is filled later has the risk of all that it may become', async () => {
    const { rating } = await parse(
      command({ path: '/device/wifi/1/client/{{value.host name}}/x', method: 'DELETE' }, { perTarget: CSV }),
    );
    expect(rating.risk).to.equal('destructive');
    const { id, raisedBy } = TPE_OPERATIONS.get('get-system-configuration')!;
    const asked = (value: string) => ({
      operation: id,
      params: { action: 'download', [raisedBy!.parameter]: value },
    });
    const raised = await parse(command(asked('{{value.host name}}'), { perTarget: CSV }));
    expect(raised.rating).to.deep.equal({ risk: raisedBy!.risk, classes: raisedBy!.classes });
    expect((await parse(command(asked(raisedBy!.unless)))).rating.risk).to.equal('read');
  });

  it('may have placeholders and secrets wherever a request has values', async () => {
    const { rating, values } = await parse({
      ...GOOD,
      do: {
        command: {
          operation: WIFI,
          params: { id: '{{value.radio:number}}' },
          requestBody: { client: { psk: { $secret: 'wifi-psk' }, ssid: '{{gateway.site}}-{{value.radio}}' } },
          check: 'warn',
        },
      },
      perTarget: [
        { clientid: 'gw-1', radio: 1 },
        { 'Client ID': 'gw-2', radio: 2 },
      ],
    });
    expect(rating.risk).to.equal('disruptive');
    expect([...(values ?? [])]).to.deep.equal([
      ['gw-1', { radio: 1 }],
      ['gw-2', { radio: 2 }],
    ]);
  });

  it('may have a whole body by JSON, and a body that the catalogue does not know with "warn"', async () => {
    await parse(command({ operation: GENERAL, requestBody: '{{value.host name:json}}' }, { perTarget: CSV }));
    await parse(command({ operation: GENERAL, requestBody: { hostName: 7 }, check: 'warn' }));
  });

  it('takes numbers for client ids', async () => {
    const { targets, values } = await parse({
      ...GOOD,
      targets: { ids: [1001, '1002'] },
      perTarget: [{ clientid: 1001, x: 'a' }],
    });
    expect(targets).to.deep.equal({ kind: 'list', clientids: ['1001', '1002'] });
    expect(values?.get('1001')).to.deep.equal({ x: 'a' });
  });

  it('is refused where the number of gateways differs by more than a tenth', () => {
    for (const total of [180, 200, 220]) refuseUnexpected({ expect: 200 }, total);
    refuseUnexpected({}, 7);
    for (const total of [0, 179, 221])
      expect(() => refuseUnexpected({ expect: 200 }, total))
        .to.throw(TpeError)
        .with.nested.property('details.field', 'targets.expect');
  });
});

describe('jobs: values of single gateways', () => {
  const valuesOf = async (perTarget: unknown) =>
    (await parse({ ...GOOD, targets: { all: true }, perTarget })).values;
  const expected = new Map([
    ['gw-1', { 'host name': 'a;b "c"', port: '0080' }],
    ['gw-2', { port: '1,5' }],
  ]);
  const files: Record<string, string> = {
    'a mark, semicolons and quotes':
      '\ufeffclientid;host name;port\r\ngw-1;"a;b ""c""";0080\r\ngw-2;;1,5\r\n',
    commas: 'clientid,host name,port\ngw-1,"a;b ""c""",0080\ngw-2,,"1,5"\n',
    tabs: 'port\tClient ID\thost name\n0080\tgw-1\t"a;b ""c"""\n1,5\tgw-2\t\n',
    'a line that names the separator': 'sep=;\nclientid;host name;port\ngw-1;"a;b ""c""";0080\ngw-2;;1,5',
    'a title, empty lines and empty rows':
      'Plan 7\n\nclientid;host name;port\n;;\ngw-1;"a;b ""c""";0080\n\ngw-2;;1,5\n',
    'what keeps spreadsheets from changing digits':
      'clientid;host name;port\ngw-1;"a;b ""c""";="0080"\n="gw-2";;1,5\n',
  };
  for (const [what, text] of Object.entries(files)) {
    it(`are read from a file with ${what}`, async () => {
      expect(await valuesOf(text)).to.deep.equal(expected);
    });
  }

  it('may have any names', async () => {
    const values = await valuesOf('clientid,__proto__,größe\ngw-1,a,b\n');
    expect(Object.entries(values?.get('gw-1') ?? {})).to.deep.equal([
      ['__proto__', 'a'],
      ['größe', 'b'],
    ]);
  });
});

describe('jobs: the hash of a definition', () => {
  const full: JobDefinition = {
    ...GOOD,
    do: {
      steps: [
        { command: { operation: GENERAL, requestBody: { hostName: 'p', description: 'd' } } },
        { waitOnline: {} },
      ],
    },
    rollout: { maxPerMinute: 5, jitterSeconds: 3 },
    perTarget: [
      { clientid: 'gw-1', a: 1, b: 2 },
      { clientid: 'gw-2', a: 3, b: 4 },
    ],
  };
  const hashOf = async (given: unknown) => (await parse(given)).hash;

  /** The same value with the fields of each object in another order. */
  function shuffled(value: unknown, random: () => number): unknown {
    if (Array.isArray(value)) return value.map((one) => shuffled(one, random));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, one]) => ({
      at: random(),
      name,
      one: shuffled(one, random),
    }));
    return Object.fromEntries(entries.sort((a, b) => a.at - b.at).map(({ name, one }) => [name, one]));
  }

  it('does not depend on the order of fields, of rows, or on name and note', async () => {
    const hash = await hashOf(full);
    expect(hash).to.match(/^[0-9a-f]{64}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.nat()),
        fc.string({ minLength: 1, maxLength: 9 }),
        async (numbers, name) => {
          const given = shuffled(full, () => numbers.next().value as number) as typeof full;
          const rows = [...(given.perTarget as object[])].reverse();
          expect(await hashOf({ ...given, name, note: name, perTarget: rows })).to.equal(hash);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('differs with what is done, to whom, how fast, with which values', async () => {
    const others: object[] = [
      { do: { command: write } },
      { do: { command: { ...write, requestBody: { hostName: 'q' } } } },
      { targets: { ids: ['gw-1', 'gw-2', 'gw-3'] } },
      { targets: { ids: ['gw-1', 'gw-2'], expect: 2 } },
      { rollout: { maxPerMinute: 6 } },
      { retry: { failed: 1 } },
      { perTarget: [{ clientid: 'gw-1', a: 1, b: 2 }] },
    ];
    const hashes = await Promise.all([full, ...others.map((other) => ({ ...full, ...other }))].map(hashOf));
    expect(new Set(hashes).size).to.equal(hashes.length);
  });

  it('has a secret by its name alone', async () => {
    const given = command({ operation: GENERAL, requestBody: { description: { $secret: 'wifi-psk' } } });
    const one = await parseJob(given, TPE_OPERATIONS, { lookUp: () => 'one' });
    const other = await parseJob(given, TPE_OPERATIONS, { lookUp: () => 'other' });
    expect(one).to.deep.equal(other);
  });

  it('is over JSON that reads back as what it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson({ b: 12345678901234567890n, a: undefined })).to.equal('{"b":12345678901234567890}');
  });
});
