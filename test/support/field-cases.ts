// Values of the fields of every node: faulty ones, and right ones that look odd.

export interface FieldCase {
  type: string;
  /** The field that is tried, and what else stands in the node. */
  field: string;
  values: Record<string, unknown>;
  isFaulty: boolean;
}

type Values = Record<string, unknown>;
type Given = unknown | [value: unknown, more: Values];

function cases(type: string, field: string, more: Values, faulty: Given[], right: Given[]): FieldCase[] {
  const one = (isFaulty: boolean) => (given: Given) => {
    const [value, own] = Array.isArray(given) ? given : [given, {}];
    return { type, field, values: { ...more, [field]: value, ...(own as Values) }, isFaulty };
  };
  return [...faulty.map(one(true)), ...right.map(one(false))];
}

const typed = (field: string, type: string, value: string): Given => [value, { [`${field}Type`]: type }];
const VARIABLE = ['$', '{TPE_OF_A_TEST}'].join('');
const seconds = (field: string, most: number) =>
  [
    ['0', '-1', 'abc', '1e9', 'Infinity', 'NaN', String(most + 1), '5 s'].map((value) =>
      typed(field, 'num', value),
    ),
    [
      ...['', '1', '2.5', String(most), '0x10', VARIABLE].map((value) => typed(field, 'num', value)),
      ...EXPRESSIONS(field),
      typed(field, 'env', 'WHATEVER'),
    ],
  ] as const;
const EXPRESSIONS = (field: string): Given[] => [
  typed(field, 'msg', 'payload.a[0]'),
  typed(field, 'flow', 'counts.north'),
  typed(field, 'global', '#:(file)::counts'),
  typed(field, 'jsonata', '$sum(payload.a)'),
];
const BAD_EXPRESSIONS = (field: string): Given[] => [
  typed(field, 'msg', 'payload.'),
  typed(field, 'flow', 'a b'),
  typed(field, 'jsonata', '$sum('),
  typed(field, 'carrier pigeon', 'x'),
];
const choice = (...right: string[]): [Given[], Given[]] => [
  ['carrier pigeon', right[0]!.toUpperCase() === right[0] ? right[0].toLowerCase() : right[0]!.toUpperCase()],
  ['', ...right, VARIABLE],
];

const BAD_IDS = ['a/b', 'a+b', '#', '$sys', 'x'.repeat(101)];
const clientids = (type: string, more: Values) =>
  cases(
    type,
    'clientid',
    { clientidType: 'str', ...more },
    [...BAD_IDS, ...BAD_EXPRESSIONS('clientid')],
    ['', 'gw-7', '12345', 'Pumpe 7', VARIABLE, ...EXPRESSIONS('clientid')],
  );

const EMBEDDED = { broker: 'embedded' };
const MQTT = { broker: 'mqtt', url: 'mqtt://b' };
const EMQX = { broker: 'emqx', apiUrl: 'http://e:18083' };
const PORTS = ['http', '70000', '-1', '1.5', '1e3', '0x50', '  x', '1883 1883'];

