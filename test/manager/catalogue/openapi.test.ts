import { expect } from 'chai';
import { ask, readDocument, withBody } from '../../support/openapi.js';

const OK = { '200': { description: 'ok' } };
const json = (schema: unknown, more: object = {}) => ({
  content: { 'application/json': { schema, ...more } },
});
const SECONDS = {
  type: 'object',
  required: ['seconds'],
  properties: { seconds: { type: 'integer' } },
};

describe('an OpenAPI document', () => {
  describe('with references', () => {
    it('has what stands in place of an operation, a path, a parameter, a body, an answer, an example', () => {
      const read = readDocument({
        openapi: '3.1.0',
        paths: {
          '/stop': { post: { $ref: '#/components/x-ops/stop', tags: ['Pumps'] } },
          '/item/{id}': { $ref: '#/components/pathItems/Item', parameters: [] },
        },
        components: {
          'x-ops': {
            stop: {
              operationId: 'stopPump',
              requestBody: { $ref: '#/components/requestBodies/Stop' },
              responses: { '200': { $ref: '#/components/responses/Done' } },
            },
          },
          pathItems: {
            Item: { get: { parameters: [{ $ref: '#/components/parameters/Id' }], responses: OK } },
          },
          parameters: { Id: { name: 'id', in: 'path', required: true, schema: { type: 'integer' } } },
          requestBodies: {
            Stop: {
              required: true,
              ...json(
                { $ref: '#/components/schemas/Stop' },
                { examples: { one: { $ref: '#/components/examples/Ten' } } },
              ),
            },
          },
          responses: { Done: json({ type: 'object', properties: { done: { type: 'boolean' } } }) },
          examples: { Ten: { value: { seconds: 10 } } },
          schemas: { Stop: SECONDS },
        },
      });
      expect([...read.refused]).to.deep.equal([]);
      const [stop, item] = read.operations;
      expect(stop).to.deep.include({
        ...{ method: 'POST', path: '/stop', category: 'Pumps', bodySchema: SECONDS },
        bodyExample: { seconds: 10 },
      });
      expect(stop!.answerSchema!.properties).to.have.key('done');
      expect(item!.parameters[0]!.schema.type).to.equal('integer');
      // What the standard does not say is told.
      expect(read.codes).to.include('ref-merged');
    });

    it('says of an operation in another file what it is, and how all come into one', () => {
      const { refused, documentNotes } = readDocument({
        paths: { '/start': { post: { $ref: 'ops/start.yml' } }, '/stop': { $ref: 'paths/stop.yml#/stop' } },
      });
      expect(refused.get('/paths/~1start/post')).to.match(/another file \("ops\/start\.yml"\).*bundle/);
      expect(refused.get('/paths/~1stop')).to.match(/another file/);
      const [files] = documentNotes.filter(({ code }) => code === 'other-files');
      expect(files!.text).to.match(/not here: 2 \(.*ops\/start\.yml.*redocly.*bundle/);
    });

    it('is read by its pointers as they are escaped, its anchors and its ids', () => {
      const schemas = {
        'a/b c~d': { type: 'string', maxLength: 1 },
        Named: { $anchor: 'named', type: 'string', maxLength: 2 },
        Own: {
          $id: 'https://example.com/own',
          type: 'string',
          maxLength: 3,
          $defs: { in: { maxLength: 4 } },
        },
      };
      const refs = ['#/components/schemas/a~1b%20c~0d', '#named', 'https://example.com/own'];
      const read = readDocument({
        openapi: '3.1.0',
        ...withBody(
          {
            type: 'object',
            properties: Object.fromEntries(
              [...refs, 'https://example.com/own#/$defs/in'].map(($ref, index) => [`p${index}`, { $ref }]),
            ),
          },
          { components: { schemas } },
        ),
      });
      const { properties } = read.operations[0]!.bodySchema as {
        properties: Record<string, { maxLength: number }>;
      };
      expect(Object.values(properties).map(({ maxLength }) => maxLength)).to.deep.equal([1, 2, 3, 4]);
    });

    it('has all its paths, and lists, where they stand', () => {
      const read = readDocument({
        paths: { $ref: '#/x-paths' },
        'x-paths': {
          '/a': { get: { parameters: { $ref: '#/x-list' }, responses: { $ref: '#/x-answers' } } },
        },
        'x-list': [{ name: 'q', in: 'query', schema: { type: 'integer' } }],
        'x-answers': { 200: json({ type: 'object' }) },
      });
      expect(read.operations[0]!.parameters[0]).to.deep.include({ name: 'q' });
      expect(read.operations[0]!.answerSchema).to.deep.equal({ type: 'object' });
      const { refused } = readDocument({ paths: { $ref: 'paths.yaml' } });
      expect(refused.get('/paths')).to.match(/another file \("paths\.yaml"\)/);
    });

    it('does not take the whole document for a schema', () => {
      expect([...readDocument(withBody({ $ref: '#' })).refused.values()][0]).to.match(
        /"#" is the whole document/,
      );
    });

    it('refuses one that leads nowhere, and does not take all of it for what is meant', () => {
      const read = readDocument(withBody({ $ref: '#nowhere' }));
      expect([...read.refused.values()][0]).to.match(/"#nowhere" is not in the document/);
    });

    it('counts what stands beside one as the version says', () => {
      const schema = { $ref: '#/components/schemas/A', maxLength: 3, description: 'words' };
      const more = { components: { schemas: { A: { type: 'string', maxLength: 9, minLength: 1 } } } };
      const body = (openapi: string) =>
        readDocument({ openapi, ...withBody({ type: 'object', properties: { a: schema } }, more) });
      const old = body('3.0.3');
      expect(old.codes).to.deep.equal(['ref-siblings']);
      expect(ask(old, {}, { a: '12345' }).faults).to.deep.equal([]);
      const later = body('3.1.0');
      expect(later.codes).to.deep.equal([]);
      expect(ask(later, {}, { a: '12345' }).faults.join()).to.match(/3 characters at most/);
      expect(ask(later, {}, { a: '' }).faults.join()).to.match(/must not be empty/);
    });

    it('says where one has itself within', () => {
      const Node = { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } };
      const read = readDocument(
        withBody({ $ref: '#/components/schemas/Node' }, { components: { schemas: { Node } } }),
      );
      expect(read.notes.map(({ text }) => text).join()).to.match(
        /#\/components\/schemas\/Node has itself within/,
      );
      expect(ask(read, {}, { next: { next: 1 } }).faults).to.deep.equal([]);
    });
  });

  describe('as YAML', () => {
    it('has its merge keys and its anchors written out, however often they are used', () => {
      const paths = Array.from(
        { length: 300 },
        (_, index) => `  /p${index}:\n    put: {<<: *common, summary: P${index}}`,
      );
      const { operations, refused } = readDocument(
        [
          'openapi: 3.0.3',
          'x-schema: &schema {type: object, required: [level], properties: {level: {type: integer}}}',
          'x-common: &common',
          '  requestBody: {required: true, content: {application/json: {schema: *schema}}}',
          '  responses: {200: {description: ok}}',
          'paths:',
          ...paths,
        ].join('\n'),
      );
      expect(refused.size).to.equal(0);
      expect(operations).to.have.length(300);
      for (const { bodySchema } of operations) expect(bodySchema?.required).to.deep.equal(['level']);
    });

    it('merges as the key says: what stands there first, then the first of a list', () => {
      const { operations } = readDocument(
        [
          'openapi: 3.0.3',
          'x-a: &a {summary: A, operationId: one}',
          'x-b: &b {summary: B, operationId: two, tags: [Both]}',
          'paths:',
          '  /x: {get: {<<: [*a, *b], summary: Own}}',
          '  /y: {get: {<<: *a, <<: *b}}',
        ].join('\n'),
      );
      expect(operations.map(({ name, category }) => [name, category])).to.deep.equal([
        ['Own', 'Both'],
        ['A', 'Both'],
      ]);
      expect(operations[0]!.id).to.match(/^own-one-/);
    });

    it('has keys as they are written, whatever they look like', () => {
      const { operations } = readDocument(
        [
          'openapi: 3.0.3',
          'paths:',
          '  /days:',
          '    put:',
          '      requestBody:',
          '        content:',
          '          application/json:',
          '            schema:',
          '              type: object',
          '              properties: {2026-01-31: {type: string}, 007: {type: string}, on: {type: string}, ~: {type: string}, 1.10: {type: string}}',
          '      responses:',
          '        200: {content: {application/json: {schema: {type: object, title: Answer}}}}',
        ].join('\n'),
      );
      expect(operations[0]!.bodySchema!.properties).to.have.keys('2026-01-31', '007', 'on', '~', '1.10');
      expect(operations[0]!.answerSchema).to.include({ title: 'Answer' });
    });

    const refused: [string, string, RegExp][] = [
      ['an alias within itself', 'a: &a {b: *a}', /stands for itself/],
      ['an alias of nothing', 'a: *b', /alias/i],
      ['a merge of what has no fields', 'a: {<<: 3}', /merge key/],
      ['merge keys that grow', mergeBomb(), /aliases stand for more/],
      ['a tab', 'openapi: 3.0.0\npaths:\n\t/a: {}', /tab/i],
      ['two documents', 'openapi: 3.0.0\n---\nopenapi: 3.0.0', /more than one document/],
      ['a key that is a list', 'openapi: 3.0.0\n? [a, b]\n: 1', /key is a list or an object/],
    ];
    for (const [what, text, words] of refused) {
      it(`says what is wrong with ${what}`, () => expect(() => readDocument(text)).to.throw(words));
    }

    it('tells of tags and numbers that JSON has not', () => {
      const { documentNotes } = readDocument(
        'openapi: 3.0.0\npaths: {/a: {get: {x-n: .inf}}, /b: !include b.yaml}\n',
      );
      expect(documentNotes.map(({ code }) => code)).to.include.members(['yaml-tags', 'yaml-numbers']);
      expect(documentNotes.find(({ code }) => code === 'yaml-tags')!.text).to.contain('!include');
    });

    it('is one in braces, too, begins with a mark of its encoding, and has its version as a number', () => {
      for (const text of [
        '{openapi: 3.1, paths: {/a: {get: {}}}}',
        '\uFEFFopenapi: 3.0\npaths: {/a: {get: {}}}',
      ])
        expect(readDocument(text).operations).to.have.length(1);
    });
  });

  describe('as JSON', () => {
    it('may have comments and commas too many, which is told', () => {
      const text =
        '// ours\n{"openapi": "3.0.0", /* all */ "paths": {"/a//b": {"get": {"summary": "x, // no"},},}, }';
      expect(() => readDocument(text.replaceAll('/a//b', '/a'))).not.to.throw();
      const { operations, documentNotes } = readDocument(text.replaceAll('/a//b', '/a'));
      expect(operations[0]!.name).to.equal('x, // no');
      expect(documentNotes[0]!.code).to.equal('file-comments');
    });

    it('tells of characters that were lost before, however they are written', () => {
      for (const lost of ['\ufffd', '\\ufffd', '\\uFFFD']) {
        const { documentNotes } = readDocument(
          `{"openapi": "3.0.0",\n"paths": {"/a": {"get": {"summary": "M${lost}nchen"}}}}`,
        );
        expect(documentNotes[0]).to.deep.include({
          code: 'lost-characters',
          params: { count: '1', line: '2' },
        });
      }
    });

    it('is refused where a field stands twice, of which one would be lost', () => {
      expect(() => readDocument('{"openapi": "3.0.0", "paths": {"/a": {"get": {}, "get": {}}}}')).to.throw(
        /"get" stands twice/,
      );
    });
  });

  describe('with servers', () => {
    const MOCK = 'https://virtserver.example.test/some.person/modbus/3.x.x';
    const pathOf = (servers: unknown, more: { item?: object; operation?: object; prefix?: string } = {}) => {
      const get = { responses: OK, ...more.operation };
      return readDocument({ servers, paths: { '/config': { get, ...more.item } } }, more.prefix);
    };
    const cases: [string, unknown, string][] = [
      ['none', undefined, '/config'],
      ['the API of a gateway', [{ url: 'https://192.0.2.1:8443/api/v1' }], '/config'],
      ['the API of a gateway, and more', [{ url: '/api/v1/station/' }], '/station/config'],
      [
        'the API behind a proxy',
        [{ url: 'https://proxy.example.com/gw/1/api/v1/station' }],
        '/station/config',
      ],
      ['a mock', [{ url: MOCK }], '/config'],
      [
        'a mock by what is said of it',
        [{ url: 'https://x.example.com/a/b', description: 'Auto Mocking' }],
        '/config',
      ],
      ['a mock, and another', [{ url: MOCK }, { url: '/station' }], '/station/config'],
      ['a mock before a gateway', [{ url: MOCK }, { url: 'http://gw/api/v1' }], '/config'],
      ['a path', [{ url: '/station' }], '/station/config'],
      [
        'variables',
        [
          {
            url: 'https://{host}/{base}',
            variables: { host: { default: 'gw' }, base: { default: 'api/v1/station' } },
          },
        ],
        '/station/config',
      ],
      ['a variable of which nothing is said', [{ url: 'https://gw/{base}' }], '/config'],
      ['one relative to nothing known', [{ url: '../up' }], '/config'],
    ];
    for (const [what, servers, path] of cases)
      it(`calls what is meant with ${what}`, () =>
        expect(pathOf(servers).operations[0]!.path).to.equal(path));

    it('says what it put before the paths, and why not', () => {
      const codes = (servers: unknown) => pathOf(servers).documentNotes.map(({ code }) => code);
      expect(codes([{ url: MOCK }])).to.include('server-mock');
      expect(codes([{ url: '/station' }])).to.include('server-used');
      expect(codes([{ url: 'https://gw/{base}' }])).to.include('server-unknown');
      expect(codes([{ url: '/station' }, { url: '/other' }])).to.include('servers-left');
    });

    it('takes that of a path before that of the document, and that of an operation before both', () => {
      const servers = [{ url: '/all' }];
      const item = { servers: [{ url: '/item' }] };
      const operation = { servers: [{ url: '/operation' }] };
      expect(pathOf(servers, { item }).operations[0]!.path).to.equal('/item/config');
      const own = pathOf(servers, { item, operation });
      expect(own.operations[0]!.path).to.equal('/operation/config');
      expect(own.codes).to.include('own-server');
    });

    it('puts the prefix of a person before all of them', () => {
      const read = pathOf([{ url: '/all' }], {
        operation: { servers: [{ url: '/operation' }] },
        prefix: '/mine',
      });
      expect(read.operations[0]!.path).to.equal('/mine/config');
      expect(read.prefix).to.equal('/mine');
      expect(pathOf([{ url: '/all' }], { prefix: '' }).operations[0]!.path).to.equal('/config');
    });
  });

  describe('names what it leaves out', () => {
    it('of the document', () => {
      const { documentNotes } = readDocument({
        openapi: '3.1.0',
        webhooks: { alarm: { post: {} } },
        security: [{ token: [] }],
        jsonSchemaDialect: 'https://example.com/dialect',
        odd: 1,
        'x-ours': 2,
        tags: [],
      });
      const codes = documentNotes.map(({ code }) => code);
      for (const code of ['webhooks', 'security', 'dialect', 'unknown-fields', 'no-paths', 'only-words'])
        expect(codes).to.include(code);
      expect(documentNotes.map(({ text }) => text).join())
        .to.match(/alarm/)
        .and.match(/token/)
        .and.match(/x-ours/);
    });

    it('of an answer that is elsewhere, and the operation stays', () => {
      for (const responses of [
        { $ref: 'a.yaml' },
        { 200: { $ref: 'a.yaml' } },
        { 200: json({ $ref: 'a.yaml' }) },
        3,
      ]) {
        const { operations, codes } = readDocument({ paths: { '/a': { get: { responses } } } });
        expect(operations).to.have.length(1);
        expect(codes).to.deep.equal(['answer-unreadable']);
      }
    });

    it('of a path: methods that MQTT has not, and what is no method', () => {
      const { refused } = readDocument({
        paths: {
          '/a': { head: {}, options: {}, trace: {}, GET: {}, subscribe: {}, summary: 'x', 'x-a': 1 },
          'no-slash': { get: {} },
          'x-ours': {},
        },
      });
      expect([...refused.keys()]).to.have.members([
        ...['head', 'options', 'trace', 'GET', 'subscribe'].map((key) => `/paths/~1a/${key}`),
        '/paths/no-slash',
      ]);
      expect(refused.get('/paths/~1a/trace')).to.match(/TPE has no TRACE/);
      expect(refused.get('/paths/~1a/GET')).to.match(/small letters/);
    });

    it('of an operation: callbacks, headers, cookies, other bodies and answers', () => {
      const read = readDocument({
        paths: {
          '/a': {
            put: {
              deprecated: true,
              callbacks: { done: {} },
              parameters: [
                { name: 'X-Trace', in: 'header', schema: {} },
                { name: 'X-Key', in: 'header', required: true, schema: {} },
                { name: 'session', in: 'cookie', schema: {} },
                { name: 'Authorization', in: 'header', schema: {} },
                { name: 'gone', in: 'path', required: true, schema: {} },
                { name: 'odd', in: 'body', schema: {} },
              ],
              requestBody: {
                content: { 'multipart/form-data': {}, 'application/vnd.acme+json;v=1': { schema: SECONDS } },
              },
              responses: {
                '200': { content: { 'text/csv': {}, 'application/json': { schema: {} } } },
                '201': json({}),
                '4XX': json({}),
              },
            },
          },
        },
      });
      expect(read.codes).to.include.members([
        ...['deprecated', 'callbacks', 'header-parameter', 'header-needed', 'cookie-parameter'],
        ...[
          'parameter-not-in-path',
          'parameter-place',
          'body-types',
          'body-as-json',
          'answer-types',
          'answers-left',
        ],
      ]);
      expect(read.notes.map(({ text }) => text).join()).not.to.contain('Authorization');
      expect(read.operations[0]!.bodySchema).to.deep.equal(SECONDS);
    });

    it('and each note says where', () => {
      const { notes } = readDocument(withBody({ type: 'object', properties: { 'a/b': { type: 'file' } } }));
      expect(notes[0]).to.deep.include({
        place: '/paths/~1own/put/requestBody/content/application~1json/schema/properties/a~1b',
        code: 'keyword-value',
      });
    });
  });

  describe('with examples', () => {
    const exampleOf = (media: object, schema: object = SECONDS) => {
      const read = readDocument({
        paths: { '/a': { put: { requestBody: { content: { 'application/json': { schema, ...media } } } } } },
      });
      expect(read.refused.size).to.equal(0);
      return { example: read.operations[0]!.bodyExample, codes: read.codes };
    };
    const cases: [string, object, unknown, string[]][] = [
      ['a good one', { example: { seconds: 1 } }, { seconds: 1 }, []],
      [
        'one that is missing',
        { examples: { one: { $ref: '#/components/examples/No' } } },
        {},
        ['example-missing'],
      ],
      [
        'one that is missing before a good one',
        { examples: { one: { $ref: '#/components/examples/No' }, two: { value: { seconds: 2 } } } },
        { seconds: 2 },
        ['example-missing'],
      ],
      [
        'one elsewhere',
        { examples: { one: { externalValue: 'https://example.com/a' } } },
        {},
        ['example-elsewhere'],
      ],
      ['one of another file', { examples: { one: { $ref: 'a.json' } } }, {}, ['example-missing']],
      ['one that is no object', { examples: { one: 3 } }, {}, ['example-missing']],
      ['a list of them', { examples: [{ seconds: 3 }] }, {}, ['example-missing']],
      ['one that does not fit', { example: { seconds: 'x' } }, {}, ['example-unfit']],
      ['one that is large', { example: { seconds: 1, text: 'x'.repeat(20_000) } }, {}, ['example-large']],
    ];
    for (const [what, media, example, codes] of cases) {
      it(`takes what it can of ${what}, and the operation stays`, () =>
        expect(exampleOf(media)).to.deep.equal({ example, codes }));
    }

    it('takes those of the schema', () => {
      expect(exampleOf({}, { ...SECONDS, example: { seconds: 4 } }).example).to.deep.equal({ seconds: 4 });
      expect(exampleOf({}, { ...SECONDS, examples: [{ seconds: 5 }] }).example).to.deep.equal({ seconds: 5 });
    });
  });

  describe('with bodies', () => {
    const bodyOf = (requestBody: object, more: object = {}) =>
      readDocument({ paths: { '/a': { put: { requestBody } } }, ...more });

    it('that may be left out is asked for only where it is given', () => {
      const optional = bodyOf(json(SECONDS));
      expect(ask(optional, {}).faults).to.deep.equal([]);
      expect(ask(optional, {}, { seconds: 'x' }).faults).to.have.length(1);
      expect(ask(bodyOf({ ...json(SECONDS), required: true }), {}).faults.join()).to.match(
        /seconds is missing/,
      );
    });

    const types: [string, boolean][] = [
      ['application/json', true],
      ['application/json; charset=utf-8', true],
      ['text/json', true],
      ['application/merge-patch+json', true],
      ['*/*', true],
      ['application/*', true],
      ['multipart/form-data', false],
      ['application/x-www-form-urlencoded', false],
      ['application/octet-stream', false],
      ['application/x-ndjson', false],
      ['text/plain', false],
    ];
    for (const [type, isTaken] of types) {
      it(`of ${type} ${isTaken ? 'goes' : 'is refused with its reason'}`, () => {
        const { operations, refused } = bodyOf({ content: { [type]: { schema: SECONDS } } });
        expect(operations.map(({ bodySchema }) => bodySchema)).to.deep.equal(isTaken ? [SECONDS] : []);
        if (!isTaken)
          expect([...refused.values()][0])
            .to.contain(type)
            .and.contain('only JSON can');
      });
    }

    it('that is no object and no list is refused', () => {
      expect([...bodyOf(json({ type: 'string' })).refused.values()][0]).to.match(/only an object or a list/);
      expect(bodyOf(json({ type: ['object', 'null'] })).refused.size).to.equal(0);
      expect(bodyOf(json({ type: 'array', items: {} })).refused.size).to.equal(0);
    });

    it('that is of JSON before others', () => {
      const { operations } = bodyOf({
        content: {
          'application/json-patch+json': { schema: { type: 'array' } },
          'application/json': { schema: SECONDS },
        },
      });
      expect(operations[0]!.bodySchema).to.deep.equal(SECONDS);
    });
  });
});

/** Each level has the one before twice, by merging. */
function mergeBomb(): string {
  const lines = ['a0: &a0 {x: 1, y: 2}'];
  for (let level = 1; level < 40; level += 1)
    lines.push(`a${level}: &a${level} {l: {<<: *a${level - 1}}, r: {<<: *a${level - 1}}}`);
  return lines.join('\n');
}
