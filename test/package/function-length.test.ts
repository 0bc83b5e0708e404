import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { PACKAGE_ROOT } from '../support/editor-files.js';

const NODES = join(PACKAGE_ROOT, 'nodes');
/** What a reader can hold: the lines of one body, with all functions within it that share its variables. */
const MAX_LINES = 120;
/** Virtual gateways imitate machines, whose state is in one place there too. */
const EXEMPT = 'manager/gateway-simulator/';

interface Measured {
  name: string;
  lines: number;
}

/** Of each function in a file that has a body: its place, and how many lines the body takes. */
function functionsIn(file: string, text: string): Measured[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Measured[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const lineAt = (at: number) => source.getLineAndCharacterOfPosition(at).line;
      const lines = lineAt(node.body.getEnd()) - lineAt(node.body.getStart()) + 1;
      found.push({ name: `${file} ${nameOf(node)}`, lines });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration): string {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  return named?.getText() ?? 'without a name';
}

/** What of a file is script: all, or what stands in the tags of a Vue file or a form. */
function scriptOf(file: string): string {
  const text = readFileSync(join(NODES, file), 'utf8');
  if (!/\.(vue|html)$/.test(file)) return text;
  return [...text.matchAll(/<script(?![^>]*text\/html)[^>]*>(.*?)<\/script>/gs)]
    .map(([, script]) => script)
    .join('\n');
}

describe('package: the length of functions', () => {
  const all = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|vue|mjs|cjs|html)$/.test(file) && !file.startsWith(EXEMPT))
    .flatMap((file) => functionsIn(file, scriptOf(file)));

  it(`is ${MAX_LINES} lines at most`, () => {
    expect(all).to.have.length.above(5000);
    const long = all.filter(({ lines }) => lines > MAX_LINES);
    expect(long).to.deep.equal([]);
  });

  it('counts factories and arrows, with what is within them', () => {
    const text = 'function a() {\n  const b = () => {\n    return 1;\n  };\n  return b;\n}\n';
    expect(functionsIn('x.ts', text)).to.deep.equal([
      { name: 'x.ts a', lines: 6 },
      { name: 'x.ts b', lines: 3 },
    ]);
  });
});