const SERVER = [
  ...cases('tpe-server', 'registry', {}, ...choice('embedded', 'postgresql', 'auto')),
  ...cases(
    'tpe-server',
    'broker',
    { url: 'mqtt://b', apiUrl: 'http://e' },
    ...choice('embedded', 'mqtt', 'emqx', 'auto'),
  ),
  ...cases(
    'tpe-server',
    'host',
    EMBEDDED,
    ['http://x', '1.2.3.4:1883', '1.2.3', '256.1.1.1', 'a b', '[::1]', '::x', 'a..b'],
    ['', '0.0.0.0', '127.0.0.1', '::', '::1', 'fe80::1%eth0', 'localhost', 'plant-1.example.com', VARIABLE],
  ),
  ...cases('tpe-server', 'port', EMBEDDED, PORTS, [
    '',
    '0',
    '1883',
    ' 1883 ',
    '65535',
    VARIABLE,
    ['http', MQTT],
  ]),
  ...cases(
    'tpe-server',
    'tlsPort',
    { ...EMBEDDED, tlsCert: 'c', tlsKey: 'k' },
    [...PORTS, '1883', ['9', { port: '9' }]],
    ['', '8883', VARIABLE],
  ),
  ...cases(
    'tpe-server',
    'tlsCert',
    { ...EMBEDDED, tlsPort: '8883', tlsKey: 'k' },
    [''],
    ['c', ['', { tlsPort: '' }]],
  ),
  ...cases(
    'tpe-server',
    'tlsKey',
    { ...EMBEDDED, tlsPort: '8883', tlsCert: 'c' },
    [''],
    ['k', ['', { tlsPort: '' }]],
  ),
  ...cases('tpe-server', 'webSocketPort', EMBEDDED, [...PORTS, '1883'], ['', '9001', VARIABLE]),
  ...cases(
    'tpe-server',
    'url',
    { broker: 'mqtt' },
    [
      '',
      'broker',
      'http://b',
      'mqtt://',
      'mqtt:b',
      'tcp://b:1883',
      'mqtt://b:99999',
      '://',
      ['mqtt://b', { tls: 'chosen' }],
      ['', { ...EMQX, events: 'mqtt' }],
    ],
    [
      ...['mqtt://b', 'mqtts://b:8883', 'ws://b/mqtt', 'wss://[::1]:8084/mqtt', 'mqtt://u:p@b', VARIABLE],
      ['http://b', EMBEDDED],
      ['', EMQX],
      ['', { broker: 'auto' }],
      ['mqtts://b', { tls: 'chosen' }],
      ['mqtt://b', { tls: '' }],
    ],
  ),
  ...cases(
    'tpe-server',
    'sharedGroup',
    MQTT,
    ['a b', 'a/b', 'a+', '#', 'x'.repeat(101)],
    ['', 'workers', VARIABLE],
  ),
  ...cases(
    'tpe-server',
    'apiUrl',
    { broker: 'emqx' },
    [['http://e', { apiTls: 'chosen' }], '', 'e:18083', 'ftp://e', 'http://', 'mqtt://e', 'http:e'],
    ['http://e:18083', 'https://e', VARIABLE, ['', EMBEDDED]],
  ),
  ...cases('tpe-server', 'events', { ...EMQX, url: 'mqtt://b' }, ...choice('webhook', 'mqtt')),
  ...cases(
    'tpe-server',
    'webhookPath',
    EMQX,
    ['hook', '/a b', '/a?b', '/a/', '//a', '/ü'],
    [
      '',
      '/hook',
      '/api/emqx/hook',
      VARIABLE,
      ['hook', { events: 'mqtt', url: 'mqtt://b' }],
      ['hook', EMBEDDED],
    ],
  ),
  ...cases('tpe-server', 'rest', {}, ...choice('on', 'off')),
  ...cases(
    'tpe-server',
    'restPath',
    { rest: 'on' },
    ['api', '/a b', '/a?b', '/a/', '//a'],
    ['', '/api', '/fleet/api', VARIABLE, ['api', { rest: 'off' }]],
  ),
  ...cases('tpe-server', 'payloads', EMQX, ...choice('plain', 'base64', 'auto')),
  ...cases('tpe-server', 'topics', {}, ...choice('tpedm', 'tpe', 'custom')),
  ...cases(
    'tpe-server',
    'inputTopic',
    { topics: 'custom', outputTopic: '/o/{clientid}' },
    ['/a/b', '/a/+/{clientid}', '/a/{clientid}/#', '/a{clientid}', '{clientid}{clientid}'],
    ['', '/i/{clientid}', VARIABLE, ['/a/b', { topics: 'tpe' }]],
  ),
  ...cases(
    'tpe-server',
    'outputTopic',
    { topics: 'custom', inputTopic: '/i/{clientid}' },
    ['/a/b', '/i/{clientid}', '/{clientid}/{clientid}', '/a/{clientid}/#'],
    ['', '/o/{clientid}', VARIABLE],
  ),
  ...cases(
    'tpe-server',
    'telemetry',
    {},
    ['#', '/a/#/b', '/a+', '/tpedm/#', '$SYS/#', '/a\n/b#'],
    ['', '/a/{clientid}/x\n\n/b/#,/c', '/tpedm/{clientid}/telemetry/#', VARIABLE],
  ),
  ...cases(
    'tpe-server',
    'commandTimeout',
    {},
    ['0', '3601', 'abc', '-1', '1m', 'Infinity'],
    ['', '60', '2.5', VARIABLE],
  ),
  ...cases('tpe-server', 'queueFor', {}, ['0', '604801', 'abc', '1h'], ['', '604800', VARIABLE]),
  ...cases(
    'tpe-server',
    'repoUrl',
    {},
    ['repository', 'ftp://r', 'https://'],
    ['', 'https://r/api/v1/', VARIABLE],
  ),
  ...cases('tpe-server', 'repoCert', { repoKey: 'k' }, [''], ['c', ['', { repoKey: '' }]]),
  ...cases('tpe-server', 'repoKey', { repoCert: 'c' }, [''], ['k']),
  ...cases(
    'tpe-server',
    'repoHosts',
    {},
    ['https://x', 'a/b', 'x:port', 'a_b!'],
    ['', 'mirror.example.com:8443', 'a, b c', '[::1]:443', VARIABLE],
  ),
  ...cases('tpe-server', 'withoutSignIn', {}, ...choice('nothing', 'view', 'operate')),
  ...cases(
    'tpe-server',
    'dashboardRoles',
    {},
    ['ada', 'ada = king', '= viewer', 'ada = viewer\nbob'],
    ['', 'ada = operator\n\n* = viewer', 'a=b = administrator', VARIABLE],
  ),
];

