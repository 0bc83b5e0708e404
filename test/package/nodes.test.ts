import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { FILTER_KEYS } from '../../nodes/manager/registry/device-filter.js';
import { TPE_ERRORS } from '../../nodes/manager/shared/tpe-error.js';
import {
  compareKeys,
  definitionsIn,
  editorFiles,
  fieldsIn,
  keysOf,
  MANIFEST,
  PACKAGE_ROOT,
  serverWordsOfForms,
  usedKeys,
  wordsOfForms,
} from '../support/editor-files.js';

/** The texts that all nodes share are in the catalogue of tpe-server and used by name. */
const SHARED = 'tpe-server.status.';
/** Widgets of the dashboard follow its rules, not these. */
const TYPES = Object.keys(MANIFEST['node-red'].nodes).filter((type) => type.startsWith('tpe-'));

describe('package: nodes', () => {
  it('registers nodes', () => {
    expect(TYPES).to.include.members([
      'tpe-server',
      'tpe-register',
      'tpe-command',
      'tpe-output',
      'tpe-status',
      'tpe-simulator',
    ]);
  });

  it('says in one way, in the help of every node and in each language, where faults end', () => {
    for (const language of ['en-US', 'de', 'ja', 'zh-TW']) {
      const rules = TYPES.filter((type) => type !== 'tpe-server').map((type) => {
        const folder = dirname(editorFiles(type).script);
        const help = readFileSync(join(folder, 'locales', language, `${type}.html`), 'utf8');
        return /<p><b>(?:Errors|Fehler|エラー|失敗|錯誤)<\/b>.*?<\/p>/s.exec(help)?.[0];
      });
      expect(new Set(rules).size, language).to.equal(1);
      expect(rules[0], language).to.contain('<code>msg.error.code</code>').and.to.contain('Catch');
    }
  });

  it('lists every code of an error in the help of tpe-server, in each language, and no other', () => {
    const codes = Object.keys(TPE_ERRORS);
    for (const language of ['en-US', 'de', 'ja', 'zh-TW']) {
      const folder = dirname(editorFiles('tpe-server').script);
      const help = readFileSync(join(folder, 'locales', language, 'tpe-server.html'), 'utf8');
      const listed = [...help.matchAll(/<dt>([A-Z_]+)<\/dt>/g)].map(([, code]) => code);
      expect(listed, language).to.have.members(codes);
    }
  });

  it('names every condition of a filter in the help', () => {
    const { help } = editorFiles('tpe-register');
    for (const key of FILTER_KEYS) expect(help).to.contain(`<code>${key}</code>`);
  });

  for (const type of TYPES) {
    describe(type, () => {
      it('has all its files where Node-RED looks for them', () => {
        const { script } = editorFiles(type);
        expect(existsSync(script)).to.equal(true);
        expect(script).to.match(/\.c?js$/);
      });

      it('registers itself in the editor as what it is', () => {
        const definitions = definitionsIn(editorFiles(type).html);
        expect([...definitions.keys()]).to.deep.equal([type]);
        const definition = definitions.get(type)!;
        expect(definition.defaults).to.have.property('name');
        if (type === 'tpe-server') return;
        expect(definition.category).to.equal('TPEDM');
        expect(definition.defaults.server).to.include({ type: 'tpe-server', required: true });
        for (let port = 0; port < (definition.outputs ?? 0); port += 1) {
          const texts = keysOf(editorFiles(type).texts);
          expect(definition.outputLabels?.call({ _: (key: string) => key }, port)).to.be.oneOf(texts);
        }
      });

      it('has a form with a field for each property, and none besides', () => {
        const { html } = editorFiles(type);
        const { defaults, credentials = {} } = definitionsIn(html).get(type)!;
        const properties = [...Object.keys(defaults), ...Object.keys(credentials)];
        // The parameters of an operation are as many as it has: their rows are made by the form's own code.
        const ofCode = new Set(['params']);
        expect(fieldsIn(html)).to.have.members(properties.filter((name) => !ofCode.has(name)));
      });

      it('keeps secrets out of the flow file and away from the editor', () => {
        const { defaults, credentials = {} } = definitionsIn(editorFiles(type).html).get(type)!;
        expect(Object.keys(defaults).filter((name) => /password|secret|token|databaseUrl/i.test(name))).to.be
          .empty;
        const secrets = Object.entries(credentials).filter(([name]) => name !== 'username');
        for (const [name, { type: kind }] of secrets) expect(kind, name).to.equal('password');
      });

      it('has an icon of its own', () => {
        const { icon } = definitionsIn(editorFiles(type).html).get(type)!;
        expect(icon).to.equal(`${type}.svg`);
        expect(existsSync(join(PACKAGE_ROOT, 'dist/nodes/tpe-server/icons', icon!))).to.equal(true);
      });

      it('has every text that it uses, and none that it does not use', () => {
        const { html, sources, texts } = editorFiles(type);
        const used = usedKeys(type, html, sources);
        // The forms' own code has its texts in tpe-command.
        if (type === 'tpe-command') used.push(...wordsOfForms());
        if (type === 'tpe-server')
          used.push(SHARED, 'tpe-server.widget.', 'tpe-server.fault.', ...serverWordsOfForms());
        expect(compareKeys(used, keysOf(texts))).to.deep.equal({ missing: [], unused: [] });
      });

      it('has complete help', () => {
        const { help } = editorFiles(type);
        const { inputs, outputs } = definitionsIn(editorFiles(type).html).get(type)!;
        expect(help).to.match(new RegExp(`data-help-name="${type}"`));
        expect(help).to.contain('<h3>Details</h3>');
        expect(help.includes('<h3>Inputs</h3>'), 'inputs').to.equal((inputs ?? 0) > 0);
        expect(help.includes('<h3>Outputs</h3>'), 'outputs').to.equal((outputs ?? 0) > 0);
        if ((outputs ?? 0) > 1) expect(help).to.contain('class="node-ports"');
        if (type !== 'tpe-server') expect(help).to.contain('<h4>Example</h4>');
        expect(tagsOutOfOrder(help)).to.equal(null);
      });
    });
  }

  it('finds a text that is missing, and one too many', () => {
    const html = `<span data-i18n="tpe-x.label.a"></span><input data-i18n="[placeholder]tpe-x.placeholder.b">
      <script type="text/javascript">this._('tpe-x.label.c'); node._('tpe-x.tab.' + name)</script>`;
    const texts = { 'tpe-x': { label: { a: '', z: '' }, tab: { one: '' } } };
    expect(compareKeys(usedKeys('tpe-x', html), keysOf(texts))).to.deep.equal({
      missing: ['tpe-x.placeholder.b', 'tpe-x.label.c'],
      unused: ['tpe-x.label.z'],
    });
  });

  it('has a shared text for every status that nodes show', () => {
    const compiled = join(PACKAGE_ROOT, 'dist/nodes');
    const sources = [
      join(compiled, 'node-red'),
      join(compiled, 'dashboard'),
      ...TYPES.map((type) => join(compiled, type)),
    ].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.js'))
        .map((file) => readFileSync(join(folder, file), 'utf8')),
    );
    const named = [...sources.join('\n').matchAll(/sharedText\)?\('(\w+)'\)/g)].map(
      ([, key]) => `${SHARED}${key}`,
    );
    const thrown = Object.keys(TPE_ERRORS).map((code) => `${SHARED}${code}`);
    expect(named).not.to.be.empty;
    const present = keysOf(editorFiles('tpe-server').texts).filter((key) => key.startsWith(SHARED));
    expect(new Set([...named, ...thrown])).to.deep.equal(new Set(present));
  });

  it('draws icons as Node-RED wants them: white on nothing, 40 by 60', () => {
    const icons = readdirSync(join(PACKAGE_ROOT, 'icons'));
    expect(icons).to.have.length.greaterThan(0);
    for (const icon of icons) {
      const drawing = readFileSync(join(PACKAGE_ROOT, 'icons', icon), 'utf8');
      expect(icon).to.match(/^(ui-)?tpe-[a-z-]+\.svg$/);
      expect(drawing, icon).to.contain('viewBox="0 0 40 60"').and.to.contain('width="40" height="60"');
      const colours = new Set(
        [...drawing.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, colour]) => colour),
      );
      colours.delete('none');
      expect([...colours], icon).to.deep.equal(['#fff']);
    }
  });

  it('uses every node in an example, so that people find it there', () => {
    const folder = join(PACKAGE_ROOT, 'examples');
    const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.json'),
    );
    const nodes = examples.flatMap(
      (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as { type: string }[],
    );
    expect(nodes.map((node) => node.type)).to.include.members(TYPES);
  });
});

/** The first tag that closes another than the one that is open; null when all fit. */
function tagsOutOfOrder(html: string): string | null {
  const open: string[] = [];
  for (const [, slash, tag] of html.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (!slash) open.push(tag ?? '');
    else if (open.pop() !== tag) return `</${tag}>`;
  }
  return open.at(-1) ?? null;
}
