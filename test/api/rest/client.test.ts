import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../../support/node-red-process.js';
import { restFlow } from '../../support/rest-flow.js';

/** A program of somebody else, written against the types that are made from the document. */
const PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './rest.js';

type Gateway = components['schemas']['Gateway'];

export async function lookAround(baseUrl: string, token: string) {
  const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } });
  const { data: list, error } = await client.GET('/device', { params: { query: { limit: 1, sort: 'clientid' } } });
  if (error) throw new Error(\`\${error.data.code}: \${error.data.message}\`);
  const gateways: Gateway[] = list.data;
  const clientid: string = gateways[0]?.clientid ?? '';
  const next: string | undefined = list.next;
  const registered = await client.POST('/device', { body: { clientid: 'by-client', tags: ['a'] } });
  const password: string | undefined = registered.data?.data.password;
  const sent = await client.POST('/emqx/clients/{clientid}/message', {
    params: { path: { clientid }, query: { wait: '30' } },
    body: { path: '/device/general', method: 'GET' },
  });
  const missing = await client.GET('/device/{clientid}', { params: { path: { clientid: 'nobody' } } });
  const code: components['schemas']['Refusal']['data']['code'] | undefined = missing.error?.data.code;
  const { data: operations } = await client.GET('/operation', { params: { query: { categoryid: 1 } } });
  const names: string[] = (operations?.data ?? []).map((row) => row.name);
  return { clientid, next, password, sent: sent.data, code, names };
}
`;

/** What must not compile: names and values that the document does not have. */
const WRONG = `
import createClient from 'openapi-fetch';
import type { paths } from './rest.js';
const client = createClient<paths>({ baseUrl: '' });
void client.GET('/device', { params: { query: { sort: 'colour' } } });
void client.GET('/devices');
void client.POST('/device', { body: { tags: [] } });
`;

const OPTIONS: ts.CompilerOptions = {
  ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noUnusedLocals: true },
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  skipLibCheck: true,
};

/** Runs the program by itself: the compiler keeps this process from noticing which of its connections have ended meanwhile. */
const RUN = `
const [url, token] = process.argv.slice(2);
require('./program.js').lookAround(url, token).then((seen) => console.log(JSON.stringify(seen)));
`;

describe('a client that is generated from the OpenAPI document', () => {
  // Where it finds the packages of this one.
  const folder = mkdtempSync(join(PROJECT_ROOT, 'dist/client-'));
  let nodeRed: NodeRedProcess;

  before(async () => {
    nodeRed = await startNodeRed({ flow: restFlow(), env: { TPE_SIMULATED_GATEWAYS: '2' } });
    await nodeRed.printed(/Started flows/);
    const headers = { authorization: `Bearer ${nodeRed.token}` };
    const document = await fetch(`${nodeRed.url}/api/openapi.json`, { headers });
    expect(document.status).to.equal(200);
    expect(document.headers.get('content-type')).to.match(/^application\/json/);
    writeFileSync(join(folder, 'rest.ts'), astToString(await openapiTS(await document.text())));
    writeFileSync(join(folder, 'program.ts'), PROGRAM);
    writeFileSync(join(folder, 'wrong.ts'), WRONG);
    writeFileSync(join(folder, 'run.js'), RUN);
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await nodeRed?.stop();
  });

  function compile(name: string): string[] {
    const program = ts.createProgram([join(folder, name)], OPTIONS);
    const faults = ts.getPreEmitDiagnostics(program).map(({ messageText, start, file }) => {
      const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n').split('\n', 1)[0]}`;
    });
    if (faults.length === 0) program.emit();
    return faults;
  }

  it('compiles under strict rules, and calls the running server', async () => {
    expect(compile('program.ts')).to.deep.equal([]);
    const program = [join(folder, 'run.js'), `${nodeRed.url}/api`, nodeRed.token];
    const { stdout } = await promisify(execFile)(process.execPath, program);
    const seen = JSON.parse(stdout) as Record<string, unknown>;
    expect(seen).to.deep.include({ clientid: 'virtual-0001', code: 'NOT_FOUND' });
    expect(seen.next, 'another page').to.be.a('string');
    expect(seen.password, 'of a gateway that was registered').to.be.a('string');
    expect(seen.sent).to.have.nested.property('data.state', 'SUCCEEDED');
    expect(seen.names).not.to.deep.equal([]);
  });

  it('does not compile where it asks for what there is not', () => {
    const lines = compile('wrong.ts').map((fault) => fault.split(':', 1)[0]);
    expect(new Set(lines)).to.deep.equal(new Set(['5', '6', '7']));
  });
});