const COMMAND = [
  ...cases('tpe-command', 'action', {}, ...choice('send', 'get', 'list', 'remove')),
  ...clientids('tpe-command', { action: 'send' }),
  ...cases(
    'tpe-command',
    'clientid',
    { action: 'send', clientidType: 'json' },
    ['{', '[]', '{}', '{"tga": "north"}', '{"tag": ""}', 'null', 'true', '[""]', '{"all": false}', '1.5'],
    ['["a", "b"]', '{"tag": "north"}', '{"all": true}', '12345', '[1, 2]', ['{', { action: 'list' }]],
  ),
  ...cases(
    'tpe-command',
    'params',
    { action: 'send', operation: 'x' },
    [
      [[{ name: 'id', type: 'num', value: 'one' }], {}],
      [[{ name: 'id', type: 'json', value: '{' }], {}],
      [[{ name: 'id', type: 'jsonata', value: '$sum(' }], {}],
      [[{ name: 'id', type: 'pigeon', value: '1' }], {}],
      [[{ name: 'id' }], {}],
    ],
    [
      [[], {}],
      [[{ name: 'id', type: 'num', value: '1' }], {}],
      [[{ name: 'id', type: 'num', value: '' }], {}],
      [[{ name: 'id', type: 'msg', value: 'payload.id' }], {}],
      [[{ name: 'id', type: 'num', value: 'one' }], { action: 'list' }],
    ],
  ),
  ...cases(
    'tpe-command',
    'method',
    { action: 'send' },
    ['FETCH', 'get'],
    ['', 'GET', 'DELETE', VARIABLE, ['FETCH', { operation: 'x' }]],
  ),
  ...cases(
    'tpe-command',
    'path',
    { action: 'send', pathType: 'str' },
    ['device', '/a#b', '/a\\b', `/${'x'.repeat(2100)}`, ...BAD_EXPRESSIONS('path')],
    ['', '/device/general', '/api/v1/device/general?x=1', VARIABLE, ...EXPRESSIONS('path')],
  ),
  ...cases(
    'tpe-command',
    'requestBody',
    { action: 'send', requestBodyType: 'json' },
    [
      '{',
      '5',
      '"text"',
      'true',
      '{"a": 1,}',
      `${'['.repeat(100)}${']'.repeat(100)}`,
      ...BAD_EXPRESSIONS('requestBody'),
    ],
    [
      '',
      '{}',
      '[]',
      'null',
      '{"ip": {"$from": "msg", "value": "payload.ip"}}',
      VARIABLE,
      ...EXPRESSIONS('requestBody'),
    ],
  ),
  ...cases('tpe-command', 'check', { action: 'send' }, ...choice('refuse', 'warn')),
  ...cases(
    'tpe-command',
    'timeout',
    { action: 'send' },
    [...seconds('timeout', 3600)[0]],
    [...seconds('timeout', 3600)[1]],
  ),
  ...cases('tpe-command', 'whenOffline', { action: 'send' }, ...choice('fail', 'queue')),
  ...cases('tpe-command', 'whenGuarded', { action: 'send' }, ...choice('fail', 'queue')),
  ...cases(
    'tpe-command',
    'queueFor',
    { action: 'send' },
    [...seconds('queueFor', 604_800)[0]],
    [
      ...seconds('queueFor', 604_800)[1],
      ['abc', { queueForType: 'num', whenOffline: 'fail', whenGuarded: 'fail' }],
    ],
  ),
  ...cases(
    'tpe-command',
    'wait',
    { action: 'send' },
    ['maybe', '-1', '1e9'],
    ['', 'true', 'false', '30', VARIABLE],
  ),
  ...cases('tpe-command', 'untilWell', { action: 'send' }, ...choice('true', 'false')),
  ...cases('tpe-command', 'whenNone', { action: 'send' }, ...choice('error', 'empty')),
  ...cases(
    'tpe-command',
    'atOnce',
    { action: 'send', atOnceType: 'num' },
    ['0', '-1', '1.5', '257', 'abc', ...BAD_EXPRESSIONS('atOnce')],
    ['', '1', '256', VARIABLE, ...EXPRESSIONS('atOnce'), ['abc', { action: 'list' }]],
  ),
  ...cases('tpe-command', 'requestId', { action: 'get' }, BAD_EXPRESSIONS('requestId'), [
    '',
    '17',
    ...EXPRESSIONS('requestId'),
  ]),
  ...cases(
    'tpe-command',
    'categoryid',
    { action: 'operations', categoryidType: 'num' },
    ['abc', '-1', '1.5', ...BAD_EXPRESSIONS('categoryid')],
    ['', '3', ['abc', { action: 'send' }]],
  ),
];

