import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { HTTP_STATUS } from '../../../nodes/api/http-status.js';
import { ROUTES } from '../../../nodes/api/rest/index.js';
import { openApiText } from '../../../nodes/api/rest/open-api.js';
import { TPE_ERRORS } from '../../../nodes/manager/shared/tpe-error.js';
import { DOCUMENT, documentedAnswer, documentedCall, misfit } from '../../support/rest-document.js';

describe('the OpenAPI document of REST', () => {
  it('is accepted by a validator of OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(openApiText(ROUTES)));
    expect(errors ?? []).to.deep.equal([]);
    expect(valid).to.equal(true);
    expect(validator.version).to.equal('3.1');
  });

  it('has every route, each with a name of its own', () => {
    const described = Object.entries(DOCUMENT.paths).flatMap(([path, calls]) =>
      Object.keys(calls).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described).to.have.members(ROUTES.map(({ method, path }) => `${method} ${path}`));
    const names = Object.values(DOCUMENT.paths).flatMap((calls) =>
      Object.values(calls).map(({ operationId }) => operationId),
    );
    expect(new Set(names).size).to.equal(names.length);
  });

  it('says of every answer what is in it', () => {
    for (const { method, path, data, file } of ROUTES)
      expect(data !== undefined || file !== undefined, `${method} ${path}`).to.equal(true);
  });

  it('has an answer for every error that a route tells of, and for who has no token', () => {
    for (const { method, path, errors = [] } of ROUTES) {
      const call = documentedCall(method, path)!;
      for (const status of [401, 429, 500, 503, ...errors.map((code) => HTTP_STATUS[code])])
        expect(documentedAnswer(call, status), `${method} ${path}: ${status}`).not.to.equal(null);
    }
  });

  it('explains every code of an error', () => {
    const { info } = JSON.parse(openApiText(ROUTES)) as { info: { description: string } };
    for (const [code, meaning] of Object.entries(TPE_ERRORS)) {
      expect(info.description).to.include(
        `| \`${code}\` | ${HTTP_STATUS[code as keyof typeof TPE_ERRORS]} |`,
      );
      expect(info.description).to.include(meaning);
    }
  });

  it('gives an example of each body and each answer in JSON, and they fit', () => {
    const check = (content: Record<string, { schema?: object; example?: unknown }>, place: string) => {
      for (const { schema, example } of Object.values(content)) {
        // Files have none.
        if (schema === undefined) continue;
        expect(example, place).not.to.equal(undefined);
        expect(misfit(schema, example), place).to.equal('');
      }
    };
    for (const [path, calls] of Object.entries(DOCUMENT.paths)) {
      for (const [method, call] of Object.entries(calls)) {
        check(call.requestBody?.content ?? {}, `${method} ${path}: body`);
        check(documentedAnswer(call, 200)?.content ?? {}, `${method} ${path}: answer`);
      }
    }
  });

  it('tells an answer that it describes from one that has more or less', () => {
    const { content } = documentedAnswer(documentedCall('GET', '/device/A')!, 200)!;
    const { schema, example } = content['application/json'] as { schema: object; example: { data: object } };
    expect(misfit(schema, example)).to.equal('');
    expect(misfit(schema, { ...example, data: { ...example.data, secret: 'x' } })).to.include('secret');
    expect(misfit(schema, { ...example, data: { ...example.data, tags: undefined } })).to.include('tags');
    expect(misfit(schema, { status: false, data: example.data })).not.to.equal('');
    expect(documentedAnswer(documentedCall('GET', '/device/A')!, 409)).to.equal(null);
  });

  it('uses every schema that it names', () => {
    const text = openApiText(ROUTES);
    for (const name of Object.keys(DOCUMENT.components.schemas))
      expect(text, name).to.include(`"#/components/schemas/${name}"`);
  });
});