const REGISTER = [
  ...cases('tpe-register', 'action', {}, ...choice('register', 'list', 'refresh')),
  ...clientids('tpe-register', { action: 'register' }),
  ...cases('tpe-register', 'clientid', { action: 'list', clientidType: 'str' }, [], ['a/b']),
  ...cases(
    'tpe-register',
    'data',
    { action: 'list', dataType: 'json' },
    [
      '{',
      '{"tga": "x"}',
      '[]',
      ...BAD_EXPRESSIONS('data'),
      ['{"tga": "x"}', { action: 'export' }],
      ['{"tga": 1}', { action: 'update' }],
    ],
    [
      '',
      '{}',
      '{"tag": "x", "limit": 5}',
      '{"clientids": [7]}',
      VARIABLE,
      ...EXPRESSIONS('data'),
      ['{"site": "x"}', { action: 'update' }],
    ],
  ),
  ...cases('tpe-register', 'format', { action: 'import' }, ...choice('csv', 'json')),
];

/** The cases of a number of a job's pace. */
const paces = (field: string) =>
  cases(
    'tpe-job',
    field,
    { action: 'start' },
    ['-1', 'abc', '1e9', '2.5'].map((value) => typed(field, 'num', value)),
    [...['', '3', VARIABLE].map((value) => typed(field, 'num', value)), ...EXPRESSIONS(field)],
  );

const OTHERS = [
  ...cases('tpe-output', 'kind', {}, ...choice('all', 'answer', 'telemetry')),
  ...cases('tpe-output', 'state', {}, ...choice('SUCCEEDED', 'FAILED')),
  ...cases('tpe-output', 'unsolicited', {}, ...choice('all', 'no', 'only')),
  ...cases(
    'tpe-output',
    'topic',
    { kind: 'telemetry' },
    ['/a/#/b', '/a+', 'a#', '#/', '/a/+b', '$SYS/#', '$share/group/a/#'],
    ['', '#', '+', '/a/+/b/#', '+/+', '/a b/c', VARIABLE, ['/a/#/b', { kind: 'answer' }]],
  ),
  ...cases('tpe-status', 'changes', {}, ...choice('changes', 'start', 'offline', 'none')),
  ...cases('tpe-status', 'action', {}, ...choice('status', 'offline', 'connection', 'counts', 'health')),
  ...cases(
    'tpe-status',
    'offlineFor',
    { changes: 'offline', action: 'status' },
    [...seconds('offlineFor', 2_592_000)[0]],
    [
      ...seconds('offlineFor', 2_592_000)[1],
      ['abc', { offlineForType: 'num', changes: 'changes', action: 'status' }],
    ],
  ),
  ...cases('tpe-alarm', 'least', {}, ...choice('critical', 'warning', 'info')),
  ...cases('tpe-alarm', 'kind', {}, ...choice('offline', 'certificate-ends', 'own')),
  ...cases('tpe-alarm', 'language', {}, ['fr', 'en'], ['', 'en-US', 'zh-TW', VARIABLE]),
  ...cases(
    'tpe-alarm',
    'action',
    {},
    ...choice('raise', 'clear', 'acknowledge', 'assign', 'shelve', 'unshelve'),
  ),
  ...cases('tpe-alarm', 'severity', { action: 'raise' }, ...choice('critical', 'warning', 'info')),
  ...clientids('tpe-alarm', { action: 'raise' }),
  ...['key', 'text', 'advice'].flatMap((field) =>
    cases(
      'tpe-alarm',
      field,
      { action: 'raise', [`${field}Type`]: 'str' },
      ['x'.repeat(501), ...BAD_EXPRESSIONS(field)],
      ['', 'Door 4', VARIABLE, ...EXPRESSIONS(field), ['x'.repeat(501), { action: 'unshelve' }]],
    ),
  ),
  ...cases(
    'tpe-alarm',
    'note',
    { action: 'shelve', noteType: 'str' },
    ['x'.repeat(501)],
    ['', 'Ada is there'],
  ),
  ...cases(
    'tpe-alarm',
    'to',
    { action: 'assign', toType: 'str' },
    ['x'.repeat(101), ...BAD_EXPRESSIONS('to')],
    ['', 'ada', VARIABLE, ...EXPRESSIONS('to'), ['x'.repeat(101), { action: 'shelve' }]],
  ),
  ...cases(
    'tpe-alarm',
    'alarm',
    { action: 'acknowledge', alarmType: 'str' },
    [typed('alarm', 'json', '{'), ...BAD_EXPRESSIONS('alarm')],
    ['', '42', typed('alarm', 'json', '["1", "2"]'), ...EXPRESSIONS('alarm')],
  ),
  ...cases(
    'tpe-alarm',
    'seconds',
    { action: 'shelve', secondsType: 'num' },
    ['0', '59', '2592001', 'abc', '60.5', ...BAD_EXPRESSIONS('seconds')],
    ['', '60', '2592000', VARIABLE, ...EXPRESSIONS('seconds'), ['1', { action: 'raise' }]],
  ),
  ...cases('tpe-update-scan', 'action', {}, ...choice('scan', 'stop', 'progress', 'results')),
  ...cases(
    'tpe-update-scan',
    'filter',
    { action: 'scan', filterType: 'json' },
    ['{', '{"tga": "x"}', 'true', '[]', ...BAD_EXPRESSIONS('filter')],
    [
      '',
      '{}',
      '{"tag": "north"}',
      '["a"]',

      VARIABLE,
      ...EXPRESSIONS('filter'),
      ['{', { action: 'stop' }],
    ],
  ),
  ...cases(
    'tpe-update-scan',
    'schedule',
    { action: 'scan' },
    ['daily', '61 * * * *', '* * *', '0 3 * * 9', '0 0 30 2 *'],
    ['', '0 3 * * *', '*/5 * * * *', '0 0 3 * * MON', '@daily', VARIABLE, ['daily', { action: 'results' }]],
  ),
  ...cases('tpe-update-install', 'action', {}, ...choice('install', 'get', 'list', 'cancel')),
  ...clientids('tpe-update-install', { action: 'install' }),
  ...cases(
    'tpe-update-install',
    'packages',
    { action: 'install', packagesType: 'json' },
    [
      '{',
      '[]',
      '{"category": "mil"}',
      '7',
      '[{"category": "x", "version": "1", "yamlUrl": "u"}]',
      ...BAD_EXPRESSIONS('packages'),
    ],
    ['', '{"category": "mil", "version": "1", "yamlUrl": "u"}', VARIABLE, ...EXPRESSIONS('packages')],
  ),
  ...cases('tpe-update-install', 'snapshot', {}, ...choice('true', 'false')),
  ...cases('tpe-update-install', 'allowCellular', {}, ...choice('true', 'false')),
  ...cases(
    'tpe-update-install',
    'timeout',
    {},
    [...seconds('timeout', 86_400)[0]],
    [...seconds('timeout', 86_400)[1]],
  ),
  ...cases('tpe-update-install', 'installation', { action: 'get' }, BAD_EXPRESSIONS('installation'), [
    '',
    'a-b',
    ...EXPRESSIONS('installation'),
  ]),
  ...cases('tpe-update-install', 'wait', { action: 'get' }, ['maybe', '-1'], ['', 'true', '5']),
  ...cases('tpe-update-install', 'progress', {}, ...choice('own', 'all')),
  ...cases('tpe-job', 'action', {}, ...choice('start', 'preview', 'stopAll')),
  ...cases('tpe-job', 'work', { action: 'start' }, ...choice('command', 'install', 'steps')),
  ...cases('tpe-job', 'devices', {}, ...choice('none', 'failed', 'all')),
  ...cases('tpe-job', 'job', { action: 'pause' }, BAD_EXPRESSIONS('job'), ['', '42', ...EXPRESSIONS('job')]),
  ...cases(
    'tpe-job',
    'targets',
    { action: 'start', targetsType: 'str' },
    [
      ...BAD_IDS,
      ...['{', '{}', '[]', 'true', '{"tga": "x"}', '{"ids": 7'].map((value) =>
        typed('targets', 'json', value),
      ),
      ...BAD_EXPRESSIONS('targets'),
    ],
    [
      ...['', 'gw-7', VARIABLE, ['a/b', { action: 'pause' }]],
      ...[
        '{"tag": "north"}',
        '["a"]',
        '{"all": true}',
        '{"ids": ["a"], "expect": 1}',
        '[{"clientid": "a"}]',
      ].map((value) => typed('targets', 'json', value)),
      ...EXPRESSIONS('targets'),
    ],
  ),
  ...cases(
    'tpe-job',
    'steps',
    { action: 'start', work: 'steps', stepsType: 'json' },
    ['{', '[]', '{}', '[{"dance": {}}]', ...BAD_EXPRESSIONS('steps')],
    ['', '[{"waitOnline": {}}]', VARIABLE, ['{', { work: 'command' }], ...EXPRESSIONS('steps')],
  ),
  ...cases(
    'tpe-job',
    'verify',
    { action: 'start', work: 'command', verifyType: 'json' },
    ['{', '{"path": "/a"}', '7', ...BAD_EXPRESSIONS('verify')],
    [
      '',
      '{"path": "/a", "pointer": "/b", "equals": 1}',
      ['{', { work: 'install' }],
      ...EXPRESSIONS('verify'),
    ],
  ),
  ...cases(
    'tpe-job',
    'perTarget',
    { action: 'start', perTargetType: 'json' },
    ['{', '{}', '[]', ...BAD_EXPRESSIONS('perTarget')],
    ['', '[{"clientid": "a", "port": 502}]', ...EXPRESSIONS('perTarget')],
  ),
  ...['maxInProgress', 'perSite', 'jitterSeconds', 'offlineSeconds', 'inProgressSeconds'].flatMap(paces),
  ...['retryFailed', 'retryTimedOut', 'backoffSeconds'].flatMap(paces),
  ...cases(
    'tpe-job',
    'timeout',
    { action: 'start', work: 'command' },
    [...seconds('timeout', 86_400)[0]],
    [...seconds('timeout', 86_400)[1]],
  ),
  ...cases(
    'tpe-job',
    'params',
    { action: 'start', work: 'command', operation: 'x' },
    [[[7], {}]],
    [[[], {}], ''],
  ),
  ...cases('tpe-job', 'method', { action: 'start', work: 'command' }, ...choice('GET', 'PATCH')),
  ...cases('tpe-job', 'check', { action: 'start', work: 'command' }, ...choice('refuse', 'warn')),
  ...cases('tpe-job', 'snapshot', { action: 'start', work: 'install' }, ...choice('true', 'false')),
  ...cases('tpe-job', 'allowCellular', { action: 'start', work: 'install' }, ...choice('true', 'false')),
  ...cases(
    'tpe-job',
    'path',
    { action: 'start', work: 'command', pathType: 'str' },
    ['device', '/a#b', ...BAD_EXPRESSIONS('path')],
    ['', '/device/general', VARIABLE, ...EXPRESSIONS('path')],
  ),
  ...cases(
    'tpe-job',
    'requestBody',
    { action: 'start', work: 'command', requestBodyType: 'json' },
    ['{', '7', 'true', ...BAD_EXPRESSIONS('requestBody')],
    ['', '{"now": true}', '[]', VARIABLE, ...EXPRESSIONS('requestBody')],
  ),
  ...cases(
    'tpe-job',
    'packages',
    { action: 'start', work: 'install', packagesType: 'json' },
    ['{', '[]', '{"category": "mil"}', ...BAD_EXPRESSIONS('packages')],
    ['', '{"category": "mil", "version": "1", "yamlUrl": "u"}', ...EXPRESSIONS('packages')],
  ),
  ...['jobName', 'note'].flatMap((field) =>
    cases(
      'tpe-job',
      field,
      { action: 'start', [`${field}Type`]: 'str' },
      ['x'.repeat(2001), ...BAD_EXPRESSIONS(field)],
      ['', 'Nightly', VARIABLE, ...EXPRESSIONS(field)],
    ),
  ),
  ...cases(
    'tpe-job',
    'maxPerMinute',
    { action: 'start' },
    ['0', '-1', 'abc', '6001'].map((value) => typed('maxPerMinute', 'num', value)),
    ['', '0.1', '6000'].map((value) => typed('maxPerMinute', 'num', value)),
  ),
  ...cases(
    'tpe-simulator',
    'count',
    {},
    ['-1', '1.5', '10001', 'a dozen'],
    ['', '0', '12', '10000', VARIABLE],
  ),
  ...cases('tpe-simulator', 'latencyFrom', {}, ['-1', 'fast', '3600001'], ['', '20', VARIABLE]),
  ...cases('tpe-simulator', 'latencyTo', {}, ['-1', 'slow', '3600001'], ['', '120', VARIABLE]),
  ...cases('tpe-simulator', 'whenNone', {}, ...choice('error', 'empty')),
  ...cases('tpe-simulator', 'fault', {}, ...choice('silent', 'hang')),
  ...cases(
    'tpe-simulator',
    'faulty',
    { fault: 'slow' },
    ['-1', 'all', '1.5'],
    ['', '3', ['all', { fault: '' }]],
  ),
  ...cases(
    'tpe-simulator',
    'names',
    {},
    ['a/b', 'a+', '#', '$sys', 'x'.repeat(61)],
    ['', 'plant', '4711', 'Pumpe 7', VARIABLE],
  ),
  ...cases(
    'tpe-simulator',
    'telemetryEvery',
    {},
    ['0', '-1', 'often', '86401', '5 s'],
    ['', '1', '2.5', '86400', VARIABLE],
  ),
  ...cases(
    'tpe-simulator',
    'telemetryTopic',
    { telemetryEvery: '5' },
    ['/plant/x', '/a/+/{clientid}', '/a/{clientid}/#', '+'],
    ['', '/a/{clientid}', '/a/{clientid}/b', VARIABLE, ['x', { telemetryEvery: '' }]],
  ),
];

export const FIELD_CASES: readonly FieldCase[] = [...SERVER, ...COMMAND, ...REGISTER, ...OTHERS];
